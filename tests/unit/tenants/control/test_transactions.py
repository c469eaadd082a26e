import asyncio
import random
import shutil
from pathlib import Path

import pytest
from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction

from tenants.control.database import ALIAS, Control, open_control
from tenants.control.models.plan import Plan
from tenants.control.models.user import User
from tenants.control.postgresql import POOL_SIZE, PostgresClient
from tests.support.amount import amount
from tests.support.processes import Processes


async def count_up(times: int) -> None:
    """Read, then write what was read and one more: lost where two do so at once."""
    for _ in range(times):
        async with in_transaction(ALIAS):
            plan = await Plan.select_for_update().get(slug="standard")
            await Plan.filter(slug="standard").update(price_cents=plan.price_cents + 1)


async def test_two_processes_that_read_and_then_write_wait_for_each_other(
    control_url: str, two_processes: Processes
) -> None:
    times = amount(500)
    two_processes.do(count_up, control_url, times)
    async with open_control(control_url):
        assert (await Plan.get()).price_cents == 2 * times


async def test_a_transaction_that_is_left_by_an_error_leaves_nothing(control: Control) -> None:
    async def interrupted() -> None:
        async with in_transaction(ALIAS):
            await User.create(email="a@b", name="A")
            async with in_transaction(ALIAS):
                await User.create(email="c@d", name="C")
            raise KeyError

    with pytest.raises(KeyError):
        await interrupted()
    assert await User.all().count() == 0


async def test_a_nested_transaction_that_fails_takes_back_its_own_alone(control: Control) -> None:
    async def interrupted() -> None:
        async with in_transaction(ALIAS):
            await User.create(email="c@d", name="C")
            raise KeyError

    async with in_transaction(ALIAS):
        await User.create(email="a@b", name="A")
        with pytest.raises(KeyError):
            await interrupted()
    assert await User.all().values_list("email", flat=True) == ["a@b"]


async def test_a_script_in_a_transaction_is_taken_back_with_it(control: Control) -> None:
    async def interrupted() -> None:
        async with in_transaction(ALIAS) as transaction:
            await transaction.execute_script("CREATE TABLE a (b INT); INSERT INTO a VALUES (1); -- no; more")
            raise KeyError

    with pytest.raises(KeyError):
        await interrupted()
    with pytest.raises(OperationalError):
        await control.connection.execute_query("SELECT * FROM a")


async def test_tasks_cancelled_at_any_moment_leave_no_lock_and_no_connection_behind(control: Control) -> None:
    chance = random.Random(7)

    async def add(number: int) -> None:
        async with in_transaction(ALIAS):
            await User.create(email=f"{number}@b", name="A")
            await User.filter(email=f"{number}@b").update(name="B")

    for number in range(amount(1000)):
        task = asyncio.create_task(add(number))
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(0)
        await asyncio.to_thread(lambda: None)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(30):
        await asyncio.gather(*(add(number) for number in range(-1, -31, -1)))
        if isinstance(control.connection, PostgresClient):
            assert control.connection._pool is not None
            every = [await control.connection._pool.acquire() for _ in range(POOL_SIZE)]
            await asyncio.gather(*map(control.connection._pool.release, every))
    names = await User.all().values_list("name", flat=True)
    assert set(names) == {"B"}
    assert len(names) >= 30


async def test_a_write_lock_that_another_keeps_is_told_and_nothing_is_kept_of_it(
    sqlite_template: Path, tmp_path: Path
) -> None:
    url = f"sqlite://{shutil.copy(sqlite_template, tmp_path / 'control.db')}"
    locked, leave = asyncio.Event(), asyncio.Event()

    async def keep() -> None:
        async with open_control(url), in_transaction(ALIAS):
            locked.set()
            await leave.wait()

    async with open_control(url) as control:
        await control.connection.execute_script("PRAGMA busy_timeout=1")
        async with asyncio.TaskGroup() as group:
            group.create_task(keep())
            await locked.wait()
            for _ in range(2):
                with pytest.raises(OperationalError, match="locked"):
                    await count_up(1)
            leave.set()
        await count_up(1)
        assert (await Plan.get()).price_cents == 1


async def test_a_task_that_outlives_the_transaction_it_was_started_in_joins_no_other(
    control: Control, engine: str
) -> None:
    first_is_over, second_is_open, written = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def late() -> None:
        await second_is_open.wait()
        await User.create(email="late@b", name="A")
        written.set()

    async def second() -> None:
        await first_is_over.wait()
        async with in_transaction(ALIAS):
            await User.create(email="second@b", name="A")
            second_is_open.set()
            if engine == "postgresql":
                await written.wait()  # there it need not wait for this one
            raise KeyError

    other = asyncio.create_task(second())
    async with in_transaction(ALIAS):
        task = asyncio.create_task(late())
        await User.create(email="first@b", name="A")
    first_is_over.set()
    async with asyncio.timeout(30):
        with pytest.raises(KeyError):
            await other
        await task
    assert await User.all().order_by("email").values_list("email", flat=True) == ["first@b", "late@b"]
