"""Jobs: work that survives whoever does it. It is handed out under a lease, to one worker at a time.

A worker that stops prolonging its lease is taken for dead, and the job goes to the next. Each handing out counts
``attempts`` up, and that number is what a lease is known by: who comes back late finds it changed, and can neither
finish nor fail what another does by now.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import F, Q
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from core.api import InvalidInput
from tenants.control.database import ALIAS
from tenants.control.failures import LeaseLost
from tenants.control.models.job import Job, JobState

LONGEST_ERROR = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A job that is one's to do until ``until``; ``attempt`` counts from 1."""

    job: UUID
    tenant: UUID | None
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    until: datetime


async def enqueue(
    kind: str,
    payload: Mapping[str, Any],
    *,
    tenant: UUID | None,
    now: datetime,
    due: datetime | None = None,
    max_attempts: int = 3,
) -> Job:
    """Add a job; in a transaction it is there once that is through. ``due`` lets it wait. ``payload`` is JSON."""
    if max_attempts < 1:
        raise InvalidInput("must be at least 1", path="max_attempts")
    return await Job.create(
        tenant_id=tenant, kind=kind, payload=dict(payload), due=due or now, created=now, max_attempts=max_attempts
    )


async def lease(kinds: Collection[str], *, now: datetime, duration: timedelta) -> Lease | None:
    """Take the job that has been due longest, of some kinds, for a while; None where there is none to take now.

    Jobs whose worker was lost come first in line again, up to ``max_attempts``; then they have failed.
    """
    expired = Job.filter(state=JobState.RUNNING, lease_until__lte=now)
    async with in_transaction(ALIAS):
        await expired.filter(attempts__gte=F("max_attempts")).update(
            state=JobState.FAILED, error="its worker was lost, at every attempt", lease_until=None, ended=now
        )
        to_do = Q(state=JobState.QUEUED, due__lte=now) | Q(state=JobState.RUNNING, lease_until__lte=now)
        found = Job.filter(to_do, kind__in=list(kinds)).order_by("due", "id")
        job = await found.select_for_update(skip_locked=True).first()
        if job is None:
            return None
        job.state, job.attempts, job.lease_until = JobState.RUNNING, job.attempts + 1, now + duration
        job.started = job.started or now
        await job.save(update_fields=["state", "attempts", "lease_until", "started"])
    return Lease(
        job=job.id,
        tenant=job.tenant_id,
        kind=job.kind,
        payload=job.payload,
        attempt=job.attempts,
        until=now + duration,
    )


async def prolong(held: Lease, *, now: datetime, duration: timedelta) -> None:
    """Keep a lease. Raise ``LeaseLost`` where the job was cancelled, or given to another: stop then."""
    await _change(held, lease_until=now + duration)


async def finish(held: Lease, result: Mapping[str, Any], *, now: datetime) -> None:
    """End a job with its result, JSON. Raise ``LeaseLost``; the result is not kept then."""
    await _change(held, state=JobState.DONE, result=dict(result), error=None, lease_until=None, ended=now)


async def fail(held: Lease, error: str, *, now: datetime, retry_in: timedelta | None) -> JobState:
    """Say that an attempt failed; return ``queued`` where it will be tried again, ``failed`` where not.

    ``retry_in`` is how long the next attempt waits at least; None for what no attempt can mend. ``error`` is cut to
    4,000 characters. Raise ``LeaseLost``.
    """
    error = error.replace("\0", "")[:LONGEST_ERROR]
    if retry_in is not None:
        again = _held(held).filter(attempts__lt=F("max_attempts"))
        if await again.update(state=JobState.QUEUED, due=now + retry_in, error=error, lease_until=None):
            return JobState.QUEUED
    await _change(held, state=JobState.FAILED, error=error, lease_until=None, ended=now)
    return JobState.FAILED


async def give_back(held: Lease, *, now: datetime) -> None:
    """Leave a job to the next worker without counting the attempt: the host shuts down. Raise ``LeaseLost``."""
    await _change(held, state=JobState.QUEUED, due=now, lease_until=None, max_attempts=F("max_attempts") + 1)


async def cancel(job: UUID, *, now: datetime) -> bool:
    """End a job that is not ended; return whether this call did. Who does it learns of it through its lease."""
    going_on = Job.filter(id=job, state__in=[JobState.QUEUED, JobState.RUNNING])
    return bool(await going_on.update(state=JobState.CANCELLED, lease_until=None, ended=now))


def _held(held: Lease) -> QuerySet[Job]:
    return Job.filter(id=held.job, state=JobState.RUNNING, attempts=held.attempt)


async def _change(held: Lease, **changed: Any) -> None:
    if not await _held(held).update(**changed):
        raise LeaseLost(f"job {held.job} is not this worker's any more")
