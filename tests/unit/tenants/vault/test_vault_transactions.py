"""Statements and transactions on a vault through Tortoise: what holds, what is taken back, what is refused."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlcipher3 import dbapi2
from tortoise.exceptions import IntegrityError, OperationalError, TransactionManagementError
from tortoise.transactions import in_transaction

from tenants.vault.binding import required
from tenants.vault.models.project import Project, Revision
from tenants.vault.models.setting import Setting
from tenants.vault.models.usage import UsageEvent
from tenants.vault.models.video import Video, VideoStatus
from tenants.vault.scope import scope
from tenants.vault.sqlite.access import ALIAS, Raw
from tests.support.vaults import SmallHouse


async def names() -> list[str]:
    return sorted(str(name) for name in await Setting.all().values_list("name", flat=True))


async def test_a_transaction_is_taken_back_whole(house: SmallHouse, tenant: UUID) -> None:
    async def failing() -> None:
        async with in_transaction(ALIAS):
            await Setting.create(name="a", value=1)
            await Setting.create(name="a", value=2)

    async with scope(tenant):
        with pytest.raises(IntegrityError, match=r"settings\.name"):
            await failing()
        assert await names() == []


async def test_a_nested_transaction_is_taken_back_alone(house: SmallHouse, tenant: UUID) -> None:
    async def failing() -> None:
        async with in_transaction(ALIAS):
            await Setting.create(name="inner", value=1)
            async with in_transaction(ALIAS):
                await Setting.create(name="innermost", value=1)
            raise ValueError("back")

    async with scope(tenant):
        async with in_transaction(ALIAS):
            await Setting.create(name="outer", value=1)
            with pytest.raises(ValueError, match="back"):
                await failing()
            async with in_transaction(ALIAS):
                await Setting.create(name="second", value=1)
        assert await names() == ["outer", "second"]


async def test_transactions_of_several_tasks_follow_each_other(house: SmallHouse, tenant: UUID) -> None:
    async def count_up() -> None:
        async with in_transaction(ALIAS):
            counter = await Setting.get(name="counter")
            await asyncio.sleep(0)
            counter.value += 1
            await counter.save()

    async with scope(tenant):
        await Setting.create(name="counter", value=0)
        await asyncio.gather(*(count_up() for _ in range(20)))
        assert (await Setting.get(name="counter")).value == 20


async def test_a_cancelled_transaction_leaves_nothing_and_blocks_nobody(house: SmallHouse, tenant: UUID) -> None:
    async def slow() -> None:
        async with in_transaction(ALIAS):
            await Setting.create(name="never", value=1)
            written.set()
            await asyncio.Event().wait()

    async with scope(tenant):
        written = asyncio.Event()
        task = asyncio.create_task(slow())
        await written.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await Setting.create(name="next", value=1)
        assert await names() == ["next"]


async def test_a_transaction_cancelled_at_any_moment_leaves_all_or_nothing(house: SmallHouse, tenant: UUID) -> None:
    async def two(number: int) -> None:
        async with in_transaction(ALIAS):
            await Setting.create(name=f"{number}a", value=1)
            await Setting.create(name=f"{number}b", value=1)

    async with scope(tenant):
        for steps in range(40):
            task = asyncio.create_task(two(steps))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        written = await names()
        assert [name for name in written if name[:-1] + "a" not in written or name[:-1] + "b" not in written] == []
        async with in_transaction(ALIAS):
            await Setting.create(name="last", value=1)
        assert "last" in await names()


async def test_what_sqlite_takes_back_by_itself_is_not_gone_on_with(house: SmallHouse, tenant: UUID) -> None:
    async def going_on() -> None:
        async with in_transaction(ALIAS):
            await Setting.create(name="a", value=1)
            await required().client.access.run(lambda raw: raw.execute("ROLLBACK").close())
            await Setting.create(name="b", value=1)

    async with scope(tenant):
        with pytest.raises(TransactionManagementError):
            await going_on()
        assert await names() == []


async def test_a_task_started_in_a_transaction_goes_on_after_it(house: SmallHouse, tenant: UUID) -> None:
    async def later() -> None:
        await over.wait()
        await Setting.create(name="later", value=1)

    async with scope(tenant):
        over = asyncio.Event()
        async with in_transaction(ALIAS):
            task = asyncio.create_task(later())
        over.set()
        await task
        assert await names() == ["later"]


async def test_values_of_all_kinds_come_back_as_they_were(house: SmallHouse, tenant: UUID) -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    async with scope(tenant):
        project = await Project.create(name="naïve ' \" \x00 🎬", tags=["x"], archived=moment)
        await Revision.create(project=project, number=1, document={"tracks": [1.5, None, True, "ü"]})
        video = await Video.create(title="v", project=project, status=VideoStatus.RENDERING, size=2**40)
        await UsageEvent.create(metric="calls", amount=3, project=project.id, money=125)
    async with scope(tenant):
        read = await Project.get(name="naïve ' \" \x00 🎬")
        revision = await read.revisions.all().get()
        assert (read.archived, revision.document) == (moment, {"tracks": [1.5, None, True, "ü"]})
        assert (await Video.get(id=video.id)).status is VideoStatus.RENDERING
        assert (await Video.get(id=video.id)).size == 2**40
        assert await UsageEvent.filter(at__lte=datetime.now(UTC), project=project.id).count() == 1
        _, rows = await required().current.execute_query("SELECT ? AS d", [Decimal("1.50")])
        assert rows[0]["d"] == "1.50"
        await project.delete()
        assert (await Revision.all().count(), (await Video.get(id=video.id)).project_id) == (0, None)


async def test_the_database_holds_rows_to_its_rules(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        with pytest.raises(IntegrityError, match="videos_ready"):
            await Video.create(title="v", status=VideoStatus.READY)
        with pytest.raises(IntegrityError, match="FOREIGN KEY"):
            await Revision.create(project_id=UUID(int=5), number=1, document={})


async def test_many_rows_are_written_all_or_none(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        await Setting.bulk_create([Setting(name=str(number), value=number) for number in range(5)])
        with pytest.raises(IntegrityError):
            await Setting.bulk_create([Setting(name="new", value=0), Setting(name="1", value=0)])
        assert await names() == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH DATABASE 'other.db' AS other",
        "DETACH DATABASE main",
        "SELECT load_extension('other')",
        "SELECT sqlcipher_export('main')",
        "PRAGMA key = 'x'",
        "PRAGMA rekey = 'x'",
        "PRAGMA CIPHER_LOG_LEVEL = TRACE",
        "VACUUM INTO 'other.db'",
    ],
)
async def test_statements_that_reach_out_of_the_vault_are_refused(
    house: SmallHouse, tenant: UUID, statement: str
) -> None:
    async with scope(tenant):
        with pytest.raises(OperationalError):
            await required().current.execute_query(statement)
        assert await names() == []
    assert sorted(path.name for path in house.files(tenant).folder.iterdir() if "other" in path.name) == []


async def test_every_connection_is_held_to_the_same(house: SmallHouse, tenant: UUID) -> None:
    def asked(raw: Raw) -> dict[str, object]:
        wanted = (
            "journal_mode",
            "synchronous",
            "foreign_keys",
            "trusted_schema",
            "temp_store",
        )
        return {name: raw.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}

    async with scope(tenant):
        assert await required().client.access.run(asked) == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "trusted_schema": 0,
            "temp_store": 2,
        }
    assert dbapi2.sqlite_version_info >= (3, 53)
