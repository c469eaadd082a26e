"""Many tasks over many tenants at once: none ever sees another's row."""

import asyncio
import random
from datetime import UTC, datetime
from uuid import UUID

from tortoise.transactions import in_transaction

from tenants.vault.api_keys.keeping import add_key
from tenants.vault.api_keys.using import use
from tenants.vault.failures import VaultClosed
from tenants.vault.models.project import Project
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope
from tenants.vault.sqlite.access import ALIAS
from tests.support.amount import amount
from tests.support.counts import counted
from tests.support.vaults import SmallHouse

TENANTS = 20
TASKS = 100
ROUNDS = 30
NOW = datetime(2026, 11, 23, tzinfo=UTC)


async def test_a_hundred_tasks_over_twenty_tenants_see_their_own_rows_only(house: SmallHouse) -> None:
    tenants = [await house.add_tenant() for _ in range(TENANTS)]
    for tenant in tenants:
        async with scope(tenant):
            await Setting.create(name="owner", value=str(tenant))
            await Setting.create(name="count", value=0)
            await add_key("pexels", "main", f"secret-of-{tenant}", now=NOW)
    seen = await asyncio.gather(*(_work(tenants, seed) for seed in range(TASKS)))
    assert len(seen) == TASKS
    counts = 0
    for tenant in tenants:
        async with scope(tenant):
            assert {project.name for project in await Project.all()} <= {str(tenant)}
            counts += (await Setting.get(name="count")).value
            assert await Project.all().count() == (await Setting.get(name="count")).value
    assert counts == sum(seen)
    counted(f"{TASKS} tasks over {TENANTS} tenants, {sum(seen)} rounds: none saw another's row")


async def _work(tenants: list[UUID], seed: int) -> int:
    """Work for one tenant after the other; return how many times."""
    luck = random.Random(seed)
    rounds = amount(ROUNDS)
    for _ in range(rounds):
        tenant = luck.choice(tenants)
        async with scope(tenant):
            await asyncio.gather(_look(tenant), _look(tenant))
            async with in_transaction(ALIAS):
                await Project.create(name=str(tenant))
                count = await Setting.get(name="count")
                await asyncio.sleep(0)
                count.value += 1
                await count.save()
            async with use("pexels", now=NOW) as taken:
                assert taken.secret.reveal().decode() == f"secret-of-{tenant}"
            await _look(tenant)
    return rounds


async def _look(tenant: UUID) -> None:
    assert (await Setting.get(name="owner")).value == str(tenant)
    await asyncio.sleep(0)
    assert {project.name for project in await Project.all()} <= {str(tenant)}


async def test_tasks_that_outlive_their_scopes_see_no_rows_until_they_bind_again(house: SmallHouse) -> None:
    tenants = [await house.add_tenant() for _ in range(TENANTS)]
    over = asyncio.Event()

    async def outlive(own: UUID, next_one: UUID) -> tuple[str, str]:
        await over.wait()
        try:
            await Setting.all()
        except VaultClosed as err:
            refused = err.code
        async with scope(next_one):
            return refused, (await Setting.get(name="owner")).value

    tasks = []
    for tenant, following in zip(tenants, [*tenants[1:], tenants[0]], strict=True):
        async with scope(tenant):
            await Setting.create(name="owner", value=str(tenant))
            async with in_transaction(ALIAS):
                tasks.append((following, asyncio.create_task(outlive(tenant, following))))
    over.set()
    for following, task in tasks:
        assert await task == ("vault_closed", str(following))
