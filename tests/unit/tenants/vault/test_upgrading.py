"""Migrations of vaults: on opening, after a copy was made; all or nothing; a newer vault is refused."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

import pytest
from tortoise.apps import Apps
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.operations import AlterModelOptions

import tenants.vault.upgrading
from tenants.vault.binding import bound_to, required
from tenants.vault.failures import VaultDamaged, VaultNewer, VaultNotMigrated
from tenants.vault.files import VaultFiles
from tenants.vault.migrations import MIGRATIONS
from tenants.vault.models.meta import Meta
from tenants.vault.models.setting import Setting
from tenants.vault.registering import APPS
from tenants.vault.scope import scope
from tests.support.vault_deeds import LATER
from tests.support.vaults import SmallHouse

type Later = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """A later version of the house, while it lasts."""

    @contextmanager
    def being_later() -> Iterator[None]:
        with monkeypatch.context() as patched:
            patched.setitem(APPS["vault"], "migrations", "tests.support.later.migrations")
            patched.setattr(tenants.vault.upgrading, "MIGRATIONS", LATER)
            yield

    return being_later


async def fill(house: SmallHouse, tenant: UUID, *names: str) -> bytes:
    """Write settings and close the vault; return its file's bytes."""
    async with scope(tenant):
        await Setting.bulk_create([Setting(name=name, value=1) for name in names])
    async with house.pool.drained(tenant) as files:
        return files.database.read_bytes()


async def notes() -> list[str]:
    _, rows = await required().current.execute_query('SELECT "note" FROM "settings" ORDER BY "name"')
    return [row["note"] for row in rows]


def names(files: VaultFiles) -> set[str]:
    return {path.name for path in files.folder.iterdir()}


async def test_an_older_vault_is_migrated_as_it_is_opened(house: SmallHouse, tenant: UUID, later: Later) -> None:
    await fill(house, tenant, "a", "b")
    with later():
        async with scope(tenant):
            assert await notes() == ["a", "b"]
            assert (await Meta.get(id=1)).schema == "9999_later"
            assert "vault.before" not in names(house.files(tenant))
        async with house.pool.drained(tenant) as files:
            assert names(files) == {"vault.db", "lease"}
            migrated = files.database.read_bytes()
        assert (await house.anchor(tenant)).schema == "9999_later"
        async with scope(tenant):
            assert await notes() == ["a", "b"]
        async with house.pool.drained(tenant) as files:
            assert files.database.read_bytes() == migrated


async def test_many_who_open_an_older_vault_at_once_migrate_it_once(
    house: SmallHouse, tenant: UUID, later: Later
) -> None:
    async def use() -> list[str]:
        async with scope(tenant):
            return await notes()

    await fill(house, tenant, "a")
    with later():
        assert await asyncio.gather(*(use() for _ in range(10))) == [["a"]] * 10


async def test_a_newer_vault_is_refused_and_not_touched(house: SmallHouse, tenant: UUID, later: Later) -> None:
    await fill(house, tenant, "a")
    with later():
        async with scope(tenant):
            pass
        async with house.pool.drained(tenant) as files:
            before = files.database.read_bytes()
    with pytest.raises(VaultNewer) as refused:
        async with scope(tenant):
            pass
    assert refused.value.schema == "9999_later"
    assert (files.database.read_bytes(), names(files)) == (before, {"vault.db", "lease"})
    assert (await house.anchor(tenant)).quarantined is None
    with later():
        async with scope(tenant):
            assert await notes() == ["a"]


async def test_a_migration_that_fails_leaves_the_vault_as_it_was(house: SmallHouse, tenant: UUID, later: Later) -> None:
    before = await fill(house, tenant, "a", "refused")
    with later(), pytest.raises(VaultNotMigrated) as failed:
        async with scope(tenant):
            pass
    assert failed.value.schema == MIGRATIONS[-1]
    files = house.files(tenant)
    assert files.database.read_bytes() == before
    assert (await house.anchor(tenant)).quarantined is None
    async with scope(tenant):
        assert await Setting.all().count() == 2
        await Setting.filter(name="refused").delete()
    async with house.pool.drained(tenant):
        pass
    with later():
        async with scope(tenant):
            assert await notes() == ["a"]


async def test_what_turns_out_damaged_after_a_migration_is_put_back(
    house: SmallHouse, tenant: UUID, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    def examine(_raw: object) -> None:
        raise VaultDamaged("a page is not what was written")

    before = await fill(house, tenant, "a")
    with later(), monkeypatch.context() as patched:
        patched.setattr(tenants.vault.upgrading, "examine", examine)
        with pytest.raises(VaultNotMigrated):
            async with scope(tenant):
                pass
    assert house.files(tenant).database.read_bytes() == before
    async with scope(tenant):
        assert await Setting.all().count() == 1


async def test_the_migrations_are_what_the_models_need(house: SmallHouse, tenant: UUID) -> None:
    assert MIGRATIONS == ("0001_initial", "0002_uploads", "0003_videos", "0004_sharing")
    async with house.pool.lease(tenant) as lease:
        with bound_to(lease.client, house.pool.context):
            writers = await MigrationAutodetector(Apps(APPS, house.pool.context.connections), dict(APPS)).changes()
    changes = [operation for writer in writers for operation in writer.operations]
    assert [change for change in changes if not isinstance(change, AlterModelOptions)] == []
