"""The check of a plugin for its author: its manifest, its import, and the contract suite of all it contributes."""

import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

from core.api import (
    Animation,
    AssetProvider,
    Effect,
    EncodeJob,
    Encoder,
    EncodeSession,
    InvalidInput,
    ReelhouseError,
    StorageBackend,
    Transition,
)
from core.api.testing import (
    MissingValueError,
    check_animation,
    check_effect,
    check_encoder,
    check_provider,
    check_storage,
    check_transition,
)
from core.host.discovery import GROUP, FoundPlugin, assess
from core.host.host import PluginHost
from core.host.kinds import Contribution, Kind
from core.host.manifest import FILENAME
from core.host.settings import Settings
from core.host.state import PluginState

type OpenSession = Callable[[Encoder, EncodeJob], EncodeSession]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of one check. ``what`` is ``manifest``, ``import`` or ``effect acme.negative.invert``.

    ``problem`` is empty for a check that passed; one that could not be made (a value is needed that only the author
    knows) has a ``reason`` instead.
    """

    what: str
    problem: str = ""
    reason: str = ""

    @property
    def is_good(self) -> bool:
        """True when nothing was found to be wrong."""
        return not self.problem


def check_project(folder: Path, *, home: Path, open_session: OpenSession | None = None) -> tuple[Finding, ...]:
    """Check each plugin of a project folder, installed or not. Raise ``InvalidInput`` when there is none in it.

    ``open_session`` opens encoders' sessions the engine's way; without it they are run plainly.
    """
    return tuple(
        finding
        for found, site in _projects_plugins(folder)
        for finding in _check_found(found, home=home, site=site, open_session=open_session)
    )


def check_installed(state: PluginState, *, open_session: OpenSession | None = None) -> tuple[Finding, ...]:
    """Check a plugin that a host loaded; ``open_session`` as for ``check_project``."""
    if state.manifest is None:
        return (Finding(what="manifest", problem=state.cause),)
    if not state.is_usable:
        return (Finding(what="manifest"), Finding(what="import", problem=state.cause))
    contracts = (
        _check_contribution(kind, contribution, open_session)
        for kind, contributions in state.declared.items()
        for contribution in contributions
    )
    return (Finding(what="manifest"), Finding(what="import"), *contracts)


def _check_found(
    found: FoundPlugin, *, home: Path, site: Path, open_session: OpenSession | None
) -> tuple[Finding, ...]:
    if found.manifest is None:
        return (Finding(what="manifest", problem=found.problem),)
    sys.path.insert(0, str(site))
    try:
        with PluginHost([found], Settings(), home=home) as host:
            return check_installed(host.plugin(found.id), open_session=open_session)
    finally:
        sys.path.remove(str(site))


def _projects_plugins(folder: Path) -> Iterable[tuple[FoundPlugin, Path]]:
    """Yield the plugins that a project's ``pyproject.toml`` names, each with the folder its package lies in."""
    path = folder / "pyproject.toml"
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
        points: Mapping[str, str] = project.get("entry-points", {}).get(GROUP, {})
        name, version = str(project.get("name", "?")), str(project.get("version", "0"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, AttributeError) as err:
        raise InvalidInput(f"{folder} is no project: {path.name}: {err}", path=str(path)) from err
    if not points:
        raise InvalidInput(
            f'{path} has no [project.entry-points."{GROUP}"]', path=str(path), hint="see docs/plugins.md"
        )
    for id_, value in points.items():
        yield _look_in(folder, EntryPoint(id_, str(value), GROUP), name, version)


def _look_in(folder: Path, point: EntryPoint, distribution: str, version: str) -> tuple[FoundPlugin, Path]:
    package, _, inner = point.value.partition(":")
    parts = package.split(".")
    for site in (folder, folder / "src"):
        path = site.joinpath(*parts, inner or FILENAME)
        if path.is_file():
            return assess(point, distribution, version, path), site
    problem = f'the entry point "{point.name} = {point.value}" leads to no file in {folder}'
    found = FoundPlugin(id=point.name, distribution=distribution, distribution_version=version, problem=problem)
    return found, folder


def _check_contribution(kind: Kind, contribution: Contribution, open_session: OpenSession | None) -> Finding:
    what = f"{kind.noun} {contribution.id}"
    try:
        with tempfile.TemporaryDirectory(prefix="reelhouse-check-") as folder:
            _run_suite(contribution, Path(folder), open_session)
    except MissingValueError as err:
        return Finding(what=what, reason=f"its contract is for its own tests to check: {err}")
    except (AssertionError, ReelhouseError) as err:
        return Finding(what=what, problem=str(err))
    return Finding(what=what)


def _run_suite(contribution: Contribution, folder: Path, open_session: OpenSession | None) -> None:
    match contribution:
        case Effect():
            check_effect(contribution)
        case Transition():
            check_transition(contribution)
        case Animation():
            check_animation(contribution)
        case Encoder():
            check_encoder(contribution, folder, open_session=open_session)
        case AssetProvider():
            check_provider(contribution, folder)
        case StorageBackend():
            check_storage(contribution, folder)
