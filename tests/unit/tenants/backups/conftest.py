"""A house with two tenants, a store in a folder, and who can read its backups."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.api import Storage
from plugins.storage.local.store import LocalStorage
from tenants.backups.chain import read_head
from tenants.backups.creating import create_backup
from tenants.backups.manifest import Manifest
from tenants.backups.recipients import Recipient, make_recipient
from tenants.backups.restoring import Restored, restore_backup
from tenants.backups.signing import Signer
from tenants.backups.source import BackupSource
from tenants.control.models.tenant import Tenant
from tenants.house.backing_up import source_of
from tenants.house.house import House, open_house
from tenants.house.settings import HouseSettings
from tenants.keys import LocalMasterKey
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope

MASTER = bytes(range(32))
START = datetime(2026, 5, 4, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backed:
    """An open house with what its backups need."""

    house: House
    source: BackupSource
    store: Storage
    recipient: Recipient
    tenants: tuple[Tenant, Tenant]

    @property
    def signer(self) -> str:
        """What its backups are verified with."""
        return Signer.at(self.source.folder).public

    async def write(self, value: str) -> None:
        """Change the first tenant's vault."""
        async with scope(self.tenants[0].id):
            await Setting.update_or_create(name="value", defaults={"value": value})
        await self.house.vaults.close_all()

    async def back_up(self, hours: float = 0) -> Manifest:
        """Make a backup, so long after the start."""
        return await create_backup(
            self.source, self.store, recipients=[self.recipient.public], now=START + timedelta(hours=hours)
        )

    async def restore(self, home: Path, *, database: str | None = None, sequence: int | None = None) -> Restored:
        """Restore into a folder."""
        return await restore_backup(
            self.store,
            home=home,
            database=database or f"sqlite://{home}/control.db",
            masters=[LocalMasterKey(MASTER)],
            recipient=self.recipient,
            signer=self.signer,
            sequence=sequence,
            head=read_head(self.source.folder),
        )


def settings(home: Path, **environment: str) -> HouseSettings:
    """A house at ``home`` whose master key lies beside it."""
    key = home.parent / "master.key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(MASTER.hex())
    return HouseSettings(home=home, environment={"REELHOUSE_MASTER_KEY_FILE": str(key), **environment})


@pytest.fixture
async def backed(tmp_path: Path) -> AsyncIterator[Backed]:
    """A house with two tenants; nothing is backed up yet."""
    store = LocalStorage.open(tmp_path / "store")
    async with open_house(settings(tmp_path / "home")) as house:
        await house.unseal()
        acme = await house.create_tenant("acme", "Acme", owner="ada@example.org", actor="test")
        other = await house.create_tenant("other", "Other", owner="bob@example.org", actor="test")
        source = source_of(house)
        _, private = make_recipient()
        backed = Backed(house=house, source=source, store=store, recipient=Recipient(private), tenants=(acme, other))
        await backed.write("first")
        yield backed
    await store.close()
