from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from core.api import InvalidInput
from tenants.control.database import Control, open_control
from tenants.control.failures import LeaseLost
from tenants.control.jobs import Lease, cancel, enqueue, fail, finish, give_back, lease, prolong
from tenants.control.models.job import Job, JobState
from tenants.control.models.tenant import Tenant
from tests.support.amount import amount
from tests.support.processes import Processes

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def take(now: datetime = NOW) -> Lease | None:
    return await lease(["render"], now=now, duration=MINUTE)


async def taken(now: datetime = NOW) -> Lease:
    held = await take(now)
    assert held is not None
    return held


async def add(now: datetime = NOW, **options: int) -> Job:
    return await enqueue("render", {"n": 1}, tenant=None, now=now, **options)


async def row(held: Lease) -> Job:
    return await Job.get(id=held.job)


async def test_a_job_is_handed_out_once_with_what_it_is_about(control: Control) -> None:
    tenant = await Tenant.create(slug="a", name="A")
    job = await enqueue("render", {"project": "p", "deep": [1, {"x": None}]}, tenant=tenant.id, now=NOW)
    assert await take() == Lease(
        job=job.id,
        tenant=tenant.id,
        kind="render",
        payload={"project": "p", "deep": [1, {"x": None}]},
        attempt=1,
        until=NOW + MINUTE,
    )
    assert await take() is None


async def test_jobs_are_handed_out_in_the_order_in_which_they_became_due(control: Control) -> None:
    late = await enqueue("render", {}, tenant=None, now=NOW, due=NOW + MINUTE)
    second = await enqueue("render", {}, tenant=None, now=NOW)
    first = await enqueue("render", {}, tenant=None, now=NOW - MINUTE)
    assert [(await taken()).job for _ in range(2)] == [first.id, second.id]
    assert await take() is None
    assert (await taken(NOW + MINUTE - timedelta(microseconds=0))).job in {late.id, first.id, second.id}


async def test_only_the_kinds_asked_for_are_handed_out(control: Control) -> None:
    await enqueue("backup", {}, tenant=None, now=NOW)
    assert await take() is None
    assert await lease([], now=NOW, duration=MINUTE) is None
    assert await lease(["render", "backup"], now=NOW, duration=MINUTE) is not None


async def test_a_job_whose_worker_was_lost_goes_to_the_next_and_the_first_can_do_nothing_more(control: Control) -> None:
    await add()
    lost = await taken()
    assert await take(NOW + MINUTE - timedelta(microseconds=1)) is None
    later = NOW + MINUTE
    held = await taken(later)
    assert (held.job, held.attempt) == (lost.job, 2)
    before = await Job.all().values()
    for late in (
        finish(lost, {"mine": True}, now=later),
        fail(lost, "mine", now=later, retry_in=MINUTE),
        fail(lost, "mine", now=later, retry_in=None),
        prolong(lost, now=later, duration=MINUTE),
        give_back(lost, now=later),
    ):
        with pytest.raises(LeaseLost):
            await late
    assert await Job.all().values() == before


async def test_a_lease_that_is_prolonged_is_kept(control: Control) -> None:
    await add()
    held = await taken()
    await prolong(held, now=NOW + timedelta(seconds=50), duration=MINUTE)
    assert await take(NOW + timedelta(seconds=100)) is None
    assert (await row(held)).lease_until == NOW + timedelta(seconds=110)


async def test_a_finished_job_has_its_result_and_is_never_handed_out_again(control: Control) -> None:
    await add()
    held = await taken()
    await finish(held, {"video": "v"}, now=NOW + MINUTE)
    job = await row(held)
    assert (job.state, job.result, job.error, job.lease_until) == (JobState.DONE, {"video": "v"}, None, None)
    assert (job.created, job.started, job.ended, job.attempts) == (NOW, NOW, NOW + MINUTE, 1)
    assert await take(NOW + timedelta(days=1)) is None
    with pytest.raises(LeaseLost):
        await finish(held, {"video": "again"}, now=NOW)
    assert (await row(held)).result == {"video": "v"}


