"""Scope: bind a tenant's vault to the running task. All that a request or a job does for a tenant lies within one."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from uuid import UUID

from tenants.control.database import Control
from tenants.keys import Keyring
from tenants.vault.binding import bound_to, standing
from tenants.vault.failures import NoScope, WrongScope
from tenants.vault.lease import Lease
from tenants.vault.pool import CAPACITY, IDLE_S, VaultPool

_offered: ContextVar[VaultPool | None] = ContextVar("reelhouse_vault_pool", default=None)


@asynccontextmanager
async def open_vaults(
    folder: Path,
    *,
    keyring: Keyring,
    control: Control,
    instance: UUID,
    capacity: int = CAPACITY,
    idle_s: float = IDLE_S,
) -> AsyncIterator[VaultPool]:
    """Offer the vaults below a folder to the running task, until the end; close those that are idle meanwhile."""
    pool = VaultPool(folder, keyring=keyring, control=control, instance=instance, capacity=capacity, idle_s=idle_s)
    sweeping = asyncio.create_task(pool.sweep())
    try:
        with offering(pool):
            yield pool
    finally:
        sweeping.cancel()
        await asyncio.wait([sweeping])
        await pool.close()


@contextmanager
def offering(pool: VaultPool) -> Iterator[None]:
    """Let the running task, and the tasks it starts, enter scopes of these vaults."""
    token = _offered.set(pool)
    try:
        yield
    finally:
        _offered.reset(token)


@asynccontextmanager
async def scope(tenant: UUID) -> AsyncIterator[None]:
    """Bind a tenant's vault to the running task, and to the tasks it starts, while the scope lasts.

    A task that outlives the scope enters one of its own. A scope within a scope of the same tenant is the same scope,
    with the transaction it is in. Enter it before a transaction on the control plane, not within: opening a vault reads
    and writes there. Raise ``WrongScope`` there and within another tenant's; else as ``VaultPool.lease``.
    """
    pool = _offered.get()
    if pool is None:
        raise NoScope("no vaults are offered to this task")
    outer = standing()
    if outer is not None and isinstance(outer.client.access, Lease):
        if outer.client.access.vault.tenant != tenant:
            raise WrongScope("a scope of another tenant is open here: leave it first")
        if outer.task is asyncio.current_task():
            yield
            return
    async with pool.lease(tenant) as lease:
        with bound_to(lease.client, pool.context):
            yield
