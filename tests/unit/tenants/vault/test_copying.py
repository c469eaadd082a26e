"""Copies of vaults, and copies that are taken for the truth again."""

import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlcipher3 import dbapi2

from tenants.control.models.anchor import VaultAnchor
from tenants.vault.api_keys.keeping import add_key, list_keys
from tenants.vault.copying import copy_vault
from tenants.vault.failures import VaultMissing, VaultQuarantined
from tenants.vault.models.meta import Meta
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope
from tenants.vault.sqlite.opening import open_file
from tests.support.vaults import SmallHouse

NOW = datetime(2026, 11, 23, tzinfo=UTC)


async def fill(house: SmallHouse, tenant: UUID) -> bytes:
    """Write a row and a secret and close the vault; return its file's bytes."""
    async with scope(tenant):
        await Setting.create(name="a", value=1)
        await add_key("pexels", "main", "secret-number-1", now=NOW)
    async with house.pool.drained(tenant) as files:
        return files.database.read_bytes()


async def test_a_copy_opens_with_its_own_key_alone_and_holds_the_same(
    house: SmallHouse, tenant: UUID, tmp_path: Path
) -> None:
    target, key = tmp_path / "copy.db", os.urandom(32)
    async with scope(tenant):
        await Setting.create(name="a", value=1)
        await copy_vault(target, key)
        await Setting.create(name="b", value=2)
        with pytest.raises(dbapi2.DatabaseError):
            open_file(target, (await house.keyring.keys(tenant)).vault)
    raw = open_file(target, key)
    assert [row["name"] for row in raw.execute("SELECT name FROM settings")] == ["a"]
    assert raw.execute("PRAGMA cipher_integrity_check").fetchall() == []
    raw.close()
    assert target.stat().st_mode & 0o077 == 0


async def test_a_restored_vault_is_accepted_and_older_files_are_refused_from_then_on(
    house: SmallHouse, tenant: UUID
) -> None:
    old = await fill(house, tenant)
    async with scope(tenant):
        await add_key("pixabay", "main", "secret-number-2", now=NOW)
    async with house.pool.drained(tenant) as files:
        newer = files.database.read_bytes()
        files.database.write_bytes(old)
    with pytest.raises(VaultQuarantined):
        async with scope(tenant):
            pass
    await house.pool.accept(tenant)
    async with scope(tenant):
        assert [key.provider for key in await list_keys(now=NOW)] == ["pexels"]
        assert (await Meta.get(id=1)).epoch == 3
    assert (await house.anchor(tenant)).quarantined is None
    async with house.pool.drained(tenant):
        files.database.write_bytes(newer)
    with pytest.raises(VaultQuarantined):
        async with scope(tenant):
            pass


async def test_a_vault_of_another_house_is_accepted_if_it_is_the_tenants(house: SmallHouse, tenant: UUID) -> None:
    await fill(house, tenant)
    async with scope(tenant):
        await Meta.filter(id=1).update(instance=uuid4())
    async with house.pool.drained(tenant):
        pass
    with pytest.raises(VaultQuarantined, match="another"):
        async with scope(tenant):
            pass
    await VaultAnchor.filter(tenant_id=tenant).delete()
    await house.pool.accept(tenant)
    async with scope(tenant):
        assert await Setting.all().count() == 1


async def test_what_is_no_whole_vault_of_the_tenant_is_not_accepted(house: SmallHouse, tenant: UUID) -> None:
    other = await house.add_tenant()
    theirs, mine = await fill(house, other), await fill(house, tenant)
    files = house.files(tenant)
    before = await house.anchor(tenant)
    flipped = bytearray(mine)
    flipped[5000] ^= 1
    for content in (theirs, bytes(flipped), mine[:-4096], b""):
        files.database.write_bytes(content)
        with pytest.raises(VaultQuarantined):
            await house.pool.accept(tenant)
        assert files.database.read_bytes() == content
    assert (await house.anchor(tenant)).digest == before.digest
    files.database.unlink()
    with pytest.raises(VaultMissing):
        await house.pool.accept(tenant)
    files.database.write_bytes(mine)
    async with scope(tenant):
        assert await Setting.all().count() == 1
