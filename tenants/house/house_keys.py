"""House keys: random keys of the house's own, kept in the control plane, wrapped by the master key.

Several hosts on one control plane share them. The newest of a purpose is used; what an older one made is understood
until that one is retired.
"""

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from tenants.control.audit import audited
from tenants.control.database import ALIAS
from tenants.control.models.house import House
from tenants.control.models.house_key import HouseKey, KeyPurpose
from tenants.keys import Keyring
from tenants.keys.derivation import KEY_BYTES
from tenants.keys.secret import Concealed


class HouseKeys(Concealed):
    """Hands out house keys while the house is unsealed. Every call raises ``Sealed`` otherwise."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._kept: dict[UUID, bytes] = {}

    async def newest(self, purpose: KeyPurpose) -> tuple[UUID, bytes]:
        """Return the id and the 32 bytes of the key to use; make the first one."""
        return await self._opened(await _newest(purpose) or await self._first(purpose))

    async def of(self, key: UUID, purpose: KeyPurpose, now: datetime) -> bytes | None:
        """Return a key by its id; None for one that is not there, not for this, or retired."""
        not_retired = Q(retired=None) | Q(retired__gt=now)
        row = await HouseKey.get_or_none(not_retired, id=key, purpose=purpose)
        return (await self._opened(row))[1] if row else None

    async def any(self, key: UUID, purpose: KeyPurpose) -> bytes | None:
        """Return a key by its id, retired or not: for what lies sealed."""
        row = await HouseKey.get_or_none(id=key, purpose=purpose)
        return (await self._opened(row))[1] if row else None

    async def rotate(self, purpose: KeyPurpose, *, overlap: timedelta, actor: str, now: datetime) -> UUID:
        """Make a new key; the older ones are understood for ``overlap`` longer. Return its id."""
        async with audited(actor, "house.rotate_key", f"house_key:{purpose}"):
            await HouseKey.filter(purpose=purpose, retired=None).update(retired=now + overlap)
            return (await self._made(purpose)).id

    async def _first(self, purpose: KeyPurpose) -> HouseKey:
        """Make the first key of a purpose; of several who want to at once, one does."""
        async with in_transaction(ALIAS):
            await House.select_for_update().get(id=1)
            return await _newest(purpose) or await self._made(purpose)

    async def _made(self, purpose: KeyPurpose) -> HouseKey:
        wrapped = await self._keyring.wrap_house_key(os.urandom(KEY_BYTES))
        return await HouseKey.create(
            purpose=purpose, wrapped=wrapped.wrapped, master_id=wrapped.master_id, created=datetime.now(UTC)
        )

    async def _opened(self, row: HouseKey) -> tuple[UUID, bytes]:
        if self._keyring.is_sealed:
            self._kept.clear()
        _ = self._keyring.master_id  # raises ``Sealed``, whatever is kept
        if row.id not in self._kept:
            self._kept[row.id] = await self._keyring.unwrap_house_key(bytes(row.wrapped), master_id=row.master_id)
        return row.id, self._kept[row.id]


async def _newest(purpose: KeyPurpose) -> HouseKey | None:
    return await HouseKey.filter(purpose=purpose).order_by("-created", "-id").first()


async def rewrap_house_keys(keyring: Keyring) -> None:
    """Wrap every house key by the current master key. Raise as ``Keyring.unwrap_house_key``."""
    for row in await HouseKey.exclude(master_id=keyring.master_id):
        key = await keyring.unwrap_house_key(bytes(row.wrapped), master_id=row.master_id)
        anew = await keyring.wrap_house_key(key)
        await HouseKey.filter(id=row.id, master_id=row.master_id).update(wrapped=anew.wrapped, master_id=anew.master_id)
