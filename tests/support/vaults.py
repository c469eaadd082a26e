"""A small house with vaults: a control plane, keys that every process derives alike, and a pool."""

import hashlib
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from uuid import UUID

from tenants.control.database import Control, open_control
from tenants.control.models.anchor import VaultAnchor
from tenants.control.models.tenant import Tenant
from tenants.keys import KeyPlace, Keyring, LocalMasterKey, TenantKeys, WrappedKey
from tenants.vault.files import VaultFiles
from tenants.vault.pool import VaultPool
from tenants.vault.scope import offering
from tests.support.wrapped_keys import WrappedKeysInMemory

INSTANCE = UUID(int=7)
MASTER = LocalMasterKey(bytes(range(32)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallHouse:
    """An open house; ``keys`` is its store of wrapped keys."""

    home: Path
    control: Control
    pool: VaultPool
    keyring: Keyring
    keys: WrappedKeysInMemory

    def files(self, tenant: UUID) -> VaultFiles:
        """Return where a tenant's vault lies."""
        return VaultFiles(folder=self.home / "vaults" / str(tenant))

    def add_key(self, tenant: UUID, *, version: int = 1) -> TenantKeys:
        """Give a tenant the key that every process derives for it."""
        key = hashlib.sha256(tenant.bytes + bytes([version])).digest()
        place = KeyPlace(instance=INSTANCE, tenant=tenant, version=version)
        self.keys.rows[tenant, version] = WrappedKey(
            tenant=tenant, version=version, wrapped=MASTER.wrap(key, place), master_id=MASTER.id
        )
        return TenantKeys.derive(key, tenant=tenant, version=version)

    async def add_tenant(self) -> UUID:
        """Make a tenant with a key and a vault."""
        tenant = Tenant(slug="", name="a tenant")
        tenant.slug = str(tenant.id)
        await tenant.save()
        self.add_key(tenant.id)
        await self.pool.create(tenant.id)
        return tenant.id

    async def anchor(self, tenant: UUID) -> VaultAnchor:
        """Return what the control plane holds of a vault."""
        return await VaultAnchor.get(tenant_id=tenant)


@asynccontextmanager
async def small_house(
    home: Path,
    *,
    capacity: int = 128,
    idle_s: float = 300.0,
    wait_s: float = 30.0,
    clock: Callable[[], float] = monotonic,
) -> AsyncIterator[SmallHouse]:
    """Open the house at ``home``, which may have been open before, and know the keys of its tenants."""
    async with open_control(f"sqlite://{home}/control.db") as control:
        keys = WrappedKeysInMemory()
        keyring = Keyring(keys, instance=INSTANCE)
        keyring.unseal(MASTER)
        pool = VaultPool(
            home / "vaults",
            keyring=keyring,
            control=control,
            instance=INSTANCE,
            capacity=capacity,
            idle_s=idle_s,
            wait_s=wait_s,
            clock=clock,
        )
        house = SmallHouse(home=home, control=control, pool=pool, keyring=keyring, keys=keys)
        for tenant in await Tenant.all():
            house.add_key(tenant.id)
        try:
            with offering(pool):
                yield house
        finally:
            await pool.close()


async def furnish(template: Path, home: Path) -> None:
    """Give ``home`` a migrated control plane, copied from one that is made once."""
    if not (template / "control.db").exists():
        async with open_control(f"sqlite://{template}/control.db"):
            pass
    shutil.copy(template / "control.db", home / "control.db")
