"""A control plane of its own for each test, on SQLite and on PostgreSQL: copies of one that was migrated once."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from tenants.control.database import Control, open_control
from tests.support.postgres import shared_server
from tests.support.processes import Processes, processes


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[str]:
    """The folder of the socket of a server that all tests share."""
    with shared_server() as folder:
        yield folder


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What was migrated already, by engine: a SQLite file's path, a PostgreSQL database's name."""
    return {"folder": str(tmp_path_factory.mktemp("migrated"))}


async def make_postgres_database(folder: str, *, template: str = "template0") -> str:
    """Make a database and return its address."""
    name = f"t{uuid4().hex}"
    connection = await asyncpg.connect(f"postgres://postgres@/postgres?host={folder}/files")
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    finally:
        await connection.close()
    return f"postgres://postgres@/{name}?host={folder}/files"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """The kind of database."""
    return str(request.param)


@pytest.fixture
async def empty_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database with nothing in it."""
    if engine == "sqlite":
        return f"sqlite://{tmp_path}/empty.db"
    return await make_postgres_database(request.getfixturevalue("postgres_folder"))


@pytest.fixture
async def control_url(engine: str, tmp_path: Path, migrated: dict[str, str], request: pytest.FixtureRequest) -> str:
    """The address of a migrated database that only this test uses."""
    if engine == "sqlite":
        template = Path(migrated["folder"]) / "control.db"
        if not template.exists():
            async with open_control(f"sqlite://{template}"):
                pass
        shutil.copy(template, tmp_path / "control.db")
        return f"sqlite://{tmp_path}/control.db"
    folder: str = request.getfixturevalue("postgres_folder")
    if engine not in migrated:
        url = await make_postgres_database(folder)
        async with open_control(url):
            pass
        migrated[engine] = url.removeprefix("postgres://postgres@/").partition("?")[0]
    return await make_postgres_database(folder, template=migrated[engine])


@pytest.fixture
async def control(control_url: str) -> AsyncIterator[Control]:
    """A control plane that is open and bound to the test."""
    async with open_control(control_url) as control:
        yield control


@pytest.fixture(scope="session")
def two_processes() -> Iterator[Processes]:
    """Two processes that do things at the same moment."""
    with processes(2) as two:
        yield two
