"""A control plane of its own for each test, on SQLite and on PostgreSQL: copies of one that was migrated once."""

import asyncio
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
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database that was migrated once, to be copied."""
    path = tmp_path_factory.mktemp("template") / "control.db"
    asyncio.run(_migrate(f"sqlite://{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_folder: str) -> str:
    """The name of a PostgreSQL database that was migrated once, to be copied."""

    async def make() -> str:
        url = await make_postgres_database(postgres_folder)
        await _migrate(url)
        return url.removeprefix("postgres://postgres@/").partition("?")[0]

    return asyncio.run(make())


async def _migrate(url: str) -> None:
    async with open_control(url):
        pass


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
def empty_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database with nothing in it."""
    if engine == "sqlite":
        return f"sqlite://{tmp_path}/empty.db"
    return asyncio.run(make_postgres_database(request.getfixturevalue("postgres_folder")))


@pytest.fixture
def control_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a migrated database that only this test uses."""
    if engine == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        return f"sqlite://{shutil.copy(template, tmp_path / 'control.db')}"
    folder: str = request.getfixturevalue("postgres_folder")
    migrated: str = request.getfixturevalue("postgres_template")
    return asyncio.run(make_postgres_database(folder, template=migrated))


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
