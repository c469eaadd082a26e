"""A set of one kind of database is restored into the other, and a house on PostgreSQL is backed up like any."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from core.api import ReelhouseError
from tenants.backups.creating import create_backup
from tenants.backups.failures import HomeOccupied
from tenants.backups.source import BackupSource
from tenants.backups.verifying import verify_backup
from tenants.control.audit_check import verify
from tenants.control.models.user import User
from tenants.house.house import open_house
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope
from tests.support.postgres import shared_server
from tests.unit.tenants.backups.conftest import START, Backed, settings


@pytest.fixture(scope="module")
def postgres_socket() -> Iterator[str]:
    """The folder of the socket of a PostgreSQL."""
    with shared_server() as folder:
        yield folder


@pytest.fixture
async def postgres(postgres_socket: str) -> str:
    """The address of an empty database."""
    name = f"t{uuid4().hex}"
    connection = await asyncpg.connect(f"postgres://postgres@/postgres?host={postgres_socket}/files")
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return f"postgres://postgres@/{name}?host={postgres_socket}/files"


async def test_a_house_moves_to_postgresql_and_back(backed: Backed, postgres: str, tmp_path: Path) -> None:
    first = await backed.back_up()
    moved, back = tmp_path / "moved", tmp_path / "back"
    moved.mkdir()
    back.mkdir()
    await backed.restore(moved, database=postgres)
    async with open_house(settings(moved, REELHOUSE_DATABASE=postgres)) as house:
        await house.unseal()
        async with scope(backed.tenants[0].id):
            assert (await Setting.get(name="value")).value == "first"
        assert (await verify()).findings == ()
        source = BackupSource(
            control=house.control,
            keyring=house.keyring,
            vaults=house.vaults,
            instance=house.instance,
            home=house.settings.home,
        )
        second = await create_backup(source, backed.store, recipients=[backed.recipient.public], now=START)
    # The signing key came along: the chain goes on.
    assert (second.sequence, second.counts) == (2, first.counts)
    await verify_backup(backed.store, signer=backed.signer, scratch=tmp_path)
    with pytest.raises(HomeOccupied):
        await backed.restore(back, database=postgres)
    await backed.restore(back)
    async with open_house(settings(back)) as house:
        await house.unseal()
        assert await User.all().count() == 2
        async with scope(backed.tenants[0].id):
            assert (await Setting.get(name="value")).value == "first"


async def test_a_database_that_is_not_there_restores_nothing(backed: Backed, tmp_path: Path) -> None:
    await backed.back_up()
    home = tmp_path / "again"
    home.mkdir()
    with pytest.raises(ReelhouseError):
        await backed.restore(home, database=f"postgres://nobody@/none?host={tmp_path}")
    assert not (home / "vaults").exists()
