"""Backups and restores killed at random moments: the chain stays whole, and a house is there wholly or not at all."""

import asyncio
import multiprocessing
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from plugins.storage.local.store import LocalStorage
from tenants.backups.chain import read_head
from tenants.backups.creating import create_backup
from tenants.backups.failures import HomeOccupied
from tenants.backups.recipients import Recipient, make_recipient
from tenants.backups.restoring import restore_backup
from tenants.backups.signing import Signer
from tenants.backups.verifying import verify_backup
from tenants.control.models.tenant import Tenant
from tenants.house.backing_up import source_of
from tenants.house.house import open_house
from tenants.keys import LocalMasterKey, Secret
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope
from tests.support.amount import amount
from tests.support.counts import counted
from tests.unit.tenants.backups.conftest import MASTER, settings

KILLS = 30
NOW = datetime(2026, 5, 4, tzinfo=UTC)


async def backed_up(folder: Path, public: str, *, slug: str | None = None) -> None:
    """Open the house, make a tenant if told to, and make a backup."""
    async with open_house(settings(folder / "home")) as house:
        await house.unseal()
        if slug is not None:
            tenant = await house.create_tenant(slug, slug, owner="ada@example.org", actor="test")
            async with scope(tenant.id):
                await Setting.create(name="slug", value=slug)
        store = LocalStorage.open(folder / "store")
        await create_backup(source_of(house), store, recipients=[public], now=NOW)
        await store.close()


async def restored(folder: Path, home: Path, private: str) -> None:
    """Restore the newest set."""
    store = LocalStorage.open(folder / "store")
    await restore_backup(
        store,
        home=home,
        database=f"sqlite://{home}/control.db",
        masters=[LocalMasterKey(MASTER)],
        recipient=Recipient(Secret(private.encode())),
        signer=Signer.at(folder / "home" / "backups").public,
    )
    await store.close()


def back_up(folder: str, _home: str, key: str, told: Connection) -> None:
    """Back up in a process of its own."""
    told.send("begun")
    asyncio.run(backed_up(Path(folder), key))


def restore(folder: str, home: str, key: str, told: Connection) -> None:
    """Restore in a process of its own."""
    told.send("begun")
    asyncio.run(restored(Path(folder), Path(home), key))


def kill(deed: Callable[[str, str, str, Connection], None], folder: Path, home: Path, key: str, after_s: float) -> None:
    """Kill a deed so long after it has begun."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=deed, args=(str(folder), str(home), key, there))
    process.start()
    assert here.recv() == "begun"
    time.sleep(after_s)  # a random moment; nothing waits for it
    process.kill()
    process.join()
    process.close()


async def verified(folder: Path, private: str) -> None:
    store = LocalStorage.open(folder / "store")
    own = folder / "home" / "backups"
    recipient = Recipient(Secret(private.encode()))
    signer = Signer.at(own).public
    await verify_backup(store, signer=signer, scratch=folder, head=read_head(own), recipient=recipient)
    await store.close()


async def slugs(home: Path) -> set[str]:
    """Return what the vaults of a house hold."""
    async with open_house(settings(home)) as house:
        await house.unseal()
        found = set()
        for tenant in await Tenant.all():
            async with scope(tenant.id):
                found.add(str((await Setting.get(name="slug")).value))
        return found


def test_a_killed_backup_breaks_no_chain_and_loses_no_set(tmp_path: Path) -> None:
    public, private = make_recipient()
    asyncio.run(backed_up(tmp_path, public, slug="acme"))
    luck, kills = random.Random(4), amount(KILLS)
    for _ in range(kills):
        kill(back_up, tmp_path, tmp_path, public, luck.random() / 2)
        asyncio.run(verified(tmp_path, private.reveal().decode()))
    asyncio.run(backed_up(tmp_path, public))
    asyncio.run(verified(tmp_path, private.reveal().decode()))
    counted(f"{kills} kills -9 of backups: the chain was whole each time", kills=kills)


def test_a_killed_restore_leaves_a_whole_house_or_is_begun_again(tmp_path: Path) -> None:
    public, private = make_recipient()
    for slug in ("acme", "other"):
        asyncio.run(backed_up(tmp_path, public, slug=slug))
    secret = private.reveal().decode()
    luck, kills, whole = random.Random(5), amount(KILLS), 0
    for number in range(kills):
        home = tmp_path / f"again-{number}"
        home.mkdir()
        kill(restore, tmp_path, home, secret, luck.random() / 2)
        try:
            asyncio.run(restored(tmp_path, home, secret))
        except HomeOccupied:
            whole += 1
        assert asyncio.run(slugs(home)) == {"acme", "other"}
    counted(f"{kills} kills -9 of restores, {whole} after their last step: every house whole", kills=kills)
