"""Jobs: work that survives whoever does it. It is handed out under a lease, to one worker at a time.

A worker that stops prolonging its lease is taken for dead, and the job goes to the next. Each handing out counts
``attempts`` up, and that number is what a lease is known by: who comes back late finds it changed, and can neither
finish nor fail what another does by now.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F, Q
from tortoise.functions import Count, Min
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from core.api import InvalidInput
from tenants.control.database import ALIAS
from tenants.control.failures import LeaseLost, Taken
from tenants.control.models.house import House
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


async def note_progress(held: Lease, progress: float, message: str) -> None:
    """Keep how far a job is, from 0 to 1. Raise ``LeaseLost``."""
    await _change(held, progress=min(1.0, max(0.0, progress)), message=message[:200])


async def enqueue(
    kind: str,
    payload: Mapping[str, Any],
    *,
    tenant: UUID | None,
    now: datetime,
    due: datetime | None = None,
    max_attempts: int = 3,
    priority: int = 0,
    idempotency_key: str | None = None,
    created_by: UUID | None = None,
) -> Job:
    """Add a job; in a transaction it is there once that is through. ``due`` lets it wait. ``payload`` is JSON.

    Raise ``Taken`` where the tenant has a job of this kind by this ``idempotency_key``.
    """
    if max_attempts < 1:
        raise InvalidInput("must be at least 1", path="max_attempts")
    job = Job(
        tenant_id=tenant,
        kind=kind,
        payload=dict(payload),
        due=due or now,
        created=now,
        max_attempts=max_attempts,
        priority=priority,
        idempotency_key=idempotency_key,
        created_by=created_by,
    )
    try:
        await job.save(force_create=True)
    except IntegrityError as err:
        raise Taken("there is a job by this idempotency key") from err
    return job


async def lease(
    kinds: Collection[str],
    *,
    now: datetime,
    duration: timedelta,
    most: Callable[[UUID], Awaitable[int | None]] | None = None,
) -> Lease | None:
    """Take a job of some kinds for a while; None where there is none to take now.

    The turn is the tenant's who has the fewest of them running, of several the one's who was due first; among its jobs
    the highest priority goes first, then what has been due longest. So nobody waits for another's whole queue. ``most``
    tells how many a tenant may have running. Jobs whose worker was lost come in line again, up to ``max_attempts``;
    then they have failed.
    """
    async with in_transaction(ALIAS):
        await House.select_for_update().get(id=1)  # one at a time: who runs how much is counted
        expired = Job.filter(state=JobState.RUNNING, lease_until__lte=now)
        await expired.filter(attempts__gte=F("max_attempts")).update(
            state=JobState.FAILED,
            error="its worker was lost, at every attempt",
            error_code="worker_lost",
            lease_until=None,
            ended=now,
        )
        job = await _next(list(kinds), now, most)
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


async def _next(kinds: list[str], now: datetime, most: Callable[[UUID], Awaitable[int | None]] | None) -> Job | None:
    """Return the job whose turn it is."""
    to_do = Q(state=JobState.QUEUED, due__lte=now) | Q(state=JobState.RUNNING, lease_until__lte=now)
    waiting = await (
        Job.filter(to_do, kind__in=kinds)
        .annotate(first=Min("due"))
        .group_by("tenant_id")
        .values_list("tenant_id", "first")
    )
    running = dict(
        await Job.filter(state=JobState.RUNNING, lease_until__gt=now, kind__in=kinds)
        .annotate(count=Count("id"))
        .group_by("tenant_id")
        .values_list("tenant_id", "count")
    )
    for tenant, _ in sorted(waiting, key=lambda each: (running.get(each[0], 0), str(each[1]))):
        limit = await most(tenant) if most is not None and tenant is not None else None
        if limit is None or running.get(tenant, 0) < limit:
            of_tenant = Job.filter(to_do, kind__in=kinds, tenant_id=tenant)
            # Locked: another may be finishing it at this very moment, which is seen then.
            return await of_tenant.order_by("-priority", "due", "id").select_for_update(skip_locked=True).first()
    return None


async def prolong(held: Lease, *, now: datetime, duration: timedelta) -> None:
    """Keep a lease. Raise ``LeaseLost`` where the job was cancelled, or given to another: stop then."""
    await _change(held, lease_until=now + duration)


async def finish(held: Lease, result: Mapping[str, Any], *, now: datetime) -> None:
    """End a job with its result, JSON. Raise ``LeaseLost``; the result is not kept then."""
    await _change(
        held,
        state=JobState.DONE,
        result=dict(result),
        error=None,
        error_code="",
        progress=1.0,
        lease_until=None,
        ended=now,
    )


async def fail(held: Lease, error: str, *, now: datetime, retry_in: timedelta | None, code: str = "error") -> JobState:
    """Say that an attempt failed; return ``queued`` where it will be tried again, ``failed`` where not.

    ``retry_in`` is how long the next attempt waits at least; None for what no attempt can mend. ``error`` is cut to
    4,000 characters. Raise ``LeaseLost``.
    """
    error = error.replace("\0", "")[:LONGEST_ERROR]
    if retry_in is not None:
        again = _held(held).filter(attempts__lt=F("max_attempts"))
        if await again.update(
            state=JobState.QUEUED, due=now + retry_in, error=error, error_code=code, lease_until=None
        ):
            return JobState.QUEUED
    await _change(held, state=JobState.FAILED, error=error, error_code=code, lease_until=None, ended=now)
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
