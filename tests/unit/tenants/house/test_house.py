"""A house is sealed until there is a master key, makes tenants whole, and never makes a second key for what it has."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.api import InvalidInput, NotFound
from tenants.control.failures import Taken
from tenants.control.models.audit import AuditEntry
from tenants.control.models.house import House as HouseRow
from tenants.control.models.key import TenantKey
from tenants.control.models.tenant import Tenant
from tenants.control.models.user import User
from tenants.house.failures import NotRotatable, RotationUnderWay, SealedByAdministrator
from tenants.house.house import House, open_house
from tenants.house.settings import HouseSettings
from tenants.keys import MasterKey, MasterKeyInvalid, Rotation, Sealed, WrongMaster
from tenants.keys.signing import open_signer
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope

ACTOR = "test"


def settings(home: Path, **environment: str) -> HouseSettings:
    return HouseSettings(home=home, environment=environment)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house that was just opened for the first time: sealed."""
    async with open_house(settings(tmp_path)) as opened:
        yield opened


async def tenant_of(house: House, slug: str = "acme") -> Tenant:
    return await house.create_tenant(slug, "Acme", owner="Ada@example.org", actor=ACTOR)


async def test_a_sealed_house_makes_nothing_and_opens_nothing(house: House, tmp_path: Path) -> None:
    assert house.is_sealed
    with pytest.raises(Sealed):
        await tenant_of(house)
    assert await Tenant.all().count() == 0
    assert not (tmp_path / "master.key").exists()
    await house.unseal()
    tenant = await tenant_of(house)
    async with scope(tenant.id):
        await Setting.create(name="a", value="b")
    await house.seal()
    assert house.is_sealed
    assert house.vaults.open_count == 0
    with pytest.raises(Sealed):
        async with scope(tenant.id):
            pass
    await house.unseal()
    async with scope(tenant.id):
        assert (await Setting.get(name="a")).value == "b"


async def test_the_first_start_makes_a_master_key_and_no_later_one_does(tmp_path: Path) -> None:
    key = tmp_path / "master.key"
    async with open_house(settings(tmp_path)) as house:
        await house.unseal()
        assert key.stat().st_mode & 0o777 == 0o600
        instance = house.instance
        await tenant_of(house)
    kept = key.read_bytes()
    key.unlink()
    async with open_house(settings(tmp_path)) as house:
        assert house.instance == instance
        with pytest.raises(MasterKeyInvalid, match="is missing"):
            await house.unseal()
        assert house.is_sealed
    assert not key.exists()
    key.write_bytes(kept)
    key.chmod(0o600)
    async with open_house(settings(tmp_path)) as house:
        await house.unseal()
        assert (await house.tenant("acme")).name == "Acme"


async def test_another_master_key_opens_nothing(tmp_path: Path) -> None:
    async with open_house(settings(tmp_path)) as house:
        await house.unseal()
        tenant = await tenant_of(house)
    async with open_house(settings(tmp_path, REELHOUSE_MASTER_KEY_FILE=str(tmp_path / "other.key"))) as house:
        with pytest.raises(MasterKeyInvalid):
            await house.unseal()
    (tmp_path / "other.key").write_text(bytes(range(32)).hex())
    (tmp_path / "other.key").chmod(0o600)
    async with open_house(settings(tmp_path, REELHOUSE_MASTER_KEY_FILE=str(tmp_path / "other.key"))) as house:
        await house.unseal()
        with pytest.raises(WrongMaster):
            async with scope(tenant.id):
                pass


async def test_a_tenant_is_made_once(house: House) -> None:
    await house.unseal()
    await tenant_of(house)
    with pytest.raises(Taken):
        await tenant_of(house)
    with pytest.raises(Taken):
        await house.create_tenant("acme", "Other", owner="bob@example.org", actor=ACTOR)
    with pytest.raises(InvalidInput):
        await house.create_tenant("No Slug", "Other", owner="bob@example.org", actor=ACTOR)
    assert (await Tenant.all().count(), await TenantKey.all().count()) == (1, 1)
    assert [user.email for user in await User.all()] == ["ada@example.org"]
    assert (await tenant_of(house, "second")).slug == "second"
    assert await User.all().count() == 1
    with pytest.raises(NotFound, match='there is no tenant "other"'):
        await house.tenant("other")


@pytest.mark.parametrize("step", ["create of the key", "create of the vault"])
async def test_a_tenant_whose_making_was_interrupted_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    async def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    async with open_house(settings(tmp_path)) as house:
        await house.unseal()
        with monkeypatch.context() as patched:
            patched.setattr(type(house.keyring if "key" in step else house.vaults), "create", killed)
            with pytest.raises(KeyboardInterrupt):
                await tenant_of(house)
        [tenant] = await Tenant.all()
    async with open_house(settings(tmp_path)) as house:
        await house.unseal()
        async with scope(tenant.id):
            assert await Setting.all().count() == 0
        assert await TenantKey.filter(tenant_id=tenant.id).count() == 1


async def test_the_master_key_is_rotated_and_the_old_one_goes_with_the_next(tmp_path: Path) -> None:
    key = tmp_path / "master.key"
    async with open_house(settings(tmp_path)) as house:
        await house.unseal()
        tenants = [await tenant_of(house, f"tenant-{number}") for number in range(5)]
        first = house.keyring.master_id
        rotation = await house.rotate_master()
        assert (rotation.rewrapped, rotation.is_complete, rotation.refused) == (5, True, ())
        assert house.keyring.master_id != first
        assert len(key.read_text().split()) == 2
        await house.rotate_master()
        assert len(key.read_text().split()) == 2
        for tenant in tenants:
            async with scope(tenant.id):
                await Setting.create(name="a", value=1)
    async with open_house(settings(tmp_path)) as house:
        await house.unseal()
        for tenant in tenants:
            async with scope(tenant.id):
                assert await Setting.all().count() == 1


