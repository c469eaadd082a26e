"""Events: in order, with what they tell or not at all, and each tenant's for itself."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tortoise.transactions import in_transaction

from tenants.control.database import ALIAS, Control
from tenants.control.events import KEPT, events_after, events_of, last_sequence, prune, publish
from tenants.control.models.user import User
from tenants.control.tenants import create_tenant
from tenants.control.users import create_user

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def test_events_are_numbered_without_gaps_and_read_by_their_tenant(control: Control) -> None:
    owner = await create_user("ada@example.com", "Ada", actor="test")
    first = (await create_tenant("one", "One", owner=owner.id, actor="test")).id
    second = (await create_tenant("two", "Two", owner=owner.id, actor="test")).id
    await asyncio.gather(*(publish("job", {"n": n}, tenant=first if n % 2 else second, now=NOW) for n in range(20)))
    told = await events_after(0)
    assert [each.sequence for each in told] == list(range(1, 21))
    assert await last_sequence() == 20
    mine = await events_of(first, after=10)
    assert mine
    assert {each.tenant for each in mine} == {first}
    assert all(each.sequence > 10 for each in mine)


async def test_an_event_stands_and_falls_with_what_it_tells(control: Control) -> None:
    async def broken() -> None:
        async with in_transaction(ALIAS):
            await User.create(email="ada@example.com", name="Ada")
            await publish("user", {}, tenant=None, now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await broken()
    assert await User.all().count() == 0
    assert await events_after(0) == []
    assert await last_sequence() == 0


async def test_old_events_are_forgotten_and_numbers_go_on(control: Control) -> None:
    await publish("old", {}, tenant=None, now=NOW - KEPT - timedelta(seconds=1))
    await publish("new", {}, tenant=None, now=NOW)
    assert await prune(NOW) == 1
    await publish("newer", {}, tenant=None, now=NOW)
    assert [(each.sequence, each.topic) for each in await events_after(0)] == [(2, "new"), (3, "newer")]
