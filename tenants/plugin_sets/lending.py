"""Lending: a tenant's API key is handed to its provider for one call, counted, audited, and judged by how it went."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from core.api import AuthFailed, FetchedAsset, Provider, Search, SearchPage
from tenants.control.audit import record
from tenants.vault.api_keys.using import has_key, note_proof, use
from tenants.vault.models.api_key import Proof
from tenants.vault.scope import scope

API_KEY = "api_key"
"""The secret that a tenant's API key is given for, where a plugin's manifest asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """A key for one call."""

    key: UUID
    secret: str


class Lender:
    """Lends a tenant's keys. Made on the event loop that has the databases; may be asked from any other.

    ``actor`` names who asks, for the audit.
    """

    def __init__(self, tenant: UUID, *, actor: str) -> None:
        self._tenant = tenant
        self._actor = actor
        self._home = asyncio.get_running_loop()

    async def lend(self, plugin_id: str) -> Lent | None:
        """Return a key for one call, counted from now on; None where the tenant has none for the plugin.

        Raise ``ApiKeyUnusable`` where it has, but may not use it.
        """
        return await self._at_home(self._lend(plugin_id))

    async def judge(self, lent: Lent, proof: Proof) -> None:
        """Keep what the service made of a key."""
        await self._at_home(self._judge(lent, proof))

    async def _lend(self, plugin_id: str) -> Lent | None:
        async with scope(self._tenant):
            if not await has_key(plugin_id):
                return None
            await record(self._actor, "key.use", f"plugin:{plugin_id}", self._tenant)
            async with use(plugin_id, now=_now()) as taken:
                return Lent(key=taken.key_id, secret=taken.secret.reveal().decode())

    async def _judge(self, lent: Lent, proof: Proof) -> None:
        async with scope(self._tenant):
            await note_proof(lent.key, proof, now=_now())

    async def _at_home[T](self, asked: Coroutine[Any, Any, T]) -> T:
        if asyncio.get_running_loop() is self._home:
            return await asked
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asked, self._home))


class LentProvider:
    """A provider that is opened anew for each call, with a key that is lent for it.

    ``open_with`` opens it with a secret, or with what the installation has where that is None.
    """

    def __init__(self, plugin_id: str, lender: Lender, open_with: Callable[[str | None], Awaitable[Provider]]) -> None:
        self._plugin_id = plugin_id
        self._lender = lender
        self._open_with = open_with

    async def search(self, search: Search) -> SearchPage:
        """Return one page of offers."""
        async with self._opened() as provider:
            return await provider.search(search)

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Bring one asset into ``folder``."""
        async with self._opened() as provider:
            return await provider.fetch(asset_id, folder)

    async def close(self) -> None:
        """Nothing is open between calls."""

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Provider]:
        lent = await self._lender.lend(self._plugin_id)
        provider = await self._open_with(lent.secret if lent else None)
        try:
            yield provider
        except AuthFailed:
            if lent:
                await self._lender.judge(lent, Proof.REFUSED)
            raise
        else:
            if lent:
                await self._lender.judge(lent, Proof.ACCEPTED)
        finally:
            await provider.close()


def _now() -> datetime:
    return datetime.now(UTC)