async def test_what_failed_is_tried_again_later_and_at_last_has_failed(control: Control) -> None:
    await add(max_attempts=2)
    first = await taken()
    assert await fail(first, "no network", now=NOW, retry_in=MINUTE) is JobState.QUEUED
    assert await take(NOW + timedelta(seconds=59)) is None
    second = await taken(NOW + MINUTE)
    assert (second.job, second.attempt) == (first.job, 2)
    assert await fail(second, "x" * 5000, now=NOW + MINUTE, retry_in=MINUTE) is JobState.FAILED
    job = await row(second)
    assert (job.state, job.error, job.ended) == (JobState.FAILED, "x" * 4000, NOW + MINUTE)
    assert await take(NOW + timedelta(days=1)) is None


async def test_what_no_attempt_can_mend_fails_at_once(control: Control) -> None:
    await add()
    assert await fail(await taken(), "wrong\0 document", now=NOW, retry_in=None) is JobState.FAILED
    assert await Job.all().values_list("error", flat=True) == ["wrong document"]


async def test_a_job_that_kills_its_workers_fails_in_the_end(control: Control) -> None:
    await add(max_attempts=3)
    for attempt in range(3):
        await taken(NOW + attempt * MINUTE)
    assert await take(NOW + 3 * MINUTE) is None
    job = await Job.get()
    assert (job.state, job.attempts, job.ended) == (JobState.FAILED, 3, NOW + 3 * MINUTE)
    assert job.error == "its worker was lost, at every attempt"


async def test_a_job_that_is_given_back_has_lost_no_attempt(control: Control) -> None:
    await add(max_attempts=1)
    for _ in range(5):
        await give_back(await taken(), now=NOW)
    assert await fail(await taken(), "no", now=NOW, retry_in=MINUTE) is JobState.FAILED


async def test_a_job_is_cancelled_once_and_its_worker_learns_of_it(control: Control) -> None:
    job = await add()
    held = await taken()
    assert [await cancel(job.id, now=NOW), await cancel(job.id, now=NOW + MINUTE)] == [True, False]
    with pytest.raises(LeaseLost):
        await prolong(held, now=NOW, duration=MINUTE)
    assert (await row(held)).ended == NOW
    assert await take(NOW + timedelta(days=1)) is None
    assert await cancel(uuid4(), now=NOW) is False


async def test_a_job_without_attempts_is_refused(control: Control) -> None:
    with pytest.raises(InvalidInput):
        await add(max_attempts=0)
    assert await Job.all().count() == 0


async def work_until_nothing_is_left(jobs: int) -> list[tuple[UUID, int]]:
    """Take jobs, in a third of all losing them on the way, until all have ended."""
    done: list[tuple[UUID, int]] = []
    now = NOW
    while await Job.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).exists():
        now += timedelta(seconds=1)
        held = await lease(["render"], now=now, duration=timedelta(seconds=1))
        if held is None or (held.attempt == 1 and held.payload["n"] % 3 == 0):
            continue
        try:
            await finish(held, {"by": held.attempt}, now=now)
        except LeaseLost:
            continue
        done.append((held.job, held.attempt))
    return done


async def test_two_processes_do_every_job_exactly_once(control_url: str, two_processes: Processes) -> None:
    count = amount(300)
    async with open_control(control_url):
        jobs = [await enqueue("render", {"n": n}, tenant=None, now=NOW, max_attempts=9999) for n in range(count)]
        first, second = two_processes.do(work_until_nothing_is_left, control_url, count)
        assert sorted(job for job, _ in first + second) == sorted(job.id for job in jobs)
        assert {job.id: job.result for job in await Job.all()} == {
            job: {"by": attempt} for job, attempt in first + second
        }
        assert await Job.filter(state=JobState.DONE).count() == count
