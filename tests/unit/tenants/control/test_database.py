import asyncio
import contextvars
import shutil
from pathlib import Path

import pytest

from core.api import InvalidInput
from tenants.control.database import Control, open_control
from tenants.control.failures import ControlUnavailable
from tenants.control.models.user import User


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_a_new_file_is_its_owners_alone_and_commits_to_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "new" / "control.db"
    async with open_control(f"sqlite://{path}") as control:
        await User.create(email="a@b", name="A")
        assert {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {
            "control.db": 0o600,
            "control.db-shm": 0o600,
            "control.db-wal": 0o600,
        }
        for pragma, value in {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0}.items():
            assert list((await control.connection.execute_query_dict(f"PRAGMA {pragma}"))[0].values()) == [value]
    assert names(path.parent) == ["control.db"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "control.db",
        "sqlite://",
        "sqlite://:memory:",
        "mysql://root:canary@host/db",
        "postgres://",
        "file:canary.db",
    ],
)
async def test_an_address_of_another_kind_is_refused_without_being_said(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        async with open_control(url):
            pass
    assert "canary" not in f"{caught.value} {caught.value.hint}"


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    path.write_bytes(b"something else altogether\n" * 100)
    with pytest.raises(ControlUnavailable, match="not a database"):
        async with open_control(f"sqlite://{path}"):
            pass
    assert path.read_bytes() == b"something else altogether\n" * 100
    assert names(tmp_path) == ["control.db"]


async def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ControlUnavailable):
        async with open_control(f"sqlite://{tmp_path}/file/control.db"):
            pass


@pytest.mark.parametrize("where", ["postgres_folder", "nowhere"])
async def test_a_server_or_database_that_is_not_there_is_told_without_the_password(
    where: str, postgres_folder: str, tmp_path: Path
) -> None:
    host = f"{postgres_folder}/files" if where == "postgres_folder" else str(tmp_path)
    with pytest.raises(ControlUnavailable) as caught:
        async with open_control(f"postgres://postgres:canary@/none?host={host}"):
            pass
    assert "canary" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__!r}"


async def test_nothing_is_bound_before_and_after(control_url: str) -> None:
    with pytest.raises(RuntimeError, match="No TortoiseContext"):
        await User.all().count()
    async with open_control(control_url):
        assert await User.all().count() == 0
    with pytest.raises(RuntimeError, match="No TortoiseContext"):
        await User.all().count()


async def test_tasks_that_are_started_within_see_the_database(control: Control) -> None:
    async def add(number: int) -> None:
        await User.create(email=f"{number}@b", name="A")

    async def start_more() -> None:
        await asyncio.gather(*(asyncio.create_task(add(number)) for number in range(20)))

    await asyncio.create_task(start_more())
    assert await User.all().count() == 20


async def test_a_task_from_elsewhere_sees_nothing_until_it_is_bound(control_url: str) -> None:
    elsewhere = contextvars.copy_context()

    async with open_control(control_url) as control:

        async def request(bind: bool) -> int:
            if not bind:
                return await User.all().count()
            with control.bound():
                return await User.all().count()

        loop = asyncio.get_running_loop()
        with pytest.raises(RuntimeError, match="No TortoiseContext"):
            await loop.create_task(request(bind=False), context=elsewhere)
        requests = [loop.create_task(request(bind=True), context=elsewhere.copy()) for _ in range(20)]
        assert await asyncio.gather(*requests) == [0] * 20
        with pytest.raises(RuntimeError, match="No TortoiseContext"):
            await loop.create_task(request(bind=False), context=elsewhere)


async def test_a_task_that_outlives_the_database_is_refused(control_url: str) -> None:
    closed = asyncio.Event()

    async def late() -> int:
        await closed.wait()
        return await User.all().count()

    async with open_control(control_url):
        task = asyncio.create_task(late())
    closed.set()
    with pytest.raises(Exception, match="not initialised"):
        await task


async def test_two_databases_side_by_side_do_not_mix(sqlite_template: Path, tmp_path: Path) -> None:
    both = asyncio.Barrier(2)

    async def house(name: str) -> list[str]:
        shutil.copy(sqlite_template, tmp_path / f"{name}.db")
        async with open_control(f"sqlite://{tmp_path}/{name}.db"):
            await both.wait()
            for number in range(10):
                await User.create(email=f"{name}{number}@b", name=name)
            await both.wait()
            return sorted({user.name for user in await User.all()})

    assert await asyncio.gather(house("one"), house("two")) == [["one"], ["two"]]


async def test_what_was_written_is_there_when_the_database_is_opened_again(control_url: str) -> None:
    async with open_control(control_url) as control:
        assert control.migrated == ()
        await User.create(email="a@b", name="A")
    async with open_control(control_url):
        assert await User.all().values_list("email", flat=True) == ["a@b"]


async def test_an_address_is_in_no_repr(control: Control) -> None:
    assert repr(control) == "Control(migrated=())"
