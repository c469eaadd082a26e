"""The pool: opens vaults as they are needed, keeps those that were used last, closes the others."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import Context
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import TransactionalDBClient

from core.api import ReelhouseError
from tenants.control.database import DATABASE_ERRORS, Control
from tenants.keys import Keyring
from tenants.vault.binding import ScopedContext
from tenants.vault.failures import VaultBusy, VaultClosed, VaultQuarantined, WrongScope
from tenants.vault.files import VaultFiles
from tenants.vault.lease import Lease
from tenants.vault.opening import Adopt, Opener
from tenants.vault.slots import Slot, Slots
from tenants.vault.vault import OpenVault

CAPACITY = 128
IDLE_S = 300.0
WAIT_S = 30.0

_log = logging.getLogger(__name__)


class VaultPool:
    """The open vaults of a house, at most ``capacity``; those in use are never closed. Belongs to one event loop.

    What is done for all users of a vault (opening, closing, recording) happens in tasks of the pool's own, outside of
    whatever transaction one of them is in.
    """

    def __init__(
        self,
        folder: Path,
        *,
        keyring: Keyring,
        control: Control,
        instance: UUID,
        capacity: int = CAPACITY,
        idle_s: float = IDLE_S,
        wait_s: float = WAIT_S,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.control = control
        self.context = ScopedContext(control.context.connections)
        self._opener = Opener(folder, keyring=keyring, context=self.context, instance=instance)
        self._idle_s = idle_s
        self._wait_s = wait_s
        self._clock = clock
        self._slots = Slots(capacity=capacity)
        self._kept_out: set[UUID] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    @property
    def open_count(self) -> int:
        """How many vaults are open, opening or closing."""
        return len(self._slots.taken)

    async def create(self, tenant: UUID) -> None:
        """Make the vault of a tenant who has a key, if there is none yet. Not within a control plane's transaction."""
        async with self.drained(tenant):
            await asyncio.shield(self._start(self._opener.make(tenant)))

    async def accept(self, tenant: UUID) -> None:
        """Take a vault's file that was restored (within ``drained``) for the truth, and end its quarantine.

        From now on every older file is refused. Raise ``VaultQuarantined`` for what is no whole vault of the tenant,
        ``VaultUnavailable``, and what the keyring raises; nothing is changed then.
        """
        async with self.drained(tenant):
            await asyncio.shield(self._start(self._opener.accept(tenant)))

    async def rekey(self, tenant: UUID, adopt: Adopt) -> int:
        """Put a tenant's vault under a new key of the tenant's; return the key's version. Its users wait meanwhile.

        ``adopt`` makes the key count; nothing is changed before, and what is interrupted after it the next call takes
        up. Raise ``VaultBusy`` where the vault stays in use for too long, what ``lease`` does, and what ``adopt`` does.
        """
        async with self.drained(tenant):
            return await asyncio.shield(self._start(self._opener.rekey(tenant, adopt)))

    @asynccontextmanager
    async def lease(self, tenant: UUID) -> AsyncIterator[Lease]:
        """Keep a tenant's vault open, opening it if need be; ``scope`` is what binds it.

        Raise ``VaultMissing``, ``VaultQuarantined``, ``VaultNewer``, ``VaultNotMigrated``, ``VaultUnavailable``,
        ``VaultBusy``, and what the keyring raises.
        """
        self._refuse_transaction()
        slot = await self._in_time(self._take(tenant))
        try:
            vault = await asyncio.shield(slot.opening)
            if vault.damage is not None:
                raise VaultQuarantined(vault.damage)
            lease = Lease(vault)
            try:
                yield lease
            finally:
                lease.end()
        finally:
            await self._give_back(slot)

    @asynccontextmanager
    async def drained(self, tenant: UUID) -> AsyncIterator[VaultFiles]:
        """Close a tenant's vault and keep everyone in this process out, while its files are replaced or removed.

        Raise ``VaultBusy`` where it stays in use for too long.
        """
        self._refuse_transaction()
        await self._in_time(self._keep_out(tenant))
        try:
            yield self._opener.files(tenant)
        finally:
            self._kept_out.discard(tenant)
            self._slots.changed()

    async def close_idle(self) -> None:
        """Close the vaults that nobody has used for ``idle_s``."""
        due = self._clock() - self._idle_s
        idle = [slot for slot in self._slots.taken.values() if slot.is_idle and slot.used <= due]
        await asyncio.gather(*(self._closing(slot) for slot in idle))

    async def close_all(self) -> None:
        """Close every vault that is open, each once nobody uses it; who comes later opens it anew.

        Raise ``VaultBusy`` where someone uses one for too long; the others are closed all the same.
        """

        async def drain(tenant: UUID) -> None:
            async with self.drained(tenant):
                pass

        drained = await asyncio.gather(*(drain(tenant) for tenant in self._slots.taken), return_exceptions=True)
        for outcome in drained:
            if isinstance(outcome, BaseException):
                raise outcome

    async def sweep(self) -> None:
        """Close idle vaults from time to time, for ever."""
        while True:
            await asyncio.sleep(self._idle_s / 4)
            await self.close_idle()

    async def close(self) -> None:
        """Let nobody in, wait for those who are, and close everything. Who takes too long meets ``VaultClosed``."""
        self._is_closed = True
        try:
            await self._in_time(self._unused())
        except VaultBusy:
            _log.warning("%d vaults are closed although they are in use", self.open_count)
        await asyncio.gather(*(self._closing(slot) for slot in list(self._slots.taken.values())))

    def _refuse_transaction(self) -> None:
        """Raise ``WrongScope`` in a transaction on the control plane: what we do there would wait for its end."""
        if isinstance(self.control.connection, TransactionalDBClient):
            raise WrongScope("leave the transaction on the control plane first")

    async def _take(self, tenant: UUID) -> Slot:
        while True:
            if self._is_closed:
                raise VaultClosed("the house is closing")
            slot = self._slots.taken.get(tenant)
            if tenant in self._kept_out or (slot is not None and slot.closing is not None):
                await self._slots.change()
            elif slot is not None:
                break
            elif not self._slots.is_full:
                slot = self._slots.taken[tenant] = Slot(tenant=tenant, opening=self._start(self._opener.open(tenant)))
                slot.opening.add_done_callback(lambda opening: self._opened(tenant, opening))
                break
            elif idle := self._slots.longest_idle():
                await asyncio.shield(self._closing(idle))
            else:
                await self._slots.change()
        slot.users += 1
        self._slots.taken.move_to_end(tenant)
        return slot

    def _opened(self, tenant: UUID, opening: asyncio.Task[OpenVault]) -> None:
        if opening.cancelled() or opening.exception() is not None:
            del self._slots.taken[tenant]
        self._slots.changed()

    async def _give_back(self, slot: Slot) -> None:
        slot.users -= 1
        slot.used = self._clock()
        self._slots.changed()
        if slot.is_idle and not slot.opening.exception() and slot.opening.result().damage is not None:
            await asyncio.shield(self._closing(slot))
        elif self._slots.is_full and (idle := self._slots.longest_idle()):
            self._closing(idle)  # beforehand, so that who comes next need not wait for it

    async def _keep_out(self, tenant: UUID) -> None:
        while tenant in self._kept_out:
            await self._slots.change()
        self._kept_out.add(tenant)
        try:
            while slot := self._slots.taken.get(tenant):
                if slot.is_idle:
                    await asyncio.shield(self._closing(slot))
                else:
                    await self._slots.change()
        except BaseException:
            self._kept_out.discard(tenant)
            self._slots.changed()
            raise

    async def _unused(self) -> None:
        while any(slot.users or not slot.opening.done() for slot in self._slots.taken.values()):
            await self._slots.change()

    def _closing(self, slot: Slot) -> "asyncio.Task[None]":
        if slot.closing is None:
            slot.closing = self._start(self._close(slot))
        return slot.closing

    async def _close(self, slot: Slot) -> None:
        try:
            await self._opener.close(await slot.opening)
        except (ReelhouseError, *DATABASE_ERRORS) as err:
            _log.warning("the vault of tenant %s was not closed well: %s", slot.tenant, err)
        finally:
            del self._slots.taken[slot.tenant]
            self._slots.changed()

    def _start[Result](self, work: Coroutine[Any, Any, Result]) -> "asyncio.Task[Result]":
        """Run in a task that nobody else can cancel, bound to the control plane and to no transaction or vault."""

        async def apart() -> Result:
            with self.control.bound():
                return await work

        task = asyncio.create_task(apart(), context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _in_time[Result](self, work: Coroutine[Any, Any, Result]) -> Result:
        try:
            async with asyncio.timeout(self._wait_s):
                return await work
        except TimeoutError:
            raise VaultBusy("too many vaults are in use, or this one is for too long") from None
