"""The kinds of contribution a plugin makes, and what ties each to its hook, its type and its place in the catalogue."""

from enum import StrEnum

from core.api import Animation, AssetProvider, Effect, Encoder, StorageBackend, Transition

type Contribution = Effect | Transition | Animation | Encoder | AssetProvider | StorageBackend


class Kind(StrEnum):
    """A kind of contribution, named as in ``[contributes]`` of a manifest. In the order they are shown."""

    EFFECTS = "effects"
    TRANSITIONS = "transitions"
    ANIMATIONS = "animations"
    ENCODERS = "encoders"
    ASSET_PROVIDERS = "asset_providers"
    STORAGE_BACKENDS = "storage_backends"

    @property
    def hook(self) -> str:
        """The hook that collects this kind."""
        return f"reelhouse_{self.value}"

    @property
    def declared_as(self) -> type[Contribution]:
        """The type that the hook's results must have."""
        return _TYPES[self]

    @property
    def noun(self) -> str:
        """One of them, as people say it."""
        return self.value.removesuffix("s").replace("_", " ")


DRAWN_WITH = frozenset({Kind.EFFECTS, Kind.TRANSITIONS, Kind.ANIMATIONS, Kind.ENCODERS})
"""What workers need. The others are called by the house alone."""

_TYPES: dict[Kind, type[Contribution]] = {
    Kind.EFFECTS: Effect,
    Kind.TRANSITIONS: Transition,
    Kind.ANIMATIONS: Animation,
    Kind.ENCODERS: Encoder,
    Kind.ASSET_PROVIDERS: AssetProvider,
    Kind.STORAGE_BACKENDS: StorageBackend,
}