async def test_the_signing_key_outlives_rotations_of_the_master_key(tmp_path: Path) -> None:
    async with open_house(settings(tmp_path)) as house:
        await house.unseal()
        await house.rotate_master()
        assert not house.settings.signing_key.exists()
        public = (await open_signer(house.settings.signing_key, house.keyring)).public
        for _ in range(3):
            await house.rotate_master()
    async with open_house(settings(tmp_path)) as house:
        await house.unseal()
        assert (await open_signer(house.settings.signing_key, house.keyring)).public == public


async def test_a_tenants_key_is_rotated_and_the_audit_tells(house: House) -> None:
    await house.unseal()
    tenant = await tenant_of(house)
    async with scope(tenant.id):
        await Setting.create(name="colour", value="amber")
    assert await house.rotate_tenant_key(tenant.id, actor="user:1") == 2
    assert await house.rotate_tenant_key(tenant.id, actor="user:1") == 3
    async with scope(tenant.id):
        assert await Setting.all().values_list("name", "value") == [("colour", "amber")]
    rows = await TenantKey.filter(tenant_id=tenant.id).order_by("version")
    assert [(row.version, str(row.state)) for row in rows] == [(1, "decrypt_only"), (2, "decrypt_only"), (3, "active")]
    entries = await AuditEntry.filter(action="tenant.rotate_key").order_by("sequence")
    assert [(entry.actor, entry.tenant, entry.details) for entry in entries] == [
        ("user:1", tenant.id, {"version": 2}),
        ("user:1", tenant.id, {"version": 3}),
    ]
    await house.seal()
    with pytest.raises(Sealed):
        await house.rotate_tenant_key(tenant.id, actor="user:1")
    assert await AuditEntry.filter(action="tenant.rotate_key").count() == 2


async def test_a_second_rotation_at_once_is_refused_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[tuple[bytes, bytes]] = []
    async with open_house(settings(tmp_path)) as house:
        await house.unseal()
        tenant = await tenant_of(house)
        rotate = house.keyring.rotate_master

        async def another_comes(to: MasterKey) -> Rotation:
            kept = (tmp_path / "master.key").read_bytes()
            with pytest.raises(RotationUnderWay, match="by another process"):
                await house.rotate_master()
            refused.append((kept, (tmp_path / "master.key").read_bytes()))
            return await rotate(to)

        monkeypatch.setattr(house.keyring, "rotate_master", another_comes)
        assert (await house.rotate_master()).rewrapped == 1
        [(before, after)] = refused
        assert before == after
        monkeypatch.undo()
        assert (await house.rotate_master()).is_complete
        async with scope(tenant.id):
            assert await Setting.all().count() == 0


async def test_a_master_key_of_the_environment_is_not_rotated_here(tmp_path: Path) -> None:
    environment = {"REELHOUSE_MASTER_SOURCES": "kms"}
    async with open_house(settings(tmp_path, **environment)) as house:
        with pytest.raises(NotRotatable, match="the master key comes from kms"):
            await house.rotate_master()
    assert not (tmp_path / "master.key").exists()


async def test_an_administrator_seals_all_processes_and_the_master_key_takes_it_back(tmp_path: Path) -> None:
    async with open_house(settings(tmp_path)) as serving:
        await serving.unseal()
        tenant = await tenant_of(serving)
        await serving.heed_seal()
        assert not serving.is_sealed
        async with open_house(settings(tmp_path)) as administering:
            await administering.seal_everywhere(actor=ACTOR, reason="a disk was stolen")
            with pytest.raises(SealedByAdministrator, match="sealed by an administrator"):
                await administering.unseal()
            assert administering.is_sealed
    async with open_house(settings(tmp_path)) as house:
        with pytest.raises(SealedByAdministrator):
            await house.unseal()
        other = tmp_path / "other.key"
        other.write_text(bytes(range(32)).hex())
        other.chmod(0o600)
        (tmp_path / "master.key").rename(tmp_path / "kept")
        other.rename(tmp_path / "master.key")
        with pytest.raises(WrongMaster):
            await house.unseal_everywhere(actor=ACTOR)
        assert house.is_sealed
        with pytest.raises(SealedByAdministrator):
            await house.unseal()
        (tmp_path / "kept").rename(tmp_path / "master.key")
        await house.unseal_everywhere(actor=ACTOR)
        async with scope(tenant.id):
            assert await Setting.all().count() == 0
        said = await AuditEntry.filter(target="house").order_by("sequence").values_list("action", flat=True)
        assert list(said) == ["house.seal", "house.unseal"]


async def test_a_process_that_serves_heeds_the_seal(tmp_path: Path) -> None:
    async with open_house(settings(tmp_path)) as house:
        await house.unseal()
        tenant = await tenant_of(house)
        await HouseRow.filter(id=1).update(sealed=datetime.now(UTC))
        await house.heed_seal()
        assert house.is_sealed
        with pytest.raises(Sealed):
            async with scope(tenant.id):
                pass


async def test_every_house_is_another_one(tmp_path: Path) -> None:
    instances = set()
    for name in ("one", "two"):
        async with open_house(settings(tmp_path / name)) as house:
            instances.add(house.instance)
            assert await HouseRow.all().count() == 1
    assert len(instances) == 2
