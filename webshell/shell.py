"""The web shell's services: what every request may need, put together once by ``webshell.app``."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

from quart import Request, current_app

from core.host.host import PluginHost
from tenants.accounts.services import Accounts
from tenants.house.house import House
from tenants.jobs.runner import Runner
from tenants.library.uploads import Uploads
from tenants.plugin_sets.sets import PluginSets
from tenants.studio.services import Studio
from webshell.auth.principal import Principal
from webshell.live.tail import Tail
from webshell.settings import Settings

EXTENSION = "reelhouse"

type Authenticate = Callable[[Request], Awaitable[Principal | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """An open house, its plugins, and the host's own settings.

    ``authenticate`` finds who a request is from. ``stopping`` is set when the host ends: streams watch it.
    """

    house: House
    settings: Settings
    plugin_host: PluginHost
    plugin_sets: PluginSets
    uploads: Uploads
    accounts: Accounts
    studio: Studio
    runner: Runner
    tail: Tail
    authenticate: Authenticate
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


def shell() -> Shell:
    """Return the services of the host that answers the running request."""
    return cast("Shell", current_app.extensions[EXTENSION])
