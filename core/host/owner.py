"""The owner of a call: on whose behalf a plugin works. The host keeps owners apart and knows nothing else of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from core.api import JsonValue

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an owner set for one plugin. ``config`` holds the secrets among its parameters too: neither is shown.

    ``secrets`` are those that the manifest asks for, by name.
    """

    config: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Breakers, faults, event loops and folders are kept apart by ``name``; the empty one is the installation itself.

    A plugin that ``given`` (by plugin id) does not hold works with what ``plugins.toml`` says.
    """

    name: str = ""
    given: Mapping[str, Given] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name and not _NAME.fullmatch(self.name):
            raise ValueError(f"an owner's name is made of a-z, 0-9 and dashes, not {self.name!r}")

    def with_secret(self, plugin_id: str, name: str, secret: str) -> Self:
        """Return the owner with one more secret given to a plugin."""
        given = self.given.get(plugin_id, Given())
        changed = replace(given, secrets={**given.secrets, name: secret})
        return replace(self, given={**self.given, plugin_id: changed})


INSTALLATION = Owner()
"""Who runs the installation: ``plugins.toml`` speaks for it."""
