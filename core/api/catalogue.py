"""The catalogue: what the enabled plugins declare, by id. The host makes it; the timeline and the engine read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.api.animations import Animation
from core.api.effects import Effect
from core.api.encoders import Encoder
from core.api.providers import AssetProvider
from core.api.storage import StorageBackend
from core.api.transitions import Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Every usable contribution by its id.

    ``versions`` maps a contribution's id to ``"<plugin id> <plugin version>"``: it becomes part of what a rendered
    piece is known by, so that a new version of a plugin is rendered anew.
    """

    effects: Mapping[str, Effect] = field(default_factory=dict)
    transitions: Mapping[str, Transition] = field(default_factory=dict)
    animations: Mapping[str, Animation] = field(default_factory=dict)
    encoders: Mapping[str, Encoder] = field(default_factory=dict)
    providers: Mapping[str, AssetProvider] = field(default_factory=dict)
    storage: Mapping[str, StorageBackend] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
