"""The state of a plugin, as it is shown to people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from core.host.faults import Fault
from core.host.kinds import Contribution, Kind
from core.host.manifest import Manifest


class PluginStatus(StrEnum):
    """Where a plugin stands; ``meaning`` says it in words.

    Every status but ``enabled`` and ``active`` comes with its cause.
    """

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        status = str.__new__(cls, value)
        status._value_ = value
        status.meaning = meaning
        return status

    ENABLED = "enabled", "It will be imported when something it contributes is needed."
    ACTIVE = "active", "It is imported, and what it declares is in use."
    DISABLED = "disabled", "`plugins.toml` or safe mode turns it off."
    MISSING = "missing", "`plugins.toml` lists it and it is not installed."
    INVALID = "invalid", "Its manifest can't be used."
    INCOMPATIBLE = "incompatible", "It asks for a version of the SDK that this installation does not offer."
    FAULTED = "faulted", "It failed while it was imported or asked what it declares."
    PAUSED = "paused", "It failed too often; its calls are refused for a while, then tried again."


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginState:
    """One plugin with its status; ``cause`` says in a sentence why it does not work, ``hint`` what to do.

    ``manifest`` is None for what is missing or invalid. ``declared`` is empty until the plugin is active.
    ``load_seconds`` is what its import took. ``is_listed`` is False for what ``plugins.toml`` does not name.
    """

    id: str
    status: PluginStatus
    cause: str = ""
    hint: str = ""
    is_listed: bool
    is_first_party: bool = False
    distribution: str = ""
    distribution_version: str = ""
    path: Path | None = None
    manifest: Manifest | None = None
    declared: Mapping[Kind, tuple[Contribution, ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    load_seconds: float | None = None

    @property
    def is_usable(self) -> bool:
        """True when what it contributes can be used."""
        return self.status in (PluginStatus.ENABLED, PluginStatus.ACTIVE)
