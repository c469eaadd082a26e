"""PostgreSQL for Tortoise, through asyncpg: any address that libpq knows; connections are always given back."""

from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext, TransactionContextPooled
from tortoise.connection import get_connections

POOL_SIZE = 10
CONNECT_TIMEOUT_S = 10.0


class CarefulTransactionContext(TransactionContextPooled):
    """Take a connection, begin, and give the connection back, also where beginning fails or is cancelled."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        pool = self.client._parent._pool  # noqa: SLF001 - what Tortoise's own context does
        connection = await pool.acquire()
        try:
            self.client._connection = connection  # noqa: SLF001
            await self.client.begin()
        except BaseException:
            await pool.release(connection)
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client


class PostgresClient(AsyncpgDBClient):
    """A PostgreSQL database, by its address. The address may hold a password: it is neither logged nor shown."""

    def __init__(self, dsn: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._dsn = dsn

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002 - the address names the database
        self._pool = await asyncpg.create_pool(
            self._dsn,
            min_size=1,
            max_size=POOL_SIZE,
            timeout=CONNECT_TIMEOUT_S,
            server_settings={"application_name": "reelhouse"},
        )
        await self._post_connect()

    def _in_transaction(self) -> TransactionContext:
        return CarefulTransactionContext(TransactionWrapper(self), self._pool_init_lock)


client_class = PostgresClient
