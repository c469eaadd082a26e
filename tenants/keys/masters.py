"""The master keys a house works with: one that wraps, and older ones until a rotation has reached every key."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

from tenants.keys.failures import Sealed, WrongMaster
from tenants.keys.master import KeyPlace, MasterKey
from tenants.keys.rows import WrappedKey
from tenants.keys.secret import Concealed

Reopen = Callable[[], Sequence[MasterKey]]
"""Returns the master keys as they are now, the one that wraps first; called in a thread."""


class Masters(Concealed):
    """Wraps and unwraps tenants' keys of one house, in threads. Without a master key everything raises ``Sealed``."""

    def __init__(self, *, instance: UUID) -> None:
        self._instance = instance
        self._all: tuple[MasterKey, ...] = ()
        self._reopen: Reopen | None = None

    @property
    def all(self) -> tuple[MasterKey, ...]:
        """The master keys, the one that wraps first."""
        return self._all

    def current(self) -> MasterKey:
        """Return the one that wraps; raise ``Sealed`` without one."""
        if not self._all:
            raise Sealed
        return self._all[0]

    def replace(self, masters: Sequence[MasterKey], reopen: Reopen | None) -> None:
        """Work with these from now on; with none, the house is sealed."""
        self._all = tuple(masters)
        self._reopen = reopen

    async def wrap(self, key: bytes, *, tenant: UUID, version: int) -> WrappedKey:
        """Wrap a new key by the current master key, after a look whether another process has changed it."""
        await self._look_again()
        return await self._wrapped(key, by=self.current(), tenant=tenant, version=version)

    async def rewrap(self, row: WrappedKey, *, by: MasterKey) -> WrappedKey:
        """Unwrap a stored key and wrap it by another master key."""
        return await self._wrapped(await self.unwrap(row), by=by, tenant=row.tenant, version=row.version)

    async def unwrap(self, row: WrappedKey) -> bytes:
        """Return the key of a row. Raise ``Tampered``, ``WrongMaster`` or ``MasterUnavailable``."""
        master = self._find(row.master_id)
        if master is None:
            await self._look_again()
            master = self._find(row.master_id)
        if master is None:
            raise WrongMaster(row.master_id)
        return await asyncio.to_thread(master.unwrap, row.wrapped, self._place(row.tenant, row.version))

    async def _wrapped(self, key: bytes, *, by: MasterKey, tenant: UUID, version: int) -> WrappedKey:
        wrapped = await asyncio.to_thread(by.wrap, key, self._place(tenant, version))
        self.current()  # raises when the house was sealed meanwhile
        return WrappedKey(tenant=tenant, version=version, wrapped=wrapped, master_id=by.id)

    async def _look_again(self) -> None:
        """Take the master keys as they are now, besides those that were given."""
        reopen = self._reopen
        if reopen is None:
            return
        opened = await asyncio.to_thread(reopen)
        if self._reopen is reopen:  # not when others were given, or the house was sealed, meanwhile
            known = {master.id for master in opened}
            self._all = (*opened, *(master for master in self._all if master.id not in known))

    def _find(self, master_id: str) -> MasterKey | None:
        self.current()
        return next((master for master in self._all if master.id == master_id), None)

    def _place(self, tenant: UUID, version: int) -> KeyPlace:
        return KeyPlace(instance=self._instance, tenant=tenant, version=version)
