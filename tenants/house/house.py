"""An open house: what a host, or a command, does everything for tenants through."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from tortoise.transactions import in_transaction

from core.api import NotFound
from tenants.control.audit import audited
from tenants.control.database import ALIAS, Control, open_control
from tenants.control.models.anchor import VaultAnchor
from tenants.control.models.house import House as HouseRow
from tenants.control.models.key import TenantKey, TenantKeyState
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.models.user import User
from tenants.control.tenants import create_tenant
from tenants.control.users import create_user, normal_email
from tenants.control.wrapped_keys import WrappedKeyRows
from tenants.house import unsealing
from tenants.house.failures import SealedByAdministrator
from tenants.house.settings import HouseSettings
from tenants.keys import KeyExists, Keyring, Rotation, Secret, WrappedKey
from tenants.vault.pool import VaultPool
from tenants.vault.scope import open_vaults


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Control plane, keys and vaults of one installation. Sealed until ``unseal``: what needs a key raises ``Sealed``.

    ``instance`` says which house this is, on whatever machine.
    """

    settings: HouseSettings
    control: Control
    keyring: Keyring
    vaults: VaultPool
    instance: UUID

    @property
    def is_sealed(self) -> bool:
        """True while no master key is there."""
        return self.keyring.is_sealed

    async def unseal(self, passphrase: Secret | None = None) -> None:
        """Open the master key, and finish the tenants whose making was interrupted. See ``unsealing.unseal``.

        Raise ``SealedByAdministrator`` while that holds.
        """
        if await self._sealed_since() is not None:
            raise SealedByAdministrator
        await unsealing.unseal(self.keyring, self.settings, passphrase)
        for tenant in await self._unfinished():
            await self._furnish(tenant.id)

    async def seal(self) -> None:
        """Forget every key and close every vault: what needs one raises ``Sealed`` from now on, in this process.

        Raise ``VaultBusy`` where a vault is in use for too long; the keys are forgotten all the same.
        """
        self.keyring.seal()
        await self.vaults.close_all()

    async def seal_everywhere(self, *, actor: str, reason: str = "") -> None:
        """Seal the house for all processes, until ``unseal_everywhere``. Those that run ``heed_seal``."""
        async with audited(actor, "house.seal", "house", reason=reason):
            await HouseRow.filter(id=1, sealed=None).update(sealed=datetime.now(UTC))
        await self.seal()

    async def unseal_everywhere(self, passphrase: Secret | None = None, *, actor: str) -> None:
        """Take back what ``seal_everywhere`` did, for who has the master key.

        Raise what ``unsealing.unseal`` does, and ``WrongMaster``; the house stays sealed then.
        """
        await unsealing.unseal(self.keyring, self.settings, passphrase)
        try:
            if key := await TenantKey.filter(state=TenantKeyState.ACTIVE).first():
                await self.keyring.keys(key.tenant_id)
            async with audited(actor, "house.unseal", "house"):
                await HouseRow.filter(id=1).update(sealed=None)
        except BaseException:
            self.keyring.seal()
            raise

    async def heed_seal(self) -> None:
        """Seal this process if an administrator sealed the house; to be called from time to time.

        Raise ``VaultBusy`` as ``seal``: the next call goes on with what is still open.
        """
        if (not self.is_sealed or self.vaults.open_count) and await self._sealed_since() is not None:
            await self.seal()

    async def create_tenant(self, slug: str, name: str, *, owner: str, actor: str) -> Tenant:
        """Make a tenant with its owner, its key and its vault. ``owner`` is an e-mail address; it may be a user's.

        Killed in between, it is finished when the house is unsealed next. Raise ``Sealed``, and what
        ``control.users.create_user`` and ``control.tenants.create_tenant`` do; nothing is made then.
        """
        _ = self.keyring.master_id  # raises ``Sealed`` before anything is made
        email = normal_email(owner)
        async with in_transaction(ALIAS):
            user = await User.get_or_none(email=email) or await create_user(email, email.partition("@")[0], actor=actor)
            tenant = await create_tenant(slug, name, owner=user.id, actor=actor)
        await self._furnish(tenant.id)
        return tenant

    async def tenant(self, slug: str) -> Tenant:
        """Return a tenant by its slug; raise ``NotFound``."""
        found = await Tenant.get_or_none(slug=slug)
        if found is None:
            raise NotFound(f'there is no tenant "{slug}"')
        return found

    async def rotate_tenant_key(self, tenant: UUID, *, actor: str) -> int:
        """Give a tenant a new key and put its vault under it; return the key's version. The former still decrypts.

        Who uses the vault waits meanwhile; what was acknowledged is there afterwards, whatever happens in between.
        Raise ``Sealed``, ``KeyGone``, ``VaultBusy``, and what opening the vault raises; nothing is changed then.
        """

        async def adopt(key: WrappedKey) -> None:
            async with audited(actor, "tenant.rotate_key", f"tenant:{tenant}", tenant, version=key.version):
                await self.keyring.adopt(key)

        return await self.vaults.rekey(tenant, adopt)

    async def rotate_master(self) -> Rotation:
        """Replace the master key; see ``unsealing.rotate_master``."""
        return await unsealing.rotate_master(self.keyring, self.settings)

    async def _sealed_since(self) -> datetime | None:
        return (await HouseRow.get(id=1)).sealed

    async def _furnish(self, tenant: UUID) -> None:
        """Give a tenant its key and its vault, as far as it has none: one process at a time.

        A process that is unsealed meanwhile takes a tenant in the making for one that was interrupted.
        """
        async with _making_alone(self.settings.home):
            if await VaultAnchor.exists(tenant_id=tenant):
                return
            with suppress(KeyExists):  # it was interrupted later
                await self.keyring.create(tenant)
            await self.vaults.create(tenant)

    async def _unfinished(self) -> list[Tenant]:
        """Return the tenants that have no vault: their making was interrupted."""
        states = [TenantState.ACTIVE, TenantState.SUSPENDED]
        return await Tenant.filter(state__in=states, vault_anchors__id__isnull=True)


@asynccontextmanager
async def _making_alone(home: Path) -> AsyncIterator[None]:
    """Keep the other processes of this machine from making tenants' keys and vaults; wait for the one that does."""
    with (home / "making.lock").open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        yield


@asynccontextmanager
async def open_house(settings: HouseSettings) -> AsyncIterator[House]:
    """Open a house, sealed, and bind it to the running task; it is closed at the end.

    Raise what ``open_control`` does.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with open_control(settings.database) as control:
        instance = (await HouseRow.get(id=1)).instance
        keyring = Keyring(WrappedKeyRows(unsealing.key_of), instance=instance)
        async with open_vaults(settings.vaults, keyring=keyring, control=control, instance=instance) as vaults:
            try:
                yield House(settings=settings, control=control, keyring=keyring, vaults=vaults, instance=instance)
            finally:
                keyring.seal()
