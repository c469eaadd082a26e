"""Transactions: they take the file's write lock as they begin, and end whatever happens to who began them."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from tortoise.backends.base.client import NestedTransactionContext, TransactionalDBClient, TransactionContext
from tortoise.exceptions import TransactionManagementError

from tenants.vault.binding import entered
from tenants.vault.sqlite.access import Access, Raw
from tenants.vault.sqlite.statements import StatementClient, held, roll_back


class VaultTransaction(StatementClient, TransactionalDBClient):
    """A vault within a transaction; nested ones are savepoints, all of one name: SQLite means the innermost."""

    @property
    def is_over(self) -> bool:
        """True when it was committed or rolled back."""
        return self._finalized

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(VaultTransaction(self.access))

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        await self._run(lambda raw: raw.executemany(query, values).close())

    async def begin(self) -> None:
        await self.access.run(lambda raw: raw.execute("BEGIN IMMEDIATE").close())

    async def commit(self) -> None:
        await self._run(lambda raw: raw.execute("COMMIT").close())
        self._finalized = True

    async def rollback(self) -> None:
        self._check_going_on()
        await self.abandon()

    async def abandon(self) -> None:
        """Roll back, also when it is over or who waits is cancelled."""
        self._finalized = True
        await self.access.run_surely(roll_back)

    async def savepoint(self) -> None:
        await self._run(lambda raw: raw.execute("SAVEPOINT nested").close())

    async def release_savepoint(self) -> None:
        await self._run(lambda raw: raw.execute("RELEASE nested").close())
        self._finalized = True

    async def savepoint_rollback(self) -> None:
        self._check_going_on()
        self._finalized = True

        def back(raw: Raw) -> None:
            if raw.in_transaction:
                raw.execute("ROLLBACK TO nested")
                raw.execute("RELEASE nested")

        await self.access.run_surely(back)

    async def _run[Result](self, errand: Callable[[Raw], Result]) -> Result:
        """Do it within the transaction, never after it: SQLite ends one by itself when the disk is full, say."""
        self._check_going_on()

        def within(raw: Raw) -> Result:
            if not raw.in_transaction:
                raise TransactionManagementError("the transaction was rolled back")
            return errand(raw)

        return await self.access.run(within)

    def _check_going_on(self) -> None:
        if self._finalized:
            raise TransactionManagementError("the transaction is over")


class VaultTransactionContext(TransactionContext):
    """Holds the file's lock, and has the running task's queries go through the transaction."""

    def __init__(self, access: Access) -> None:
        self._transaction = VaultTransaction(access)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> TransactionalDBClient:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(held(self._transaction.access.lock))
            try:
                await self._transaction.begin()
            except BaseException:
                await self._transaction.abandon()  # cancelled while it began: it may have begun all the same
                raise
            stack.enter_context(entered(self._transaction))
            self._stack = stack.pop_all()
        return self._transaction

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        async with self._stack:
            transaction = self._transaction
            if transaction.is_over:
                return
            if exc_type is not None:
                await transaction.abandon()
                return
            try:
                await transaction.commit()
            except BaseException:
                await transaction.abandon()
                raise
