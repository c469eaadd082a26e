"""Leases are fair: nobody waits for another's whole queue, and nobody runs more than they may."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tenants.control import jobs
from tenants.control.database import Control
from tenants.control.failures import Taken
from tenants.control.models.job import Job, JobState
from tenants.control.tenants import create_tenant
from tenants.control.users import create_user

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LASTS = timedelta(seconds=30)


async def tenants(count: int) -> list[UUID]:
    """Make tenants."""
    owner = await create_user("ada@example.com", "Ada", actor="test")
    return [(await create_tenant(f"t{number}", "T", owner=owner.id, actor="test")).id for number in range(count)]


async def test_turns_go_to_who_has_the_fewest_running_whoever_queued_most(control: Control) -> None:
    many, few, late = await tenants(3)
    for number in range(10):
        await jobs.enqueue("render", {}, tenant=many, now=NOW + timedelta(seconds=number))
    for tenant in (few, few, late):
        await jobs.enqueue("render", {}, tenant=tenant, now=NOW + timedelta(seconds=30))
    later = NOW + timedelta(minutes=1)
    held = [await jobs.lease(["render"], now=later, duration=LASTS) for _ in range(7)]
    order = [each.tenant for each in held if each is not None]
    assert order[:3] in ([many, few, late], [many, late, few])
    assert Counter(order) == {many: 4, few: 2, late: 1}


async def test_a_tenant_runs_no_more_than_it_may_and_does_not_keep_others_from_theirs(control: Control) -> None:
    first, second = await tenants(2)
    for tenant in (first, first, first, second):
        await jobs.enqueue("render", {}, tenant=tenant, now=NOW)

    async def most(tenant: UUID) -> int | None:
        return 1 if tenant == first else None

    taken = [await jobs.lease(["render"], now=NOW, duration=LASTS, most=most) for _ in range(3)]
    assert {each.tenant for each in taken if each} == {first, second}
    assert taken[2] is None
    [held] = [each for each in taken if each and each.tenant == first]
    await jobs.finish(held, {}, now=NOW)
    again = await jobs.lease(["render"], now=NOW, duration=LASTS, most=most)
    assert again is not None
    assert again.tenant == first


async def test_among_one_s_own_the_higher_priority_goes_first(control: Control) -> None:
    [tenant] = await tenants(1)
    for priority in (0, 5, -5):
        await jobs.enqueue("render", {"priority": priority}, tenant=tenant, now=NOW, priority=priority)
    taken = [await jobs.lease(["render"], now=NOW, duration=LASTS) for _ in range(3)]
    assert [each.payload["priority"] for each in taken if each] == [5, 0, -5]


async def test_the_same_idempotency_key_is_one_job_of_a_tenant_and_kind(control: Control) -> None:
    first, second = await tenants(2)
    await jobs.enqueue("render", {}, tenant=first, now=NOW, idempotency_key="once")
    with pytest.raises(Taken):
        await jobs.enqueue("render", {}, tenant=first, now=NOW, idempotency_key="once")
    await jobs.enqueue("import", {}, tenant=first, now=NOW, idempotency_key="once")
    await jobs.enqueue("render", {}, tenant=second, now=NOW, idempotency_key="once")
    for _ in range(2):
        await jobs.enqueue("render", {}, tenant=first, now=NOW)
    assert await Job.filter(state=JobState.QUEUED).count() == 5


async def test_progress_is_kept_by_who_holds_the_job_alone(control: Control) -> None:
    [tenant] = await tenants(1)
    await jobs.enqueue("render", {}, tenant=tenant, now=NOW)
    held = await jobs.lease(["render"], now=NOW, duration=LASTS)
    assert held is not None
    await jobs.note_progress(held, 1.5, "x" * 300)
    row = await Job.get()
    assert (row.progress, len(row.message)) == (1.0, 200)
    await jobs.lease(["render"], now=NOW + LASTS, duration=LASTS)
    with pytest.raises(jobs.LeaseLost):
        await jobs.note_progress(held, 0.1, "late")
    assert (await Job.get()).progress == 1.0
