"""A tenant's key is replaced: everything is under the new one, nothing is lost, and half a change is none."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from tenants.keys import KeyExists, KeyGone, Sealed, WrappedKey
from tenants.plugin_sets.configs import given_of, read_stored, write_config
from tenants.vault import opening, rekeying
from tenants.vault.api_keys.keeping import add_key, list_keys
from tenants.vault.api_keys.proving import rotate_key
from tenants.vault.api_keys.rows import open_secret
from tenants.vault.digests import SEALED
from tenants.vault.failures import ApiKeyTaken, VaultBusy, VaultDamaged, VaultQuarantined, VaultUnavailable
from tenants.vault.files import VaultFiles
from tenants.vault.models.api_key import ApiKey
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope
from tenants.vault.sqlite.opening import open_file
from tests.support.vaults import SmallHouse

NOW = datetime(2026, 11, 23, tzinfo=UTC)


async def furnish(tenant: UUID) -> None:
    async with scope(tenant):
        key = await add_key("pexels", "main", "first-secret-1234", now=NOW)
        await rotate_key(key.id, "second-secret-5678", now=NOW)
        await write_config("acme.stock", {"folder": "x"}, {"token": "third-secret"})
        await Setting.create(name="colour", value="amber")


async def secrets_of(tenant: UUID) -> tuple[str, dict[str, str]]:
    """Return what can be read of the secrets."""
    async with scope(tenant):
        secret = open_secret(await ApiKey.get(label="main")).reveal().decode()
        [config] = await read_stored(["acme.stock"])
        return secret, dict(given_of(config).secrets or {})


def opens(path: Path, key: bytes) -> bool:
    try:
        open_file(path, key).close()
    except Exception:  # noqa: BLE001 - of whatever kind
        return False
    return True


async def names(house: SmallHouse, tenant: UUID) -> set[str]:
    """Return what lies in the folder of a vault that is closed."""
    async with house.pool.drained(tenant) as files:
        return {path.name for path in files.folder.iterdir()}


async def test_everything_is_under_the_new_key_and_nothing_is_lost(house: SmallHouse, tenant: UUID) -> None:
    await furnish(tenant)
    former = await house.keyring.keys(tenant)
    async with scope(tenant):
        before = [key.fingerprint for key in await list_keys(now=NOW)]
    assert await house.pool.rekey(tenant, house.keyring.adopt) == 2
    keys = await house.keyring.keys(tenant)
    assert await secrets_of(tenant) == ("first-secret-1234", {"token": "third-secret"})
    async with scope(tenant):
        assert await Setting.all().values_list("name", "value") == [("colour", "amber")]
        [shown] = await list_keys(now=NOW)
        assert shown.fingerprint != before[0]
        with pytest.raises(ApiKeyTaken):
            await add_key("pexels", "again", "first-secret-1234", now=NOW)
        await add_key("pexels", "other", "fourth-secret-9999", now=NOW)
    async with house.pool.drained(tenant) as files:
        assert (opens(files.database, keys.vault), opens(files.database, former.vault)) == (True, False)
    assert await names(house, tenant) == {"vault.db", "lease"}
    assert await secrets_of(tenant) == ("first-secret-1234", {"token": "third-secret"})


async def test_it_may_be_done_again_and_again(house: SmallHouse, tenant: UUID) -> None:
    await furnish(tenant)
    assert [await house.pool.rekey(tenant, house.keyring.adopt) for _ in range(4)] == [2, 3, 4, 5]
    assert await secrets_of(tenant) == ("first-secret-1234", {"token": "third-secret"})


async def test_the_former_file_is_refused_afterwards(house: SmallHouse, tenant: UUID) -> None:
    await furnish(tenant)
    async with house.pool.drained(tenant) as files:
        former = files.database.read_bytes()
    await house.pool.rekey(tenant, house.keyring.adopt)
    async with house.pool.drained(tenant) as files:
        files.database.write_bytes(former)
    with pytest.raises(VaultQuarantined):
        async with scope(tenant):
            pass


async def test_users_wait_and_lose_nothing(house: SmallHouse, tenant: UUID) -> None:
    await furnish(tenant)
    written: list[str] = []

    async def write(number: int) -> None:
        async with scope(tenant):
            await Setting.create(name=str(number), value=number)
            written.append(str(number))

    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(write(number))
            if number % 10 == 5:
                group.create_task(house.pool.rekey(tenant, house.keyring.adopt))
            await asyncio.sleep(0)
    async with scope(tenant):
        found = await Setting.all().values_list("name", flat=True)
    assert set(found) == {*written, "colour"}
    assert len(written) == 40
    assert (await house.keyring.keys(tenant)).version == 5


async def test_a_vault_that_stays_in_use_keeps_its_key(house: SmallHouse, tenant: UUID) -> None:
    house.pool._wait_s = 0.1
    async with scope(tenant):
        rotating = asyncio.create_task(house.pool.rekey(tenant, house.keyring.adopt))
        with pytest.raises(VaultBusy):
            await rotating
    assert (await house.keyring.keys(tenant)).version == 1
    assert await names(house, tenant) == {"vault.db", "lease"}


async def test_a_vault_that_another_process_has_keeps_its_key(
    house: SmallHouse, tenant: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LEASE_WAIT_S", 0.1)
    with house.files(tenant).leased(), pytest.raises(VaultBusy):
        await house.pool.rekey(tenant, house.keyring.adopt)
    assert (await house.keyring.keys(tenant)).version == 1


@pytest.mark.parametrize("kind", [VaultUnavailable, VaultDamaged])
async def test_a_copy_that_fails_changes_nothing(
    house: SmallHouse, tenant: UUID, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    await furnish(tenant)

    def fail(*_: object) -> None:
        raise kind("no room")

    with monkeypatch.context() as patched:
        patched.setattr(rekeying, "examine", fail)
        with pytest.raises(kind):
            await house.pool.rekey(tenant, house.keyring.adopt)
    assert (await house.keyring.keys(tenant)).version == 1
    assert await names(house, tenant) == {"vault.db", "lease"}
    assert await secrets_of(tenant) == ("first-secret-1234", {"token": "third-secret"})


async def test_a_key_that_can_not_be_adopted_changes_nothing(house: SmallHouse, tenant: UUID) -> None:
    await furnish(tenant)

    async def refuse(_row: WrappedKey) -> None:
        raise KeyExists("another host was first")

    with pytest.raises(KeyExists):
        await house.pool.rekey(tenant, refuse)
    assert await names(house, tenant) == {"vault.db", "lease"}
    assert await secrets_of(tenant) == ("first-secret-1234", {"token": "third-secret"})


@pytest.mark.parametrize("ended_at", ["adopted", "marked", "renamed"])
async def test_what_ends_in_between_goes_on(
    house: SmallHouse, tenant: UUID, monkeypatch: pytest.MonkeyPatch, ended_at: str
) -> None:
    """The process ends right behind each step: the vault opens with one key, and the next call takes the rest up."""
    await furnish(tenant)

    class Killed(BaseException):
        pass

    take, mark = VaultFiles.take_rekeyed, VaultFiles.write_mark

    def ending(files: VaultFiles, content: bytes) -> None:
        if ended_at == "marked":
            mark(files, content)
        elif ended_at == "renamed":
            take(files, content)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(VaultFiles, "take_rekeyed", ending)
        with pytest.raises(BaseException, match=r"^$|Killed"):
            await house.pool.rekey(tenant, house.keyring.adopt)
    assert (await house.keyring.keys(tenant)).version == 2
    assert await secrets_of(tenant) == ("first-secret-1234", {"token": "third-secret"})
    async with scope(tenant):
        await Setting.create(name="later", value=1)
        await add_key("pexels", "later", "later-secret-1111", now=NOW)
    version = await house.pool.rekey(tenant, house.keyring.adopt)
    assert version == (3 if ended_at == "renamed" else 2)
    assert await secrets_of(tenant) == ("first-secret-1234", {"token": "third-secret"})
    async with scope(tenant):
        assert await Setting.all().count() == 2
    assert await names(house, tenant) == {"vault.db", "lease"}


async def test_who_has_no_key_is_told_so(house: SmallHouse, tenant: UUID) -> None:
    await house.keyring.shred(tenant)
    with pytest.raises(KeyGone):
        await house.pool.rekey(tenant, house.keyring.adopt)
    house.keyring.seal()
    with pytest.raises(Sealed):
        await house.pool.rekey(tenant, house.keyring.adopt)


def test_every_column_that_holds_a_secret_is_sealed_anew() -> None:
    sealed = {table: set(columns) & {"secret", "next_secret", "secrets"} for table, columns in SEALED.items()}
    assert {table: set(columns) for table, columns in rekeying.FINGERPRINTS.items()} == sealed
