"""The client: Tortoise's connection to a vault."""

from tortoise.backends.base.client import TransactionContext

from tenants.vault.sqlite.statements import StatementClient
from tenants.vault.sqlite.transactions import VaultTransactionContext


class VaultClient(StatementClient):
    """A vault outside of transactions: each statement is one of its own. The pool opens and closes the file."""

    def _in_transaction(self) -> TransactionContext:
        return VaultTransactionContext(self.access)
