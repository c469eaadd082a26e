"""The control plane's database: where it lies, how it is opened, and how it is bound to who uses it.

``open_control`` binds the database to the running task and to every task that is started within. Where a task comes
from elsewhere (a web server's), ``Control.bound`` binds it there. There is no fallback: without either, a query raises.
The vaults' contexts see it through ``tenants.control.sharing``.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import ConnectionHandler
from tortoise.context import TortoiseContext, _current_context
from tortoise.exceptions import BaseORMException

from core.api import InvalidInput
from tenants.control.failures import ControlUnavailable
from tenants.control.migrating import migrate
from tenants.control.models import MODULES

ALIAS = "control"
"""The name of the connection, and of the Tortoise app, everywhere: models are the process's, not a context's."""
APPS: Mapping[str, dict[str, Any]] = {
    ALIAS: {"models": MODULES, "default_connection": ALIAS, "migrations": "tenants.control.migrations"}
}

DATABASE_ERRORS = (BaseORMException, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
"""What Tortoise and its drivers raise where a database can't be reached, is broken, or refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """An open control plane. ``migrated`` names the migrations that were applied when it was opened."""

    context: TortoiseContext = field(repr=False)
    migrated: tuple[str, ...]

    @property
    def connection(self) -> BaseDBAsyncClient:
        """The connection, or the transaction that the running task is in."""
        return self.context.connections.get(ALIAS)

    @contextmanager
    def bound(self) -> Iterator[None]:
        """Bind the database to the running task, and to the tasks it starts."""
        with _bound(self.context):
            yield


class _Connections(ConnectionHandler):
    """Lead a task that was started in a transaction, and outlives it, back to the database.

    It would go on with that transaction's connection, which on SQLite is everybody's: into someone else's transaction.
    """

    def get(self, conn_alias: str) -> BaseDBAsyncClient:
        connection = super().get(conn_alias)
        while getattr(connection, "_finalized", False):
            connection = connection._parent  # noqa: SLF001 - every transaction has one
        return connection


class _ControlContext(TortoiseContext):
    def __init__(self) -> None:
        super().__init__()
        self._connections = _Connections()


@asynccontextmanager
async def open_control(url: str) -> AsyncIterator[Control]:
    """Open the control plane at ``sqlite://PATH`` or ``postgres://…``, migrate it, and bind it to the running task.

    A SQLite file is made where there is none, readable by its owner alone. Raise ``InvalidInput`` for an address of
    another kind, ``ControlUnavailable`` where nothing answers or what lies there is no database, ``DatabaseNewer``.
    """
    settings = _connection_settings(url)
    context = _ControlContext()
    with _bound(context):
        try:
            migrated = await _opened(context, settings)
            yield Control(context=context, migrated=migrated)
        finally:
            await context.close_connections()


async def _opened(context: TortoiseContext, settings: dict[str, Any]) -> tuple[str, ...]:
    for key in [key for key in EXECUTOR_CACHE if key[0] == ALIAS]:
        del EXECUTOR_CACHE[key]  # the SQL of inserts, kept by alias: the last database may have been of another kind
    try:
        await context.init(config={"connections": {ALIAS: settings}, "apps": dict(APPS)})
        await context.connections.get(ALIAS).create_connection(with_db=True)
        return tuple(await migrate(ALIAS, APPS))
    except DATABASE_ERRORS as err:
        # An address may hold a password: only the driver's own words are passed on.
        raise ControlUnavailable(
            f"the control plane's database can't be opened: {err}", hint="See REELHOUSE_DATABASE."
        ) from err


@contextmanager
def _bound(context: TortoiseContext) -> Iterator[None]:
    # Not `with context`: that keeps its token in the context itself, and fails where two tasks enter it at once.
    token = _current_context.set(context)
    try:
        yield
    finally:
        _current_context.reset(token)


def _connection_settings(url: str) -> dict[str, Any]:
    scheme, _, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"} and rest:
        return {"engine": "tenants.control.postgresql", "credentials": {"dsn": url}}
    if scheme == "sqlite" and rest and not rest.startswith((":", "file:")):
        path = Path(rest)
        _make_private(path)
        return {"engine": "tenants.control.sqlite", "credentials": {"file_path": str(path)}}
    raise InvalidInput(
        "must be sqlite://PATH or postgres://USER@HOST/DATABASE", path="REELHOUSE_DATABASE"
    )  # the address itself may hold a password


def _make_private(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # SQLite gives the files beside it the same
    except OSError as err:
        raise ControlUnavailable(f"the control plane's database can't be made: {err}") from err
