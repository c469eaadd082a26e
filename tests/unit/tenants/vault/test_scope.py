"""The vault that is bound to a task: who has one, for how long, and who has none."""

import asyncio
from contextvars import Context
from uuid import UUID

import pytest
from tortoise.transactions import in_transaction

from tenants.control.database import ALIAS as CONTROL
from tenants.control.models.tenant import Tenant
from tenants.vault.failures import NoScope, VaultClosed, VaultMissing, WrongScope
from tenants.vault.models.project import Project
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope
from tenants.vault.sqlite.access import ALIAS
from tests.support.vaults import SmallHouse


async def test_what_is_written_in_a_scope_is_read_in_the_next(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        made = await Project.create(name="film", tags=["a", "b"])
    async with scope(tenant):
        read = await Project.get(id=made.id)
    assert (read.name, read.tags, read.created) == ("film", ["a", "b"], made.created)


async def test_a_query_without_a_scope_is_refused(house: SmallHouse, tenant: UUID) -> None:
    with pytest.raises(NoScope):
        await Project.all()
    with pytest.raises(NoScope):
        await Project.create(name="lost")
    with pytest.raises(NoScope):
        Project.filter(name="lost")
    async with scope(tenant):
        assert await Project.all().count() == 0


async def test_a_query_without_any_context_is_refused(house: SmallHouse, tenant: UUID) -> None:
    async def bare() -> None:
        with pytest.raises(NoScope):
            await Project.all()
        with pytest.raises(NoScope):
            async with scope(tenant):
                pass

    await asyncio.create_task(bare(), context=Context())


async def test_after_the_scope_its_queries_are_refused_also_those_made_within(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        project = await Project.create(name="film")
        query = Project.all()
    with pytest.raises(VaultClosed):
        await query
    with pytest.raises(NoScope):
        await project.save()


async def test_tasks_started_within_use_the_same_vault(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        await asyncio.gather(*(Setting.create(name=str(number), value=number) for number in range(10)))
        assert sorted(await Setting.all().values_list("value", flat=True)) == list(range(10))


async def test_a_task_that_outlives_its_scope_is_refused_until_it_binds_again(house: SmallHouse, tenant: UUID) -> None:
    ended = asyncio.Event()

    async def outliving() -> str:
        await Setting.create(name="within", value=1)
        started.set()
        await ended.wait()
        with pytest.raises(VaultClosed):
            await Setting.all()
        with pytest.raises(VaultClosed):
            await Setting.create(name="after", value=2)
        async with scope(tenant):
            await Setting.create(name="again", value=3)
        with pytest.raises(VaultClosed):
            await Setting.all()
        return "done"

    started = asyncio.Event()
    async with scope(tenant):
        task = asyncio.create_task(outliving())
        await started.wait()
    ended.set()
    assert await task == "done"
    async with scope(tenant):
        assert sorted(await Setting.all().values_list("name", flat=True)) == ["again", "within"]


async def test_a_task_may_hold_the_vault_beyond_the_scope_it_was_started_in(house: SmallHouse, tenant: UUID) -> None:
    bound, ended = asyncio.Event(), asyncio.Event()

    async def holding() -> int:
        async with scope(tenant):
            bound.set()
            await ended.wait()
            await Setting.create(name="later", value=1)
            return await Setting.all().count()

    async with scope(tenant):
        task = asyncio.create_task(holding())
        await bound.wait()
    ended.set()
    assert await task == 1


async def test_a_transaction_that_outlives_its_scope_is_rolled_back(house: SmallHouse, tenant: UUID) -> None:
    written, ended = asyncio.Event(), asyncio.Event()

    async def outliving() -> None:
        async with in_transaction(ALIAS):
            await Setting.create(name="never", value=1)
            written.set()
            await ended.wait()

    async with scope(tenant):
        task = asyncio.create_task(outliving())
        await written.wait()
    ended.set()
    with pytest.raises(VaultClosed):
        await task
    async with scope(tenant):
        assert not await Setting.exists()


async def test_a_scope_within_a_scope_is_the_same_and_keeps_its_transaction(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        async with in_transaction(ALIAS) as transaction:
            async with scope(tenant):
                await Setting.create(name="inner", value=1)
            await transaction.rollback()
        assert not await Setting.exists()


async def test_a_scope_of_another_tenant_within_is_refused(house: SmallHouse, tenant: UUID) -> None:
    other = await house.add_tenant()

    async def of_other() -> None:
        async with scope(other):
            pass

    async with scope(tenant):
        with pytest.raises(WrongScope):
            await of_other()
        with pytest.raises(WrongScope):
            await asyncio.create_task(of_other())
        await Setting.create(name="mine", value=1)
    async with scope(other):
        assert not await Setting.exists()


async def test_the_control_plane_is_seen_from_within(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        assert (await Tenant.get(id=tenant)).name == "a tenant"
        async with in_transaction(CONTROL) as transaction:
            await Tenant.filter(id=tenant).update(name="renamed")
            await Setting.create(name="kept", value=1)
            await transaction.rollback()
        assert (await Tenant.get(id=tenant)).name == "a tenant"
        assert await Setting.exists(name="kept")


async def test_a_vault_is_used_while_the_control_plane_is_bound_anew(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        with house.control.bound():
            await Setting.create(name="kept", value=1)
            assert await Tenant.exists(id=tenant)


async def test_a_scope_is_not_entered_within_a_transaction_on_the_control_plane(
    house: SmallHouse, tenant: UUID
) -> None:
    async with in_transaction(CONTROL):
        with pytest.raises(WrongScope):
            async with scope(tenant):
                pass
    assert house.pool.open_count == 0


async def test_who_has_no_vault_is_told(house: SmallHouse) -> None:
    stranger = UUID(int=99)
    house.add_key(stranger)
    with pytest.raises(VaultMissing):
        async with scope(stranger):
            pass
    assert not house.files(stranger).folder.exists()
    assert house.pool.open_count == 0
