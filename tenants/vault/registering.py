"""Registering: make the vault's models known to Tortoise, once a process. They belong to no tenant."""

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any

from tortoise.apps import Apps
from tortoise.connection import ConnectionHandler

from tenants.vault.binding import ScopedContext, bound_to
from tenants.vault.failures import NoScope
from tenants.vault.models import MODULES
from tenants.vault.sqlite.access import ALIAS, Raw
from tenants.vault.sqlite.client import VaultClient

APPS: dict[str, dict[str, Any]] = {
    ALIAS: {"models": MODULES, "default_connection": ALIAS, "migrations": "tenants.vault.migrations"}
}


@cache
def register_models() -> None:
    """Prepare the models. Tortoise asks for a connection, to learn of what kind it is; no statement is run."""
    context = nothing_else()
    with bound_to(VaultClient(_Nothing()), context):
        Apps(APPS, context.connections)


def nothing_else() -> ScopedContext:
    """Return a context in which there is nothing but what is bound."""
    none = ConnectionHandler()
    none._init_config({})  # noqa: SLF001 - what TortoiseContext does
    return ScopedContext(none)


class _Nothing:
    """Access to no file at all."""

    is_ended = False

    def __init__(self) -> None:
        self.lock = asyncio.Lock()

    async def run[Result](self, errand: Callable[[Raw], Result]) -> Result:  # noqa: ARG002
        raise NoScope

    async def run_surely[Result](self, errand: Callable[[Raw], Result]) -> Result:  # noqa: ARG002
        raise NoScope
