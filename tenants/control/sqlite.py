"""SQLite for Tortoise, held to what a house needs: durable commits, and transactions that wait instead of failing.

Tortoise's own client begins transactions deferred: one that reads first and then writes fails at once, whatever the
busy timeout, when another process wrote in between (https://www.sqlite.org/isolation.html). Ours begin IMMEDIATE.
It also keeps its lock for good when BEGIN fails or is cancelled, and commits what is open when a script is run.
"""

import sqlite3
from typing import Any

from tortoise.backends.base.client import NestedTransactionContext, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError

BUSY_TIMEOUT_MS = 10_000
PRAGMAS = {
    "busy_timeout": BUSY_TIMEOUT_MS,  # first: the others may have to wait too
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "secure_delete": "ON",  # a key that was shredded is gone from the file
    "trusted_schema": "OFF",
}


class ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that takes the database's write lock as it begins."""

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(ImmediateTransaction(self))

    async def begin(self) -> None:
        """Take the write lock; raise ``OperationalError`` where another process keeps it for too long."""
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as err:
            raise OperationalError(err) from err

    async def execute_script(self, query: str) -> None:
        """Run statement by statement: the driver's own way to run a script commits first."""
        statement = ""
        *pieces, rest = query.split(";")
        for piece in pieces:
            statement += f"{piece};"
            if sqlite3.complete_statement(statement):  # else the ; stands in a text, a comment or a trigger
                await self.execute_query(statement)
                statement = ""
        if (statement + rest).strip():
            await self.execute_query(statement + rest)


class ImmediateTransactionContext(SqliteTransactionContext):
    """Lock, begin, and give the lock back, whatever happens in between."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            try:
                await self.connection.begin()
            except BaseException:
                # Cancelled: the driver's thread may begin all the same, and takes this up after it.
                await self.connection.rollback()
                raise
            self.token = get_connections().set(self.connection_name, self.connection)
        except BaseException:
            self._trxlock.release()
            raise
        transaction: TransactionalDBClient = self.connection
        return transaction


class ImmediateClient(SqliteClient):
    """A SQLite database with the house's pragmas and transactions."""

    def __init__(self, file_path: str, **kwargs: Any) -> None:
        super().__init__(file_path, **{**PRAGMAS, **kwargs})

    def _in_transaction(self) -> TransactionContext:
        return ImmediateTransactionContext(ImmediateTransaction(self), self._lock)


client_class = ImmediateClient
