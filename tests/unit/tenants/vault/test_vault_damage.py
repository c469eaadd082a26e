"""Vault files that were changed, cut off, swapped or put back to an older state: all are refused and quarantined."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

import pytest
from tortoise.exceptions import BaseORMException

from tenants.control.models.anchor import VaultAnchor
from tenants.keys import Sealed, Tampered
from tenants.vault.api_keys.keeping import add_key, list_keys
from tenants.vault.api_keys.proving import prove_rotation, rotate_key
from tenants.vault.api_keys.using import use
from tenants.vault.digests import mark_of
from tenants.vault.failures import VaultDamaged, VaultMissing, VaultQuarantined
from tenants.vault.files import VaultFiles
from tenants.vault.models.notification import Notification
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope
from tests.support.amount import amount
from tests.support.counts import counted
from tests.support.tampering import spoilt
from tests.support.vaults import MASTER, SmallHouse

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PAGE = 4096
SPOILT = 600
ROLLED_BACK = 400


async def fill(house: SmallHouse, tenant: UUID) -> bytes:
    """Write to a vault and close it; return its file's bytes."""
    async with scope(tenant):
        await Setting.bulk_create([Setting(name=str(number), value="v" * 50) for number in range(100)])
        for number in range(3):
            await add_key(f"provider {number}", "main", f"secret-number-{number}", now=NOW)
    return await closed(house, tenant)


async def closed(house: SmallHouse, tenant: UUID) -> bytes:
    """Close a vault and return its file's bytes."""
    async with house.pool.drained(tenant) as files:
        return files.database.read_bytes()


async def change_a_secret(tenant: UUID) -> None:
    """Replace one secret by another."""

    async def accept(_secret: object) -> None:
        pass

    async with scope(tenant):
        key = (await list_keys(now=NOW, provider="provider 1"))[0]
        await rotate_key(key.id, "another-secret", now=NOW)
        await prove_rotation(key.id, accept, now=NOW)


async def refused(house: SmallHouse, tenant: UUID, content: bytes, *, as_if_killed: bool) -> str:
    """Put other bytes in the place of a closed vault; return why it is refused, and lift the quarantine.

    ``as_if_killed``: with the mark of a vault that was being written to, so that the file may differ.
    """
    files = house.files(tenant)
    anchor = await house.anchor(tenant)
    for beside in files.folder.glob("vault.db-*"):
        beside.unlink()
    files.database.write_bytes(content)
    files.written.unlink(missing_ok=True)
    if as_if_killed:
        files.written.write_bytes(mark_of(await house.keyring.keys(tenant), anchor.digest.partition(":")[2]))
    with pytest.raises(VaultQuarantined):
        async with scope(tenant):
            pass
    with pytest.raises(VaultQuarantined) as again:
        async with scope(tenant):
            pass
    after = await house.anchor(tenant)
    assert (after.epoch, after.digest, after.quarantined) == (anchor.epoch, anchor.digest, again.value.reason)
    assert house.pool.open_count == 0
    await VaultAnchor.filter(tenant_id=tenant).update(quarantined=None)
    return again.value.reason


def pages_swapped(original: bytes, *, luck: random.Random) -> bytes:
    """Exchange two pages."""
    pages = [original[at : at + PAGE] for at in range(0, len(original), PAGE)]
    one, other = luck.sample(range(len(pages)), 2)
    pages[one], pages[other] = pages[other], pages[one]
    return b"".join(pages)


def rollbacks(old: bytes, new: bytes, *, seed: int) -> Iterator[bytes]:
    """Yield a file in which some pages, or all, are as they were once."""
    luck = random.Random(seed)
    yield old
    changed = [at for at in range(0, len(old), PAGE) if old[at : at + PAGE] != new[at : at + PAGE]]
    while True:
        mixed = bytearray(new)
        for at in luck.sample(changed, luck.randrange(1, len(changed) + 1)):
            mixed[at : at + PAGE] = old[at : at + PAGE]
        yield bytes(mixed)


