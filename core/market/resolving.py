"""Resolving: which packages a plugin brings, beside what the host has and never in place of it.

Done by uv (https://docs.astral.sh/uv), with the host's installed packages as constraints, wheels alone (building one
would run its code), and no configuration but what is given here.
"""

import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

import uv
from packaging.utils import canonicalize_name

from core.market.failures import Conflicting
from core.market.wheel import Wheel

TIMEOUT_S = 300
_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:==(?P<version>\S+)| @ (?P<url>\S+))")
_BARE = ("--no-config", "--quiet", "--no-progress", "--color", "never", "--python", sys.executable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where packages may come from: folders of wheels, and an index (its address) where one is allowed."""

    folders: tuple[Path, ...] = ()
    index: str = ""

    def options(self) -> list[str]:
        """Return it as uv's options."""
        where = ["--default-index", self.index] if self.index else ["--no-index"]
        return [
            *where,
            *(option for folder in self.folders if folder.is_dir() for option in ("--find-links", str(folder))),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The packages that come with a plugin, by canonical name, with versions; ``lock`` pins them by hash."""

    packages: Mapping[str, str]
    lock: str


def host_packages() -> Mapping[str, str]:
    """Return what is installed with the host, by canonical name; what lies on the shelf is not."""
    site = Path(sys.prefix).resolve()
    found: dict[str, str] = {}
    for each in distributions():
        if Path(str(each.locate_file(""))).resolve().is_relative_to(site) and each.name:
            found.setdefault(canonicalize_name(each.name), each.version)
    return found


def resolve(wheel: Wheel, source: Source, *, folder: Path, host: Mapping[str, str]) -> Resolution:
    """Find the packages that a wheel needs and the host lacks. ``folder`` is for files in between.

    Raise ``Conflicting`` where they can't be had, or only by changing what the host has.
    """
    if wheel.distribution in host:
        raise Conflicting(f"{wheel.distribution} comes with the host: it can't be installed as a plugin")
    constraints, wanted = folder / "host.txt", folder / "wanted.in"
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in sorted(host.items())))
    wanted.write_text(f"{wheel.distribution} @ {wheel.path.resolve().as_uri()}\n")
    stand_ins = folder / "host"
    _write_stand_ins(stand_ins, host)
    options = ["--constraints", str(constraints), "--only-binary", ":all:", "--generate-hashes", "--no-annotate"]
    options += ["--no-header", "--no-emit-find-links", "--no-emit-index-url", "--find-links", str(stand_ins)]
    options += source.options()
    lock = _uv("pip", "compile", str(wanted), *options)
    pins = {canonicalize_name(match["name"]): match for line in lock.splitlines() if (match := _PINNED.match(line))}
    brought: dict[str, str] = {
        name: match["version"] or wheel.version for name, match in pins.items() if name not in host
    }
    return Resolution(packages=brought, lock="\n".join(_blocks(lock, brought)) + "\n")


def unpack(resolution: Resolution, source: Source, target: Path, *, folder: Path) -> None:
    """Install what was resolved into an empty folder, each file held against its hash. Raise ``Conflicting``."""
    lock = folder / "lock.txt"
    lock.write_text(resolution.lock)
    options = [
        "--target",
        str(target),
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--link-mode",
        "copy",
    ]
    _uv("pip", "install", "-r", str(lock), *options, *source.options())


def _uv(*arguments: str) -> str:
    try:
        done = subprocess.run(
            [uv.find_uv_bin(), *arguments, *_BARE],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as err:
        raise Conflicting(f"its packages could not be resolved within {TIMEOUT_S} s") from err
    if done.returncode:
        raise Conflicting(f"its packages can't be had beside the host's:\n{done.stderr.strip()}")
    return done.stdout


def _write_stand_ins(folder: Path, host: Mapping[str, str]) -> None:
    """Write a wheel without content for each of the host's packages: uv need not find it anywhere else."""
    folder.mkdir()
    for name, version in host.items():
        stem = f"{name.replace('-', '_')}-{version}"
        with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
            archive.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            archive.writestr(f"{stem}.dist-info/RECORD", "")


def _blocks(lock: str, wanted: Mapping[str, str]) -> Sequence[str]:
    """Return the lines of a lock that are about these packages: a pin, and the hashes that follow it."""
    kept: list[str] = []
    is_kept = False
    for line in lock.splitlines():
        if match := _PINNED.match(line):
            is_kept = canonicalize_name(match["name"]) in wanted
        if is_kept:
            kept.append(line)
    return kept
