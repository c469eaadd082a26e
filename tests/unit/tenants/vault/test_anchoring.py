"""Writes of secrets and their anchor in the control plane: recorded before they are done, repaired after a crash."""

import sqlite3
from datetime import UTC, datetime
from uuid import UUID

import pytest
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.transactions import in_transaction

from tenants.control.database import ALIAS as CONTROL
from tenants.control.models.anchor import VaultAnchor
from tenants.vault.api_keys.keeping import add_key, list_keys
from tenants.vault.failures import VaultQuarantined, WrongScope
from tenants.vault.models.api_key import ApiKey
from tenants.vault.models.meta import Meta
from tenants.vault.models.plugin_config import PluginConfig
from tenants.vault.models.setting import Setting
from tenants.vault.places import Place
from tenants.vault.scope import scope
from tenants.vault.secrets import reveal, secret_write
from tenants.vault.sqlite.access import ALIAS
from tests.support.vaults import SmallHouse

NOW = datetime(2026, 11, 23, tzinfo=UTC)


async def test_each_write_of_secrets_counts_up_and_is_recorded_before_it_is_done(
    house: SmallHouse, tenant: UUID
) -> None:
    digests = [(await house.anchor(tenant)).digest.partition(":")[0]]
    async with scope(tenant):
        for number in range(3):
            await add_key("pexels", f"key {number}", f"secret-number-{number}", now=NOW)
            anchor, meta = await house.anchor(tenant), await Meta.get(id=1)
            assert (anchor.epoch, meta.epoch, meta.is_open) == (number + 1, number + 1, False)
            assert anchor.digest.partition(":")[0] == meta.digest
            digests.append(meta.digest)
        await Setting.create(name="no secret", value=1)
        assert (await Meta.get(id=1)).epoch == 3
    assert len(set(digests)) == 4


async def test_a_failed_write_of_secrets_leaves_no_trace(house: SmallHouse, tenant: UUID) -> None:
    async def failing() -> None:
        async with secret_write() as writer:
            config = PluginConfig(plugin="acme", key_version=writer.key_version)
            place = Place(table="plugin_configs", row=config.id, column="secrets", version=1)
            config.secrets = writer.seal(b"{}", place)
            await config.save()
            raise ValueError("back")

    async with scope(tenant):
        with pytest.raises(ValueError, match="back"):
            await failing()
        meta = await Meta.get(id=1)
        assert (meta.epoch, meta.is_open, await PluginConfig.exists()) == (0, False, False)
        await add_key("pexels", "main", "secret-number-1", now=NOW)
    assert (await house.anchor(tenant)).epoch == 1


