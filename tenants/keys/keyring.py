"""The keyring: gives tenants' keys to who may have them, while the house is unsealed."""

import os
from collections import OrderedDict
from dataclasses import replace
from uuid import UUID

from tenants.keys.derivation import KEY_BYTES
from tenants.keys.failures import KeyExists, KeyGone
from tenants.keys.master import MasterKey
from tenants.keys.masters import Masters, Reopen
from tenants.keys.rotation import Rotation, rewrap_all
from tenants.keys.rows import KeyState, WrappedKey, WrappedKeys
from tenants.keys.secret import Concealed
from tenants.keys.tenant_keys import TenantKeys

CAPACITY = 256
HOUSE = UUID(int=0)
"""Stands for the house where a tenant's id would be: no random id is this one."""


class Keyring(Concealed):
    """The keys of all tenants of one house. Starts sealed; belongs to one event loop.

    At most ``capacity`` tenants' keys are kept in memory, those that were used last. They save the unwrapping, never
    the look at the row: a key that was shredded is gone at once, whoever did it.
    """

    def __init__(self, rows: WrappedKeys, *, instance: UUID, capacity: int = CAPACITY) -> None:
        self._rows = rows
        self._capacity = capacity
        self._masters = Masters(instance=instance)
        self._kept: OrderedDict[tuple[UUID, int], TenantKeys] = OrderedDict()
        self._destructions = 0

    @property
    def is_sealed(self) -> bool:
        """True while no master key is there."""
        return not self._masters.all

    @property
    def master_id(self) -> str:
        """The fingerprint of the master key that wraps; raise ``Sealed`` without one."""
        return self._masters.current().id

    def unseal(self, current: MasterKey, *older: MasterKey, reopen: Reopen | None = None) -> None:
        """Go to work: ``current`` wraps, the older ones unwrap what a rotation has not reached yet.

        ``reopen`` is called before a key is made and where a key is met that none of them wraps, because another
        process may have begun a rotation.
        """
        self._masters.replace((current, *older), reopen)

    def seal(self) -> None:
        """Forget every key. What is under way ends with ``Sealed``."""
        self._masters.replace((), None)
        self._kept.clear()
        self._destructions += 1

    async def create(self, tenant: UUID) -> TenantKeys:
        """Make a tenant's first key. Raise ``KeyExists`` if it ever had one, be it shredded."""
        return await self._add(tenant, version=1)

    async def renew(self, tenant: UUID) -> TenantKeys:
        """Make a new key the tenant's active one; the former still decrypts. Raise ``KeyGone`` without a former."""
        row, _ = await self.propose(tenant)
        await self.adopt(row)
        return await self.keys(tenant, row.version)

    async def propose(self, tenant: UUID) -> tuple[WrappedKey, TenantKeys]:
        """Return a new key for a tenant, wrapped and not: it counts for nothing until it is adopted.

        Raise as ``keys``.
        """
        version = (await self.keys(tenant)).version + 1
        row = await self._masters.wrap(os.urandom(KEY_BYTES), tenant=tenant, version=version)
        return row, TenantKeys.derive(await self._masters.unwrap(row), tenant=tenant, version=version)

    async def adopt(self, row: WrappedKey) -> None:
        """Make a proposed key the tenant's active one; the former still decrypts. Raise ``KeyExists``."""
        if not await self._rows.add(row):
            raise KeyExists(f"tenant {row.tenant} has a key of version {row.version} already")

    async def keys(self, tenant: UUID, version: int | None = None) -> TenantKeys:
        """Return a tenant's keys of a version, else of the active one.

        Raise ``Sealed``, ``KeyGone``, ``Tampered``, ``WrongMaster`` or ``MasterUnavailable``.
        """
        self._masters.current()
        destructions = self._destructions
        row = await (self._rows.active(tenant) if version is None else self._rows.get(tenant, version))
        if row is None or row.state is KeyState.SHREDDED:
            self._forget(tenant)
            raise KeyGone(f"tenant {tenant} has no key" + (f" of version {version}" if version else ""))
        # What was asked for, not the row's own word: a row that was put in another's place does not unwrap.
        row = replace(row, tenant=tenant, version=row.version if version is None else version)
        kept = self._kept.get((tenant, row.version))
        if kept is None:
            kept = TenantKeys.derive(await self._masters.unwrap(row), tenant=tenant, version=row.version)
        if self._destructions != destructions:  # sealed or shredded meanwhile: it may be this one
            return await self.keys(tenant, version)
        self._keep(kept)
        return kept

    async def shred(self, tenant: UUID) -> int:
        """Destroy a tenant's keys, all versions, for good; return how many there were. Works while sealed, too.

        What can still open the tenant's data then is a backup of the keys (``docs/keys.md``).
        """
        count = await self._rows.shred(tenant)
        self._forget(tenant)
        self._destructions += 1
        return count

    async def rotate_master(self, to: MasterKey) -> Rotation:
        """Make ``to`` the master key that wraps, and wrap every key anew by it. May be repeated after an interruption.

        Goes on beside everything else; readers need both master keys until it is complete.
        """
        older = (master for master in self._masters.all if master.id != to.id)
        self._masters.current()
        self._masters.replace((to, *older), None)
        return await rewrap_all(self._rows, self._masters, to)

    async def wrap_house_key(self, key: bytes) -> WrappedKey:
        """Wrap a key of the house's own, 32 bytes. Raise ``Sealed`` or ``MasterUnavailable``."""
        return await self._masters.wrap(key, tenant=HOUSE, version=1)

    async def unwrap_house_key(self, wrapped: bytes, *, master_id: str) -> bytes:
        """Return a key of the house's own. Raise ``Sealed``, ``Tampered``, ``WrongMaster`` or ``MasterUnavailable``."""
        return await self._masters.unwrap(WrappedKey(tenant=HOUSE, version=1, wrapped=wrapped, master_id=master_id))

    async def _add(self, tenant: UUID, *, version: int) -> TenantKeys:
        await self.adopt(await self._masters.wrap(os.urandom(KEY_BYTES), tenant=tenant, version=version))
        return await self.keys(tenant, version)  # through the store: what can't be read back is not handed out

    def _keep(self, keys: TenantKeys) -> None:
        place = (keys.tenant, keys.version)
        self._kept[place] = keys
        self._kept.move_to_end(place)
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)

    def _forget(self, tenant: UUID) -> None:
        for place in [place for place in self._kept if place[0] == tenant]:
            del self._kept[place]
