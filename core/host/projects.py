"""New plugin projects, written from the templates beside this module."""

import keyword
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from packaging.utils import canonicalize_name

from core.api import InvalidInput
from core.host.discovery import OWN_DISTRIBUTION
from core.host.manifest import PLUGIN_ID

TEMPLATES = Path(__file__).parent / "templates"
_COMMON = TEMPLATES / "common"
_TEMPLATE_ID = "my.plugin"


class ProjectKind(StrEnum):
    """What a new plugin contributes; each is a folder of templates."""

    EFFECT = "effect"
    TRANSITION = "transition"
    ANIMATION = "animation"
    ENCODER = "encoder"
    STORAGE = "storage"
    PROVIDER = "provider"


def write_project(plugin_id: str, kind: ProjectKind, folder: Path | None = None) -> Path:
    """Write a complete, working plugin project and return its folder.

    ``plugin_id`` may be written with dots or dashes. ``folder`` defaults to one named like the distribution, in the
    current folder; it must not hold anything. Raise ``InvalidInput`` for an id that can't be used or a folder that
    can't be written to; then nothing is written.
    """
    names = _names(plugin_id)
    target = folder if folder is not None else Path(names["my-plugin"])
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InvalidInput(
            f"{target} exists and is not an empty folder", path="--path", hint="name another with --path"
        )
    try:
        for source, inner in (*_files(_COMMON), *_files(TEMPLATES / kind.value)):
            path = target / _filled(inner.as_posix(), names)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_filled(source.read_text(encoding="utf-8"), names), encoding="utf-8")
    except OSError as err:
        raise InvalidInput(f"{target} can't be written to: {err.strerror}", path="--path") from err
    return target


def _names(given: str) -> dict[str, str]:
    """Return what stands for each of the template's names."""
    plugin_id = given.replace("-", ".")
    package = plugin_id.replace(".", "_")
    if not PLUGIN_ID.fullmatch(plugin_id):
        raise InvalidInput(
            f"{given!r} can't be a plugin's id",
            path="id",
            hint="use lower-case words joined by dots, like acme.negative",
        )
    if plugin_id.split(".")[0] == OWN_DISTRIBUTION:
        raise InvalidInput(
            f'"{OWN_DISTRIBUTION}." is kept for Reelhouse itself', path="id", hint="begin with your name"
        )
    if keyword.iskeyword(package) or package in sys.stdlib_module_names:
        raise InvalidInput(f"{given!r} is taken by Python itself", path="id", hint="begin with your name")
    publisher, *rest = plugin_id.split(".")
    return {
        _TEMPLATE_ID: plugin_id,
        "my-plugin": canonicalize_name(plugin_id),
        "my_plugin": package,
        "My plugin": " ".join(rest or [publisher]).capitalize(),
        "My publisher": publisher.capitalize(),
    }


def _files(folder: Path) -> Iterator[tuple[Path, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path, path.relative_to(folder)


def _filled(text: str, names: dict[str, str]) -> str:
    for name, real in names.items():
        text = text.replace(name, real)
    return text