async def test_every_spoilt_file_is_refused(house: SmallHouse, tenant: UUID) -> None:
    original = await fill(house, tenant)
    count = amount(SPOILT)
    luck = random.Random(1)
    for number, content in enumerate(spoilt(original, seed=1, count=count)):
        await refused(house, tenant, content, as_if_killed=number % 2 == 0)
    for number in range(count // 10):
        await refused(house, tenant, pages_swapped(original, luck=luck), as_if_killed=number % 2 == 0)
    house.files(tenant).database.write_bytes(original)
    async with scope(tenant):
        assert (await Setting.all().count(), len(await list_keys(now=NOW))) == (100, 3)
    counted(f"{count + count // 10} spoilt vault files, all refused", refused=count + count // 10)


async def test_every_file_with_older_pages_is_refused(house: SmallHouse, tenant: UUID) -> None:
    old = await fill(house, tenant)
    await change_a_secret(tenant)
    new = await closed(house, tenant)
    count = amount(ROLLED_BACK)
    for content in islice(rollbacks(old, new, seed=2), count):
        reason = await refused(house, tenant, content, as_if_killed=False)
        assert reason == "its file is not the one that was last closed"
    house.files(tenant).database.write_bytes(new)
    async with scope(tenant):
        assert len(await list_keys(now=NOW)) == 3
    counted(f"{count} vault files with older pages, all refused", refused=count)


async def test_no_older_secret_comes_back_when_pages_are_put_back_after_a_crash(
    house: SmallHouse, tenant: UUID
) -> None:
    old = await fill(house, tenant)
    await change_a_secret(tenant)
    new = await closed(house, tenant)
    secrets, anchor = await shown(tenant), await closed_anchor(house, tenant)
    new = house.files(tenant).database.read_bytes()
    count, reasons, opened = amount(ROLLED_BACK), set(), 0
    for content in islice(rollbacks(old, new, seed=3), count):
        files = house.files(tenant)
        for beside in files.folder.glob("vault.db-*"):
            beside.unlink()
        files.database.write_bytes(content)
        files.written.write_bytes(mark_of(await house.keyring.keys(tenant), anchor.digest.partition(":")[2]))
        try:
            assert await shown(tenant) == secrets
            opened += 1
        except VaultQuarantined as err:
            reasons.add(err.reason)
        await closed(house, tenant)
        await VaultAnchor.filter(tenant_id=tenant).update(epoch=anchor.epoch, digest=anchor.digest, quarantined=None)
    assert f"it is at epoch 3, not {anchor.epoch}: its file is of another time" in reasons
    counted(
        f"{count} vault files with older pages after a crash: {opened} opened, none with an older secret",
        refused=count - opened,
    )


async def shown(tenant: UUID) -> list[bytes]:
    """Return the secrets of all providers, as they are handed out."""
    found = []
    async with scope(tenant):
        for number in range(3):
            async with use(f"provider {number}", now=NOW) as taken:
                found.append(taken.secret.reveal())
    return found


async def closed_anchor(house: SmallHouse, tenant: UUID) -> VaultAnchor:
    """Return what the control plane holds of a vault, once it is closed."""
    await closed(house, tenant)
    return await house.anchor(tenant)


async def test_an_older_file_is_refused_also_when_no_secret_has_changed_since(house: SmallHouse, tenant: UUID) -> None:
    old = await fill(house, tenant)
    async with scope(tenant):
        await Setting.create(name="later", value=1)
    await closed(house, tenant)
    assert await refused(house, tenant, old, as_if_killed=False) == "its file is not the one that was last closed"


async def test_another_tenants_file_is_refused(house: SmallHouse, tenant: UUID) -> None:
    other = await house.add_tenant()
    theirs = await fill(house, other)
    await fill(house, tenant)
    await refused(house, tenant, theirs, as_if_killed=False)
    await refused(house, tenant, theirs, as_if_killed=True)
    async with scope(other):
        assert await Setting.all().count() == 100


@pytest.mark.parametrize("content", [b"", b"\x00" * PAGE, b"SQLite format 3\x00" + b"\x00" * 4080])
async def test_a_file_that_is_no_vault_is_refused(house: SmallHouse, tenant: UUID, content: bytes) -> None:
    await refused(house, tenant, content, as_if_killed=False)
    await refused(house, tenant, content, as_if_killed=True)


async def test_a_key_of_another_tenant_opens_nothing(house: SmallHouse, tenant: UUID) -> None:
    await fill(house, tenant)
    before = house.files(tenant).database.read_bytes()
    stranger = UUID(int=123)
    house.add_key(stranger)
    house.keys.rows[tenant, 1] = house.keys.rows[stranger, 1]
    house.keyring.seal()
    house.keyring.unseal(MASTER)
    await closed(house, tenant)
    with pytest.raises(Tampered):
        async with scope(tenant):
            pass
    assert (await house.anchor(tenant)).quarantined is None  # not the vault is wrong
    assert house.files(tenant).database.read_bytes() == before


async def test_a_sealed_house_opens_no_vault_and_blames_none(house: SmallHouse, tenant: UUID) -> None:
    house.keyring.seal()
    with pytest.raises(Sealed):
        async with scope(tenant):
            pass
    assert (await house.anchor(tenant)).quarantined is None
    house.keyring.unseal(MASTER)
    async with scope(tenant):
        assert not await Setting.exists()


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
async def test_an_older_log_laid_beside_a_closed_vault_is_refused(house: SmallHouse, tenant: UUID, suffix: str) -> None:
    async with scope(tenant):
        await Setting.create(name="a", value=1)
        log = house.files(tenant).log.read_bytes()
    assert log
    await closed(house, tenant)
    house.files(tenant).folder.joinpath(f"vault.db{suffix}").write_bytes(log)
    with pytest.raises(VaultQuarantined):
        async with scope(tenant):
            pass
    assert house.files(tenant).folder.joinpath(f"vault.db{suffix}").read_bytes() == log


async def test_a_vault_whose_file_is_gone_is_missing_not_made_anew(house: SmallHouse, tenant: UUID) -> None:
    await fill(house, tenant)
    files = house.files(tenant)
    away = files.folder / "away"
    files.database.rename(away)
    with pytest.raises(VaultMissing):
        async with scope(tenant):
            pass
    await house.pool.create(tenant)
    assert not files.database.exists()
    away.rename(files.database)
    async with scope(tenant):
        assert await Setting.all().count() == 100


async def damage_open_file(files: VaultFiles) -> None:
    """Change every page but the first, below an open vault."""
    with files.database.open("r+b") as file:
        for at in range(PAGE, files.database.stat().st_size, PAGE):
            file.seek(at + 100)
            file.write(b"changed")


async def test_a_page_that_was_changed_while_the_vault_is_open_is_not_read(house: SmallHouse, tenant: UUID) -> None:
    await fill(house, tenant)
    async with scope(tenant):
        assert await Setting.all().count() == 100
        await damage_open_file(house.files(tenant))
        with pytest.raises(VaultDamaged):
            await Notification.all()
        with pytest.raises(VaultDamaged):  # what is still in memory is not read either
            await Setting.all()
        with pytest.raises(VaultDamaged):
            await Setting.create(name="b", value=1)
    reason = (await house.anchor(tenant)).quarantined
    assert reason is not None
    assert "changed" in reason
    with pytest.raises(VaultQuarantined):
        async with scope(tenant):
            pass
    assert house.pool.open_count == 0


async def test_others_who_use_a_damaged_vault_are_refused_and_it_is_closed_after_the_last(
    house: SmallHouse, tenant: UUID
) -> None:
    await fill(house, tenant)
    async with house.pool.lease(tenant):
        async with scope(tenant):
            await damage_open_file(house.files(tenant))
            with pytest.raises((VaultDamaged, BaseORMException)):
                await Notification.all()
        with pytest.raises(VaultQuarantined):
            async with scope(tenant):
                pass
        assert house.pool.open_count == 1
    assert house.pool.open_count == 0
    assert (await house.anchor(tenant)).quarantined is not None
