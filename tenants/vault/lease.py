"""Leases: the right to use an open vault for the time of a scope."""

import asyncio
from collections.abc import Callable

from tenants.vault.failures import VaultClosed
from tenants.vault.sqlite.access import Raw
from tenants.vault.sqlite.client import VaultClient
from tenants.vault.vault import OpenVault


class Lease:
    """One scope's use of a vault. It ends with the scope, also for tasks and queries that were started within."""

    def __init__(self, vault: OpenVault) -> None:
        self.vault = vault
        self.client = VaultClient(self)
        self._is_ended = False

    @property
    def lock(self) -> asyncio.Lock:
        return self.vault.lock

    @property
    def is_ended(self) -> bool:
        return self._is_ended

    def end(self) -> None:
        """Refuse what comes from now on."""
        self._is_ended = True

    async def run[Result](self, errand: Callable[[Raw], Result]) -> Result:
        if self._is_ended:
            raise VaultClosed
        return await self.vault.run(errand)

    async def run_surely[Result](self, errand: Callable[[Raw], Result]) -> Result:
        return await self.vault.run(errand, surely=True)
