"""A restored house is the house that was backed up, and never stands where another one is."""

from pathlib import Path

import pytest

from tenants.backups.failures import BackupRefused, HomeOccupied
from tenants.control.audit_check import verify
from tenants.control.models.audit import AuditEntry
from tenants.control.models.user import User
from tenants.house.house import open_house
from tenants.keys import KeyGone
from tenants.vault.failures import VaultQuarantined
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope
from tests.unit.tenants.backups.conftest import Backed, settings


async def test_a_restored_house_holds_every_row_and_opens_its_vaults(backed: Backed, tmp_path: Path) -> None:
    manifest = await backed.back_up()
    await backed.write("later")
    entries = await AuditEntry.all().count()
    home = tmp_path / "again"
    home.mkdir()
    restored = await backed.restore(home)
    assert restored.sequence == 1
    assert set(restored.tenants) == {tenant.id for tenant in backed.tenants}
    assert restored.lost == {}
    assert manifest.failed == {}
    assert not (home / "restoring").exists()
    async with open_house(settings(home)) as house:
        assert house.instance == backed.house.instance
        await house.unseal()
        async with scope(backed.tenants[0].id):
            assert (await Setting.get(name="value")).value == "first"
        async with scope(backed.tenants[1].id):
            assert await Setting.all().count() == 0
        assert [user.email for user in await User.all().order_by("email")] == ["ada@example.org", "bob@example.org"]
        assert await AuditEntry.all().count() == entries
        assert (await verify()).findings == ()
        made = await house.create_tenant("new", "New", owner="ada@example.org", actor="test")
        assert made.slug == "new"
    async with scope(backed.tenants[0].id):
        assert (await Setting.get(name="value")).value == "later"


async def test_a_house_is_never_restored_over_another(backed: Backed, tmp_path: Path) -> None:
    await backed.back_up()
    with pytest.raises(HomeOccupied):
        await backed.restore(tmp_path / "home")
    async with scope(backed.tenants[0].id):
        assert (await Setting.get(name="value")).value == "first"
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(HomeOccupied):
        await backed.restore(empty, database=f"sqlite://{tmp_path}/home/control.db")
    assert not (empty / "vaults").exists()
    assert not (empty / "restoring").exists()


async def test_what_was_interrupted_is_begun_again(backed: Backed, tmp_path: Path) -> None:
    await backed.back_up()
    home = tmp_path / "again"
    (home / "restoring").mkdir(parents=True)
    (home / "vaults" / str(backed.tenants[0].id)).mkdir(parents=True)
    (home / "vaults" / str(backed.tenants[0].id) / "vault.db").write_bytes(b"half")
    assert len((await backed.restore(home)).tenants) == 2


async def test_a_destroyed_key_opens_nothing_once_its_copies_are_gone(backed: Backed, tmp_path: Path) -> None:
    first = await backed.back_up()
    await backed.house.keyring.shred(backed.tenants[0].id)
    await backed.back_up(hours=1)
    await backed.store.delete(first.keys.place)
    home = tmp_path / "again"
    home.mkdir()
    restored = await backed.restore(home, sequence=1)
    assert restored.tenants == (backed.tenants[1].id,)
    assert list(restored.lost) == [backed.tenants[0].id]
    async with open_house(settings(home)) as house:
        await house.unseal()
        with pytest.raises((VaultQuarantined, KeyGone)):
            async with scope(backed.tenants[0].id):
                pass


async def test_a_damaged_part_ends_a_restore_with_nothing_there(backed: Backed, tmp_path: Path) -> None:
    manifest = await backed.back_up()
    stored = tmp_path / "store" / manifest.vaults[1].place
    content = bytearray(stored.read_bytes())
    content[len(content) // 2] ^= 1
    stored.write_bytes(content)
    home = tmp_path / "again"
    home.mkdir()
    with pytest.raises(BackupRefused):
        await backed.restore(home)
    assert not (home / "vaults").exists()
    async with open_house(settings(home)):
        assert await User.all().count() == 0


async def test_a_restore_that_was_killed_after_its_last_step_is_never_undone(backed: Backed, tmp_path: Path) -> None:
    await backed.back_up()
    home = tmp_path / "again"
    home.mkdir()
    await backed.restore(home)
    (home / "restoring").mkdir()
    with pytest.raises(HomeOccupied):
        await backed.restore(home)
    async with open_house(settings(home)) as house:
        await house.unseal()
        async with scope(backed.tenants[0].id):
            assert (await Setting.get(name="value")).value == "first"
