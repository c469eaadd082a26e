"""Processes killed at random moments of their writes and migrations: nothing that was acknowledged is lost."""

import asyncio
import random
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from sqlcipher3 import dbapi2

import tenants.vault.upgrading
from tenants.control.models.key import TenantKey
from tenants.house.house import open_house
from tenants.house.settings import HouseSettings
from tenants.vault.api_keys.rows import open_secret
from tenants.vault.binding import required
from tenants.vault.models.api_key import ApiKey
from tenants.vault.models.setting import Setting
from tenants.vault.places import Place
from tenants.vault.registering import APPS
from tenants.vault.scope import scope
from tenants.vault.secrets import reveal
from tenants.vault.sqlite.opening import open_file
from tests.support.amount import amount
from tests.support.counts import counted
from tests.support.vault_deeds import LATER, deeds
from tests.support.vaults import small_house

KILLS_OF_WRITES = 100
KILLS_OF_MIGRATIONS = 50
KILLS_OF_ROTATIONS = 100


async def make_tenant(home: Path, *, settings: int = 0) -> UUID:
    """Make a tenant in a house that is closed again."""
    async with small_house(home) as house:
        tenant = await house.add_tenant()
        async with scope(tenant):
            await Setting.bulk_create([Setting(name=str(number), value=number) for number in range(settings)])
    return tenant


async def read_all(home: Path, tenant: UUID) -> tuple[set[str], dict[str, str]]:
    """Return the names of all settings, and all secrets by their labels."""
    async with small_house(home), scope(tenant):
        keys = {}
        for key in await ApiKey.all():
            place = Place(table="api_keys", row=key.id, column="secret", version=key.version)
            keys[key.label] = reveal(key.secret or b"", place, key_version=key.key_version).reveal().decode()
        return set(await Setting.all().values_list("name", flat=True)), keys  # type: ignore[arg-type]


def test_no_acknowledged_row_is_lost_when_writing_is_killed(home: Path) -> None:
    luck = random.Random(4)
    tenant = asyncio.run(make_tenant(home))
    rows: set[str] = set()
    keys: set[str] = set()
    kills = amount(KILLS_OF_WRITES)
    with deeds() as forking:
        for _ in range(kills):
            told = forking.until_killed("write", home, tenant, lines=luck.randrange(1, 20), after_s=luck.random() / 100)
            rows |= {line.removeprefix("row ") for line in told if line.startswith("row ")}
            keys |= {line.removeprefix("key ") for line in told if line.startswith("key ")}
            settings, secrets = asyncio.run(read_all(home, tenant))
            assert (rows - settings, keys - secrets.keys()) == (set(), set())
            assert {label: f"secret-{label}" for label in secrets} == secrets
    counted(
        f"{kills} kills -9 while a vault was written to: {len(rows)} rows and {len(keys)} secrets, none lost",
        kills=kills,
    )


def test_a_killed_migration_leaves_a_vault_before_or_after_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    luck = random.Random(5)
    tenant = asyncio.run(make_tenant(home, settings=100))
    kills = amount(KILLS_OF_MIGRATIONS)
    pristine = home / "vaults" / str(tenant) / "vault.db"
    original = pristine.read_bytes()
    control = (home / "control.db").read_bytes()
    done = 0
    with deeds() as forking:
        for _ in range(kills):
            told = forking.until_killed("migrate", home, tenant, lines=1, after_s=luck.random() / 5)
            done += "migrated" in told
            with monkeypatch.context() as later:
                later.setitem(APPS["vault"], "migrations", "tests.support.later.migrations")
                later.setattr(tenants.vault.upgrading, "MIGRATIONS", LATER)
                assert asyncio.run(read_notes(home, tenant)) == {str(number): str(number) for number in range(100)}
            for left in pristine.parent.iterdir():
                assert left.name in {"vault.db", "lease"}
            pristine.write_bytes(original)
            (home / "control.db").write_bytes(control)
    counted(
        f"{kills} kills -9 around a migration, {done} of them after it: every vault opened with all rows", kills=kills
    )


def test_no_acknowledged_row_is_lost_when_a_change_of_keys_is_killed(home: Path) -> None:
    luck = random.Random(6)
    tenant = asyncio.run(make_housed(home))
    rows: set[str] = set()
    keys: set[str] = set()
    kills, versions = amount(KILLS_OF_ROTATIONS), set()
    with deeds() as forking:
        for _ in range(kills):
            told = forking.until_killed("rotate", home, tenant, lines=luck.randrange(1, 12), after_s=luck.random() / 20)
            rows |= {line.removeprefix("row ") for line in told if line.startswith("row ")}
            keys |= {line.removeprefix("key ") for line in told if line.startswith("key ")}
            settings, secrets, opening = asyncio.run(read_housed(home, tenant))
            assert (rows - settings, keys - secrets.keys()) == (set(), set())
            assert {label: f"secret-{label}" for label in secrets} == secrets
            assert len(opening) == 1
            versions |= opening
    counted(
        f"{kills} kills -9 while keys were changed: {len(rows)} rows, {len(keys)} secrets, none lost; {versions=}",
        kills=kills,
    )


async def make_housed(home: Path) -> UUID:
    """Make a tenant in a whole house, with a master key in its file."""
    async with open_house(HouseSettings(home=home, environment={})) as house:
        await house.unseal()
        return (await house.create_tenant("acme", "Acme", owner="ada@example.com", actor="test")).id


async def read_housed(home: Path, tenant: UUID) -> tuple[set[str], dict[str, str], set[int]]:
    """Return all settings' names, all secrets by their labels, and the versions of the key that open the file."""
    async with open_house(HouseSettings(home=home, environment={})) as house:
        await house.unseal()
        async with scope(tenant):
            secrets = {key.label: open_secret(key).reveal().decode() for key in await ApiKey.all()}
            names = set(await Setting.all().values_list("name", flat=True))
        opening = set()
        async with house.vaults.drained(tenant) as files:
            for row in await TenantKey.filter(tenant_id=tenant):
                keys = await house.keyring.keys(tenant, row.version)
                with suppress(dbapi2.DatabaseError):
                    open_file(files.database, keys.vault).close()
                    opening.add(row.version)
        return names, secrets, opening  # type: ignore[return-value]


async def read_notes(home: Path, tenant: UUID) -> dict[str, str]:
    """Return what the migration has filled in."""
    async with small_house(home), scope(tenant):
        rows = await required().current.execute_query('SELECT "name", "note" FROM "settings"')
        return {row["name"]: row["note"] for row in rows[1]}
