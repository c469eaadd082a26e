"""The web shell's services: what every request may need, put together once by ``webshell.app``."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

from quart import current_app

from tenants.house.house import House
from webshell.settings import Settings

EXTENSION = "reelhouse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """An open house and the host's own settings. ``stopping`` is set when the host ends: streams watch it."""

    house: House
    settings: Settings
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


def shell() -> Shell:
    """Return the services of the host that answers the running request."""
    return cast("Shell", current_app.extensions[EXTENSION])
