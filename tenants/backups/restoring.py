"""Restoring: a house from a set, where there is none. Needs no running host: the store, two keys and a folder."""

import asyncio
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from core.api import NotFound, ReelhouseError, Storage
from tenants.backups.chain import Head, Link, find, read_chain, write_head
from tenants.backups.failures import BackupKeysExpired, BackupRefused, HomeOccupied
from tenants.backups.loading import Loading
from tenants.backups.manifest import Part
from tenants.backups.parts import open_part
from tenants.backups.recipients import Recipient
from tenants.backups.signing import Signer
from tenants.backups.source import working
from tenants.control.database import open_control
from tenants.control.models.tenant import Tenant
from tenants.control.models.user import User
from tenants.keys import KeyGone, MasterKey, Secret, TenantKeys, WrappedKey
from tenants.keys.masters import Masters
from tenants.vault.accepting import accept_file
from tenants.vault.anchors import Anchor
from tenants.vault.files import VaultFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored. ``lost`` says which vaults were not, and why: they are quarantined with that word."""

    sequence: int
    tenants: tuple[UUID, ...]
    lost: dict[UUID, str]


async def restore_backup(
    store: Storage,
    *,
    home: Path,
    database: str,
    masters: Sequence[MasterKey],
    recipient: Recipient,
    signer: str,
    sequence: int | None = None,
    head: Head | None = None,
    tenants: Collection[UUID] | None = None,
) -> Restored:
    """Restore a set, else the newest, into an empty home and an empty database of either kind; all or nothing.

    The last step is one transaction that fills the database. Until then nothing is there, and what was interrupted is
    begun again by the next call. ``tenants`` names whose vaults are wanted, if not all. Raise ``HomeOccupied``,
    ``BackupRefused``, ``BackupKeysExpired``, ``BackupNewer``, ``NotFound``, and what the master key raises.
    """
    links = await read_chain(store, signer=signer, head=head)
    link = find(links, sequence)
    begun = home / "restoring"
    with working(home / "backups"):
        async with open_control(database):
            if await Tenant.exists() or await User.exists():
                raise HomeOccupied("the database holds a house already")
            await asyncio.to_thread(_begin, home, begun)  # not before: it removes what an interrupted restore left
            restoring = _Restoring(store, link, home=home, begun=begun, recipient=recipient)
            try:
                restored = await restoring.run(await _keys_of(store, links, link), masters, tenants)
            except ReelhouseError:
                await asyncio.to_thread(shutil.rmtree, home / "vaults")
                await asyncio.to_thread(shutil.rmtree, begun)
                raise
        write_head(home / "backups", links[-1])
        await asyncio.to_thread(shutil.rmtree, begun)
    return restored


def _begin(home: Path, begun: Path) -> None:
    if begun.exists():  # an earlier restore was interrupted
        shutil.rmtree(home / "vaults", ignore_errors=True)
        shutil.rmtree(begun)
    if (home / "vaults").exists() and any((home / "vaults").iterdir()):
        raise HomeOccupied(f"{home} holds vaults already")
    begun.mkdir(mode=0o700)
    (home / "vaults").mkdir(mode=0o700, exist_ok=True)


async def _keys_of(store: Storage, links: Sequence[Link], link: Link) -> Part:
    """Return the set's own copy of the keys, else the newest there is."""
    for candidate in (link, *reversed(links)):
        try:
            await store.stat(candidate.manifest.keys.place)
        except NotFound:
            continue
        return candidate.manifest.keys
    raise BackupKeysExpired("no copy of the tenants' keys is left")


class _Restoring:
    def __init__(self, store: Storage, link: Link, *, home: Path, begun: Path, recipient: Recipient) -> None:
        self._store = store
        self._manifest = link.manifest
        self._home = home
        self._begun = begun
        self._recipient = recipient

    async def run(self, keys_part: Part, masters: Sequence[MasterKey], tenants: Collection[UUID] | None) -> Restored:
        signer, *keys = await self._lines(keys_part)
        loading = Loading(await self._lines(self._manifest.control), keys)
        unwrapping = Masters(instance=self._manifest.house)
        unwrapping.replace(masters, None)
        anchors: dict[UUID, Anchor] = {}
        lost: dict[UUID, str] = {}
        parts = {part.tenant: part for part in self._manifest.vaults}
        for tenant, epoch in loading.epochs.items():
            part = parts.get(tenant)
            if part is None:
                lost[tenant] = "the backup holds no copy of it"
            elif tenants is not None and tenant not in tenants:
                lost[tenant] = "it was not to be restored"
            else:
                try:
                    anchors[tenant] = await self._vault(
                        part, loading.wrapped(tenant, part.key_version), unwrapping, epoch
                    )
                except KeyGone as err:
                    lost[tenant] = str(err)
        Signer(Secret(bytes.fromhex(signer.decode()))).keep(self._home / "backups")
        await asyncio.to_thread(VaultFiles(folder=self._home / "vaults").sync)
        await loading.save(anchors, lost)
        return Restored(sequence=self._manifest.sequence, tenants=tuple(anchors), lost=lost)

    async def _vault(self, part: Part, wrapped: WrappedKey, unwrapping: Masters, epoch: int) -> Anchor:
        key = await unwrapping.unwrap(wrapped)
        keys = TenantKeys.derive(key, tenant=wrapped.tenant, version=wrapped.version)
        files = VaultFiles(folder=self._home / "vaults" / str(wrapped.tenant))
        files.folder.mkdir(mode=0o700)
        await self._opened(part, files.database)
        return await asyncio.to_thread(accept_file, files, keys, instance=self._manifest.house, epoch=epoch + 1)

    async def _lines(self, part: Part) -> list[bytes]:
        file = self._begun / part.kind
        await self._opened(part, file)
        lines = (await asyncio.to_thread(file.read_bytes)).splitlines()
        file.unlink()
        return lines

    async def _opened(self, part: Part, target: Path) -> None:
        try:
            await open_part(self._store, part, target, house=self._manifest.house, recipient=self._recipient)
        except NotFound:
            raise BackupRefused(f"{part.place} is not in the store") from None
