"""Creating: a backup set of a running house. Nobody is kept from working but while a table or a vault is copied."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from tortoise.models import Model
from tortoise.transactions import in_transaction

from core.api import InvalidInput, ReelhouseError, Storage
from tenants.backups.chain import NOTHING, Link, read_chain, read_head, write_head
from tenants.backups.manifest import Kind, Manifest, Part, place_of
from tenants.backups.parts import CHUNK, PartWriter, unchanged
from tenants.backups.rows import CONTROL, KEYS, dumped
from tenants.backups.signing import Signer
from tenants.backups.source import BackupSource, working
from tenants.control.database import ALIAS
from tenants.control.models.anchor import VaultAnchor
from tenants.vault.copying import copy_vault
from tenants.vault.scope import offering, scope


async def create_backup(source: BackupSource, store: Storage, *, recipients: Sequence[str], now: datetime) -> Manifest:
    """Store a new set and return its manifest, which is put last: without it nothing happened.

    The control plane is copied first, then each vault that has changed, then the wrapped keys: whatever key a vault was
    copied under is among them. A vault that can't be copied is told in ``failed`` and does not stop the others.

    Raise ``Sealed``, ``BackupBusy``, ``BackupRefused`` where the store lacks what the house has written, ``NotReady``.
    """
    if not recipients:
        raise InvalidInput("a backup needs at least one recipient", path="recipients")
    _ = source.keyring.master_id  # raises ``Sealed`` before anything is done
    with working(source.folder):
        signer = Signer.at(source.folder)
        chain = await read_chain(store, signer=signer.public, head=read_head(source.folder))
        with TemporaryDirectory(prefix="set-", dir=source.folder) as scratch:
            making = _Making(source, store, recipients=recipients, scratch=Path(scratch))
            manifest = await making.manifest(chain[-1] if chain else None, signer=signer, now=now)
            signed = signer.sign(manifest.model_dump_json().encode())
            file = Path(scratch) / "manifest"
            await asyncio.to_thread(file.write_bytes, signed)
            await store.put(place_of(manifest.sequence), file)
        write_head(source.folder, Link(manifest=manifest, digest=sha256(signed).hexdigest()))
        return manifest


class _Making:
    def __init__(self, source: BackupSource, store: Storage, *, recipients: Sequence[str], scratch: Path) -> None:
        self._source = source
        self._store = store
        self._recipients = recipients
        self._scratch = scratch

    async def manifest(self, former: Link | None, *, signer: Signer, now: datetime) -> Manifest:
        counts: Counter[str] = Counter()
        control = await self._rows(Kind.CONTROL, CONTROL, b"", counts)
        copied = {part.tenant: part for part in former.manifest.vaults if part.tenant} if former else {}
        vaults, failed = [], {}
        for anchor in await VaultAnchor.all().order_by("tenant_id"):
            tenant = anchor.tenant_id
            try:
                if anchor.quarantined is not None:
                    failed[tenant] = anchor.quarantined
                    part = copied.get(tenant)
                else:
                    state = self._state(anchor)
                    part = unchanged(copied, tenant, state, self._recipients) or await self._vault(tenant, state)
            except (ReelhouseError, OSError) as err:
                failed[tenant] = str(err)
                part = copied.get(tenant)
            if part is not None:
                vaults.append(part)
        keys = await self._rows(Kind.KEYS, KEYS, signer.reveal().reveal().hex().encode() + b"\n", Counter())
        return Manifest(
            house=self._source.instance,
            sequence=former.manifest.sequence + 1 if former else 1,
            previous=former.digest if former else NOTHING,
            created=now,
            software=version("reelhouse"),
            control=control,
            keys=keys,
            vaults=tuple(vaults),
            counts=counts,
            failed=failed,
        )

    async def _rows(self, kind: Kind, models: Sequence[type[Model]], first: bytes, counts: Counter[str]) -> Part:
        sealed = self._scratch / kind
        with PartWriter(sealed, kind, house=self._source.instance, recipients=self._recipients) as writer:
            writer.add(first)
            async with in_transaction(ALIAS) as transaction:
                if transaction.capabilities.dialect == "postgres":  # SQLite's transactions see one moment anyway
                    await transaction.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                async for lines in dumped(models):
                    writer.add(lines)
                    counts.update(json.loads(line)[0] for line in lines.splitlines())
            part = writer.finish()
        return await self._stored(part, sealed)

    async def _vault(self, tenant: UUID, state: str | None) -> Part:
        """Copy a vault under the tenant's own key, so that nobody reads it who does not have that."""
        keys = await self._source.keyring.keys(tenant)
        copy, sealed = self._scratch / f"{tenant}.db", self._scratch / str(tenant)
        try:
            with offering(self._source.vaults):
                async with scope(tenant):
                    await copy_vault(copy, keys.vault)

            def seal() -> Part:
                with (
                    PartWriter(sealed, Kind.VAULT, house=self._source.instance, recipients=self._recipients) as writer,
                    copy.open("rb") as plain,
                ):
                    while chunk := plain.read(CHUNK):
                        writer.add(chunk)
                    return writer.finish(tenant=tenant, state=state, key_version=keys.version)

            return await self._stored(await asyncio.to_thread(seal), sealed)
        finally:
            for left in self._scratch.glob(f"{tenant}*"):
                left.unlink()

    async def _stored(self, part: Part, sealed: Path) -> Part:
        await self._store.put(part.place, sealed)
        await asyncio.to_thread(sealed.unlink)
        return part

    def _state(self, anchor: VaultAnchor) -> str | None:
        """Return what the vault was last closed as, None while it may differ from that."""
        return None if self._source.files(anchor.tenant_id).written.exists() else f"{anchor.epoch}:{anchor.digest}"
