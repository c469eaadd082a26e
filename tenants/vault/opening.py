"""Opening and closing one vault: file, keys and the control plane together. Runs in the pool's own tasks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from tenants.keys import KeyGone, Keyring, TenantKeys, WrappedKey
from tenants.vault.accepting import accept_file
from tenants.vault.anchors import Anchor, add_anchor, has_anchor, known_epoch, quarantine, replace_anchor
from tenants.vault.binding import ScopedContext
from tenants.vault.birth import find_vault, make_vault
from tenants.vault.failures import VaultBusy, VaultQuarantined
from tenants.vault.files import VaultFiles
from tenants.vault.registering import register_models
from tenants.vault.upgrading import upgrade
from tenants.vault.vault import OpenVault

type Adopt = Callable[[WrappedKey], Awaitable[None]]
"""Makes a proposed key the tenant's active one: ``Keyring.adopt``, with whatever belongs to it."""

LEASE_WAIT_S = 5.0
LEASE_POLL_S = 0.05

_log = logging.getLogger(__name__)


class Opener:
    """Opens, makes and closes the vaults that lie below a folder."""

    def __init__(self, folder: Path, *, keyring: Keyring, context: ScopedContext, instance: UUID) -> None:
        register_models()
        self._folder = folder
        self._keyring = keyring
        self._context = context
        self._instance = instance

    def files(self, tenant: UUID) -> VaultFiles:
        """Return where a tenant's vault lies."""
        return VaultFiles(folder=self._folder / str(tenant))

    async def open(self, tenant: UUID) -> OpenVault:
        """Open a vault: what it should be, migrated, and recorded. One that is not what it should be is quarantined.

        Raise ``VaultMissing``, ``VaultQuarantined``, ``VaultNewer``, ``VaultUnavailable``, and what the keyring raises.
        """
        try:
            vault = await self._opened(tenant)
        except VaultQuarantined as err:
            await quarantine(tenant, err.reason)
            _log.warning("the vault of tenant %s is quarantined: %s", tenant, err.reason)
            raise
        try:
            if vault.state.epoch != vault.anchor.epoch:
                await vault.settle()  # the process died before it could
            await upgrade(vault, self._context)
        except BaseException:
            await vault.abandon()
            raise
        return vault

    async def make(self, tenant: UUID) -> None:
        """Make a tenant's vault, if there is none yet. What an interrupted making has left is taken up."""
        if await has_anchor(tenant):
            return
        keys = await self._keyring.keys(tenant)
        await add_anchor(tenant, await asyncio.to_thread(self._made, self.files(tenant), keys))

    async def accept(self, tenant: UUID) -> None:
        """Take the file that lies there for the truth, and record it."""
        keys = await self._keyring.keys(tenant)
        epoch = await known_epoch(tenant) + 1
        await replace_anchor(tenant, await asyncio.to_thread(self._accepted, self.files(tenant), keys, epoch))

    async def rekey(self, tenant: UUID, adopt: Adopt) -> int:
        """Copy a vault under a new key of its tenant and put the copy in its place; return the key's version.

        ``adopt`` makes the key count, when the copy is there. What was interrupted after that is taken up: then the
        active key is the new one already. Raise what ``open`` does, what ``adopt`` does, and ``KeyExists``.
        """
        vault = await self._at_rest(tenant)
        try:
            keys = await self._keyring.keys(tenant)
            row = None
            if keys.version == vault.keys.version:
                row, keys = await self._keyring.propose(tenant)
            await vault.copy_under(keys)
            if row is not None:
                await self._adopted(vault, adopt(row))
            await vault.give_way(keys)
        finally:
            await vault.abandon()
        await self.close(await self.open(tenant))  # records what the file is now
        return keys.version

    async def close(self, vault: OpenVault) -> None:
        """Close a vault and record what its file is now, or quarantine it if it was found damaged."""
        if vault.damage is not None:
            await quarantine(vault.tenant, vault.damage)
            _log.warning("the vault of tenant %s is quarantined: %s", vault.tenant, vault.damage)
        await vault.close()

    async def _at_rest(self, tenant: UUID) -> OpenVault:
        """Open a vault for reading alone: migrated, its file the very one that is recorded."""
        while True:
            await self.close(await self.open(tenant))
            vault = await self._opened(tenant)
            if not vault.state.is_written:
                return vault
            await vault.abandon()  # another process died with it in between

    async def _adopted(self, vault: OpenVault, adopting: Awaitable[None]) -> None:
        try:
            await adopting
        except BaseException:
            vault.files.drop_rekeyed()
            raise

    async def _opened(self, tenant: UUID) -> OpenVault:
        """Open the file with the active key, else with those before: a change of the key may have been interrupted."""
        keys = await self._keyring.keys(tenant)
        first: VaultQuarantined | None = None
        while True:
            vault = OpenVault(self.files(tenant), keys=keys)
            try:
                await self._waiting_for_lease(vault)
            except VaultQuarantined as err:
                first = first or err
                former = await self._former(keys)
                if former is None:
                    raise first from None
                keys = former
            else:
                return vault

    async def _waiting_for_lease(self, vault: OpenVault) -> None:
        try:
            async with asyncio.timeout(LEASE_WAIT_S):
                while True:
                    try:
                        return await vault.open(instance=self._instance)
                    except VaultBusy:
                        await asyncio.sleep(LEASE_POLL_S)  # it may be closing there at this moment
        except TimeoutError:
            raise VaultBusy("another process has the vault") from None

    async def _former(self, keys: TenantKeys) -> TenantKeys | None:
        if keys.version == 1:
            return None
        try:
            return await self._keyring.keys(keys.tenant, keys.version - 1)
        except KeyGone:
            return None

    def _accepted(self, files: VaultFiles, keys: TenantKeys, epoch: int) -> Anchor:
        with files.leased():
            return accept_file(files, keys, instance=self._instance, epoch=epoch)

    def _made(self, files: VaultFiles, keys: TenantKeys) -> Anchor:
        files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with files.leased():
            if files.database.exists():
                return find_vault(files, keys, instance=self._instance)
            return make_vault(files, keys, instance=self._instance)
