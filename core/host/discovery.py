"""Discovery: finds the installed plugins and reads their manifests, and imports none of their code."""

import importlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from packaging.utils import canonicalize_name

from core.host.manifest import Manifest, ManifestInvalid, read_manifest

GROUP = "reelhouse.plugins"
OWN_DISTRIBUTION = "reelhouse"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPlugin:
    """A plugin as it was found. ``manifest`` is None when it can't be used, and ``problem`` says why.

    ``id`` is the manifest's, else the entry point's name; ``path`` is the manifest's file where there is one.
    """

    id: str
    distribution: str
    distribution_version: str
    path: Path | None = None
    manifest: Manifest | None = None
    problem: str = ""

    @property
    def is_first_party(self) -> bool:
        """True for what comes with Reelhouse itself."""
        return canonicalize_name(self.distribution) == OWN_DISTRIBUTION


def discover() -> tuple[FoundPlugin, ...]:
    """Find every installed plugin: Reelhouse's own first, then by id.

    What is wrong with one is told in its ``problem``; of two with the same id, the first keeps it.
    """
    importlib.invalidate_caches()
    found = sorted(
        (look_at(point) for point in entry_points(group=GROUP)),
        key=lambda plugin: (not plugin.is_first_party, plugin.id, plugin.distribution),
    )
    return tuple(_without_doubles(found))


def look_at(point: EntryPoint) -> FoundPlugin:
    """Read the manifest that an entry point names, without importing the package it lies in."""
    distribution = point.dist.name if point.dist else "?"
    version = point.dist.version if point.dist else "?"
    try:
        path = locate(point.value)
    except (ImportError, ValueError) as err:
        problem = f'the entry point "{point.name} = {point.value}" leads to no manifest: {err}'
        return FoundPlugin(id=point.name, distribution=distribution, distribution_version=version, problem=problem)
    return assess(point, distribution, version, path)


def assess(point: EntryPoint, distribution: str, version: str, path: Path) -> FoundPlugin:
    """Read a distribution's manifest at ``path`` and check its names."""
    manifest: Manifest | None = None
    try:
        manifest = read_manifest(path)
        problem = naming_problem(point.name, distribution, manifest)
    except ManifestInvalid as err:
        problem = f"{path.name}: {err}"
    return FoundPlugin(
        id=manifest.id if manifest else point.name,
        distribution=distribution,
        distribution_version=version,
        path=path,
        manifest=None if problem else manifest,
        problem=problem,
    )


def locate(value: str) -> Path:
    """Return the file that an entry point's value ``package.sub:plugin.toml`` names.

    Only the spec of the top-level package is asked for, which imports nothing; the rest is walked as folders. That
    holds for wheels, src layouts and editable installs (by path file or by import hook). Raise ``ValueError`` when
    the value is malformed and ``ImportError`` when there is no such file.
    """
    package, colon, name = value.partition(":")
    top, *rest = package.strip().split(".")
    inner = PurePosixPath(name.strip())
    if not colon or not name.strip() or not all(part.isidentifier() for part in (top, *rest)):
        raise ValueError("write it as package:plugin.toml")
    if inner.is_absolute() or ".." in inner.parts:
        raise ValueError("the manifest must lie inside the package")
    for folder in _folders(_spec(top)):
        candidate = folder.joinpath(*rest, *inner.parts)
        if candidate.is_file():
            return candidate
    raise ImportError(f"there is no {inner} in the package {package}")


def _spec(top: str) -> ModuleSpec | None:
    loaded = sys.modules.get(top)
    # find_spec raises for a module that is loaded without a spec (__main__, or made by hand).
    return find_spec(top) if loaded is None else loaded.__spec__


def _folders(spec: ModuleSpec | None) -> Iterable[Path]:
    return [Path(folder) for folder in (spec.submodule_search_locations if spec else None) or ()]


def naming_problem(entry: str, distribution: str, manifest: Manifest) -> str:
    """Say what is wrong with a plugin's id: only its distribution may use it, so that none can pose as another."""
    if entry != manifest.id:
        return f'the entry point is named "{entry}" and the manifest "{manifest.id}": they must be equal'
    owner, name = canonicalize_name(distribution), canonicalize_name(manifest.id)
    if owner != OWN_DISTRIBUTION and manifest.id.split(".")[0] == OWN_DISTRIBUTION:
        return f'ids that begin with "{OWN_DISTRIBUTION}." are kept for Reelhouse itself'
    if name != owner and not name.startswith(f"{owner}-"):
        wanted = owner.replace("-", ".")
        return f'the id "{manifest.id}" must be "{wanted}", or begin with "{wanted}.", after the distribution {owner}'
    return _prefix_problem(manifest) if owner != OWN_DISTRIBUTION else ""


def _prefix_problem(manifest: Manifest) -> str:
    strays = sorted(id_ for id_ in manifest.ids if id_ != manifest.id and not id_.startswith(f"{manifest.id}."))
    return f'contributes {", ".join(strays)}: ids must begin with "{manifest.id}."' if strays else ""


def _without_doubles(found: Iterable[FoundPlugin]) -> Iterable[FoundPlugin]:
    owners: dict[str, str] = {}
    for plugin in found:
        owner = owners.setdefault(plugin.id, plugin.distribution)
        if owner == plugin.distribution:
            yield plugin
        else:
            yield FoundPlugin(
                id=plugin.id,
                distribution=plugin.distribution,
                distribution_version=plugin.distribution_version,
                path=plugin.path,
                problem=plugin.problem
                or f"{plugin.distribution} and {owner} both provide a plugin {plugin.id}; {owner}'s is used",
            )
