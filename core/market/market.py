"""The market of an installation: what would be installed is shown first, and only what was shown is installed."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.api import API_VERSION
from core.host.blocking import read_block_list
from core.host.checking import Finding
from core.host.shelf import MARKET, Installed, Shelf
from core.market.failures import Conflicting, NotConsented, Unhealthy, Untrusted
from core.market.publishers import read_publishers
from core.market.resolving import Resolution, Source, host_packages, resolve, unpack
from core.market.trial import try_out
from core.market.wheel import Wheel, read_wheel


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What installing a wheel would do: show it, and give its ``wheel.sha256`` and capabilities back as consent.

    ``publisher`` vouches for it, empty for nobody. ``brings`` are the packages that come with it, ``replaces`` the
    version that is in use now, empty for none. Nothing of the host is changed.
    """

    wheel: Wheel
    publisher: str
    brings: Mapping[str, str]
    replaces: str
    resolution: Resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What an administrator agreed to: this very wheel, and what it may reach."""

    sha256: str
    hosts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


class Market:
    """Installs plugins into a home. ``unsigned`` names the plugins that may come without anybody vouching for them."""

    def __init__(self, home: Path, *, source: Source = Source(), unsigned: frozenset[str] = frozenset()) -> None:
        self._folder = home / MARKET
        self._shelf = Shelf(home)
        self._source = source
        self._unsigned = unsigned

    def plan(self, path: Path) -> Plan:
        """Read a wheel and find out what installing it would do; nothing is changed.

        Raise ``WheelRefused``, ``ManifestInvalid``, ``Untrusted``, ``Blocked``, ``Conflicting``.
        """
        return self._plan(path, self._source_for(path))

    def install(self, path: Path, consent: Consent, *, now: datetime) -> tuple[Installed, tuple[Finding, ...]]:
        """Install what was consented to, and use it from the next start on, if it passes its trial.

        All is checked again, whatever a plan said. Raise what ``plan`` does, ``NotConsented``, and ``Unhealthy``: what
        was in use before stays in use then.
        """
        with tempfile.TemporaryDirectory(prefix="reelhouse-market-") as temporary:
            folder = Path(temporary)
            own = folder / path.name
            shutil.copyfile(path, own)  # nobody changes it between what is checked and what is installed
            if (signature := path.with_name(f"{path.name}.sig")).is_file():
                shutil.copyfile(signature, folder / signature.name)
            source = self._source_for(path)
            plan = self._plan(own, source)
            manifest = plan.wheel.manifest
            if consent != Consent(sha256=plan.wheel.sha256, hosts=manifest.net, secrets=manifest.secrets):
                raise NotConsented(f"{manifest.id} is not what was consented to: look at the plan again")
            with self._shelf.placing(manifest.id) as made:
                unpack(plan.resolution, source, made, folder=folder)
                _strip(made)
                findings = try_out(made, manifest.id)
                placed = self._shelf.place(
                    made,
                    Installed(
                        id=manifest.id,
                        version=plan.wheel.version,
                        distribution=plan.wheel.distribution,
                        sha256=plan.wheel.sha256,
                        publisher=plan.publisher,
                        packages=plan.brings,
                        hosts=manifest.net,
                        secrets=manifest.secrets,
                    ),
                    now=now,
                )
        return placed, findings

    def check(self, plugin_id: str) -> tuple[Finding, ...]:
        """Try the version that is in use again; one that fails is rolled back, if there is one before. Raise both.

        Raise ``NotFound`` and ``Unhealthy``.
        """
        used = self._shelf.current(plugin_id)
        try:
            return try_out(used.folder, plugin_id)
        except Unhealthy as err:
            if not used.previous:
                raise
            before = self._shelf.roll_back(plugin_id)
            raise Unhealthy(f"{err}. Version {before.version} is in use again") from err

    def _plan(self, path: Path, source: Source) -> Plan:
        wheel = read_wheel(path)
        publisher = self._vouched(wheel)
        self._check_api(wheel)
        with tempfile.TemporaryDirectory(prefix="reelhouse-market-") as folder:
            resolution = resolve(wheel, source, folder=Path(folder), host=host_packages())
        self._check_blocked(wheel, resolution)
        self._check_others(wheel, resolution)
        replaces = next((each.version for each in self._shelf.installed() if each.id == wheel.manifest.id), "")
        return Plan(
            wheel=wheel, publisher=publisher, brings=resolution.packages, replaces=replaces, resolution=resolution
        )

    def _vouched(self, wheel: Wheel) -> str:
        """Return who vouches for a wheel."""
        try:
            return read_publishers(self._folder).verify(wheel.path)
        except Untrusted:
            if wheel.manifest.id in self._unsigned:
                return ""
            raise

    def _check_blocked(self, wheel: Wheel, resolution: Resolution) -> None:
        blocked = read_block_list(self._folder)
        for name, number in {**resolution.packages, wheel.manifest.id: wheel.version}.items():
            blocked.check(name, number)

    def _check_api(self, wheel: Wheel) -> None:
        if not wheel.manifest.fits_this_api:
            raise Conflicting(
                f"{wheel.manifest.id} asks for api {wheel.manifest.api}; this installation offers {API_VERSION}"
            )

    def _check_others(self, wheel: Wheel, resolution: Resolution) -> None:
        """Raise ``Conflicting`` where another plugin brought another version of the same package."""
        for other in self._shelf.installed():
            if other.id == wheel.manifest.id:
                continue
            for name, number in resolution.packages.items():
                if other.packages.get(name, number) != number:
                    raise Conflicting(
                        f"{wheel.manifest.id} needs {name} {number}, and {other.id} brought {other.packages[name]}"
                    )

    def _source_for(self, path: Path) -> Source:
        return Source(folders=(*self._source.folders, path.parent), index=self._source.index)


def _strip(folder: Path) -> None:
    """Remove what would be found on a path for programs: a plugin is loaded, not run."""
    for name in ("bin", "Scripts"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for path in folder.glob("*.pth"):
        path.unlink()