async def test_any_table_of_secrets_is_sealed_and_opened_alike(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        async with secret_write() as writer:
            config = PluginConfig(plugin="acme", key_version=writer.key_version)
            place = Place(table="plugin_configs", row=config.id, column="secrets", version=1)
            config.secrets = writer.seal(b'{"token": "t"}', place)
            await config.save()
        read = await PluginConfig.get(plugin="acme")
        assert read.secrets is not None
        assert reveal(read.secrets, place, key_version=read.key_version).reveal() == b'{"token": "t"}'


async def test_the_database_refuses_secrets_that_are_not_anchored(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        key = await add_key("pexels", "main", "secret-number-1", now=NOW)
        for forbidden in (
            ApiKey.filter(id=key.id).update(secret=b"other"),
            ApiKey.filter(id=key.id).update(version=2),
            ApiKey.filter(id=key.id).update(expires=NOW),
            ApiKey.filter(id=key.id).delete(),
            PluginConfig.create(plugin="acme"),
        ):
            with pytest.raises(IntegrityError, match="secret_write"):
                await forbidden
        assert await ApiKey.filter(id=key.id).update(calls=5) == 1
    async with house.pool.drained(tenant):
        pass
    async with scope(tenant):
        assert [shown.id for shown in await list_keys(now=NOW)] == [key.id]


async def test_secrets_are_not_written_within_another_transaction(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        for alias in (ALIAS, CONTROL):
            async with in_transaction(alias):
                with pytest.raises(WrongScope):
                    await add_key("pexels", "main", "secret-number-1", now=NOW)
        assert await list_keys(now=NOW) == []


async def test_a_write_that_can_not_be_recorded_fails_and_the_next_one_records_it(
    house: SmallHouse, tenant: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object) -> None:
        raise OperationalError("the control plane is away")

    async with scope(tenant):
        with monkeypatch.context() as away:
            away.setattr("tenants.vault.vault.move_anchor", failing)
            with pytest.raises(OperationalError):
                await add_key("pexels", "first", "secret-number-1", now=NOW)
            with pytest.raises(OperationalError):  # never two ahead
                await add_key("pexels", "second", "secret-number-2", now=NOW)
        assert [key.label for key in await list_keys(now=NOW)] == ["first"]
        assert ((await Meta.get(id=1)).epoch, (await house.anchor(tenant)).epoch) == (1, 0)
        await add_key("pexels", "third", "secret-number-3", now=NOW)
    assert (await house.anchor(tenant)).epoch == 2


async def test_a_vault_that_died_before_it_could_record_is_repaired(
    house: SmallHouse, tenant: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object) -> None:
        raise OperationalError("the control plane is away")

    with monkeypatch.context() as away:
        away.setattr("tenants.vault.vault.move_anchor", failing)
        async with scope(tenant):
            with pytest.raises(OperationalError):
                await add_key("pexels", "main", "secret-number-1", now=NOW)
        async with house.pool.drained(tenant) as files:
            assert files.written.exists()
    async with scope(tenant):
        assert [key.label for key in await list_keys(now=NOW)] == ["main"]
    assert (await house.anchor(tenant)).epoch == 1
    async with house.pool.drained(tenant) as files:
        assert not files.written.exists()


async def test_a_vault_two_epochs_ahead_is_refused(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        await add_key("pexels", "main", "secret-number-1", now=NOW)
        await add_key("pexels", "second", "secret-number-2", now=NOW)
    async with house.pool.drained(tenant) as files:
        anchor = await house.anchor(tenant)
        files.write_mark(b"no mark of this file")
    await VaultAnchor.filter(tenant_id=tenant).update(epoch=0)
    with pytest.raises(VaultQuarantined, match="epoch 2, not 0"):
        async with scope(tenant):
            pass
    assert (await house.anchor(tenant)).quarantined is not None
    assert anchor.quarantined is None


async def test_the_mark_is_there_from_before_the_first_write_until_the_vault_is_closed(
    house: SmallHouse, tenant: UUID
) -> None:
    files = house.files(tenant)
    async with scope(tenant):
        await Setting.all()
        assert not files.written.exists()
        await Setting.create(name="a", value=1)
        assert files.written.exists()
    before = (await house.anchor(tenant)).digest
    async with house.pool.drained(tenant):
        assert not files.written.exists()
        assert (await house.anchor(tenant)).digest.endswith(f":{files.digest()}")
        assert (await house.anchor(tenant)).digest != before


async def test_a_vault_that_was_only_read_is_not_written_nor_recorded(house: SmallHouse, tenant: UUID) -> None:
    files = house.files(tenant)
    before, anchor = files.database.read_bytes(), await house.anchor(tenant)
    async with scope(tenant):
        assert not await Setting.exists()
    async with house.pool.drained(tenant):
        pass
    assert files.database.read_bytes() == before
    assert (await house.anchor(tenant)).updated == anchor.updated


async def test_making_a_vault_twice_makes_it_once(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        await Setting.create(name="a", value=1)
    await house.pool.create(tenant)
    async with scope(tenant):
        assert await Setting.all().count() == 1


async def test_a_making_that_was_interrupted_is_taken_up(house: SmallHouse, tenant: UUID) -> None:
    files = house.files(tenant)
    await VaultAnchor.filter(tenant_id=tenant).delete()
    files.new.write_bytes(b"half a vault")
    await house.pool.create(tenant)  # it was made, but not recorded
    async with scope(tenant):
        assert not await Setting.exists()
    async with house.pool.drained(tenant):
        files.database.unlink()
    await VaultAnchor.filter(tenant_id=tenant).delete()
    await house.pool.create(tenant)  # it was not yet made
    async with scope(tenant):
        await add_key("pexels", "main", "secret-number-1", now=NOW)
    async with house.pool.drained(tenant):
        pass
    await VaultAnchor.filter(tenant_id=tenant).delete()
    with pytest.raises(VaultQuarantined, match="does not know it"):
        await house.pool.create(tenant)  # it was used
    assert not await VaultAnchor.exists(tenant_id=tenant)


async def test_a_vault_can_be_read_by_its_owner_alone(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        await Setting.create(name="a", value=1)
        folder = house.files(tenant).folder
        modes = {path.name: path.stat().st_mode & 0o077 for path in folder.iterdir() if path.name != "lease"}
    assert set(modes) == {"vault.db", "vault.db-wal", "vault.db-shm", "written"}
    assert (set(modes.values()), folder.stat().st_mode & 0o077) == ({0}, 0)


async def test_no_plain_sqlite_opens_a_vault(house: SmallHouse, tenant: UUID) -> None:
    with sqlite3.connect(house.files(tenant).database) as plain, pytest.raises(sqlite3.DatabaseError):
        plain.execute("SELECT * FROM sqlite_schema").fetchall()
    plain.close()
