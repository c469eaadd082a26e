"""Statements: how Tortoise's queries reach a vault. Nothing is logged: statements hold what is secret."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pypika_tortoise.dialects import SQLLiteQuery
from sqlcipher3 import dbapi2
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.sqlite.client import SqliteClient
from tortoise.backends.sqlite.executor import SqliteExecutor
from tortoise.backends.sqlite.schema_generator import SqliteSchemaGenerator

from tenants.vault.failures import VaultBusy
from tenants.vault.sqlite.access import ALIAS, Access, Raw

LOCK_TIMEOUT_S = 30.0


class StatementClient(BaseDBAsyncClient):
    """A vault, for as long as ``access`` lasts."""

    executor_class = SqliteExecutor
    query_class = SQLLiteQuery
    schema_generator = SqliteSchemaGenerator
    capabilities = SqliteClient.capabilities

    def __init__(self, access: Access) -> None:
        super().__init__(ALIAS)
        self.access = access

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        return await self._run(lambda raw: int(raw.execute(query, values).lastrowid))

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        def insert_all(raw: Raw) -> None:
            raw.execute("BEGIN IMMEDIATE")
            try:
                raw.executemany(query, values)
                raw.execute("COMMIT")
            except dbapi2.Error:
                roll_back(raw)
                raise

        await self._run(insert_all)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        def fetch(raw: Raw) -> tuple[int, Sequence[Any]]:
            changes = raw.total_changes
            rows = raw.execute(query, values or []).fetchall()
            return raw.total_changes - changes or len(rows), rows

        return await self._run(fetch)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        _, rows = await self.execute_query(query, values)
        return [dict(row) for row in rows]

    async def execute_script(self, query: str) -> None:
        """Run statement by statement: the driver's own way to run a script commits first."""

        def run_all(raw: Raw) -> None:
            for statement in statements(query):
                raw.execute(statement)

        await self._run(run_all)

    async def _run[Result](self, errand: Callable[[Raw], Result]) -> Result:
        async with held(self.access.lock):
            return await self.access.run(errand)


@asynccontextmanager
async def held(lock: asyncio.Lock) -> AsyncIterator[None]:
    """Hold a vault's lock. Raise ``VaultBusy`` after half a minute: two tasks may be waiting for each other."""
    try:
        async with asyncio.timeout(LOCK_TIMEOUT_S):
            await lock.acquire()
    except TimeoutError:
        raise VaultBusy("a transaction on the vault takes too long, or waits for what waits for it") from None
    try:
        yield
    finally:
        lock.release()


def roll_back(raw: Raw) -> None:
    """End a transaction, if one is open still: SQLite ends some by itself."""
    if raw.in_transaction:
        raw.execute("ROLLBACK")


def statements(script: str) -> list[str]:
    """Return a script's statements."""
    found, statement = [], ""
    for line in script.splitlines(keepends=True):
        statement += line
        if dbapi2.complete_statement(statement):
            found.append(statement)
            statement = ""
    return [*found, statement] if statement.strip() else found
