"""Catalogues: what loaded plugins contribute, by kind and id."""

from collections.abc import Iterable, Mapping

from core.api import Animation, AssetProvider, Catalogue, Effect, Encoder, StorageBackend, Transition
from core.host.kinds import Contribution, Kind
from core.host.manifest import Manifest
from core.host.registry import Registry


def catalogue_of(manifests: Iterable[Manifest], registry: Registry) -> Catalogue:
    """Return the catalogue of the plugins with these manifests, which were loaded into the registry."""
    by_kind: dict[Kind, dict[str, Contribution]] = {kind: {} for kind in Kind}
    versions: dict[str, str] = {}
    for manifest in manifests:
        version = f"{manifest.id} {manifest.version}"
        for kind, contributions in registry.declared(manifest.id).items():
            for each in contributions:
                by_kind[kind][each.id] = each
                # One id may name, say, a transition and an animation of two plugins: both versions count.
                others = versions.get(each.id, "").split(" + ")
                if version not in others:
                    versions[each.id] = " + ".join(filter(None, (*others, version)))
    return _catalogue(by_kind, versions)


def _catalogue(by_kind: Mapping[Kind, Mapping[str, Contribution]], versions: Mapping[str, str]) -> Catalogue:
    def only[T](kind: Kind, declared_as: type[T]) -> dict[str, T]:
        return {id_: each for id_, each in by_kind[kind].items() if isinstance(each, declared_as)}

    return Catalogue(
        effects=only(Kind.EFFECTS, Effect),
        transitions=only(Kind.TRANSITIONS, Transition),
        animations=only(Kind.ANIMATIONS, Animation),
        encoders=only(Kind.ENCODERS, Encoder),
        providers=only(Kind.ASSET_PROVIDERS, AssetProvider),
        storage=only(Kind.STORAGE_BACKENDS, StorageBackend),
        versions=versions,
    )
