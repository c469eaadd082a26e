"""Requesting: a tenant's jobs, asked for, seen and cancelled. Another tenant's job is as one that does not exist."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from core.api import NotFound
from tenants.control import jobs
from tenants.control.database import ALIAS
from tenants.control.events import publish
from tenants.control.failures import WrongState
from tenants.control.models.job import Job, JobState

TOPIC = "job"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job as its tenant sees it. ``error`` says what went wrong, ``error_code`` in a word."""

    id: UUID
    tenant: UUID | None
    kind: str
    state: JobState
    progress: float
    message: str
    payload: Mapping[str, Any]
    result: Mapping[str, Any] | None
    error: str | None
    error_code: str
    attempts: int
    created: datetime
    started: datetime | None
    ended: datetime | None

    @classmethod
    def of(cls, row: Job) -> "JobView":
        """Return the view of a row."""
        return cls(
            id=row.id,
            tenant=row.tenant_id,
            kind=row.kind,
            state=row.state,
            progress=row.progress,
            message=row.message,
            payload=row.payload,
            result=row.result,
            error=row.error,
            error_code=row.error_code,
            attempts=row.attempts,
            created=row.created,
            started=row.started,
            ended=row.ended,
        )

    @property
    def facts(self) -> dict[str, Any]:
        """What an event tells of it."""
        return {
            "id": str(self.id),
            "kind": self.kind,
            "state": self.state.value,
            "progress": round(self.progress, 4),
            "message": self.message,
            "error": self.error,
            "error_code": self.error_code,
            "result": self.result,
        }


async def find_request(kind: str, key: str | None, *, tenant: UUID) -> JobView | None:
    """Return the job that was asked for by an idempotency key before."""
    row = None if key is None else await Job.get_or_none(tenant_id=tenant, kind=kind, idempotency_key=key)
    return JobView.of(row) if row else None


async def show_job(job: UUID, *, tenant: UUID, kind: str) -> JobView:
    """Return a tenant's job; raise ``NotFound``."""
    row = await Job.get_or_none(id=job, tenant_id=tenant, kind=kind)
    if row is None:
        raise NotFound(f"there is no {kind} {job}")
    return JobView.of(row)


async def list_jobs(
    *,
    tenant: UUID,
    kind: str,
    states: Collection[JobState] = (),
    after: tuple[datetime, UUID] | None = None,
    most: int = 50,
) -> list[JobView]:
    """Return a tenant's jobs of a kind, the newest first; ``after`` is when the last of the page before was made."""
    rows = Job.filter(tenant_id=tenant, kind=kind)
    if states:
        rows = rows.filter(state__in=list(states))
    if after is not None:
        rows = rows.filter(Q(created__lt=after[0]) | Q(created=after[0], id__lt=after[1]))
    return [JobView.of(row) for row in await rows.order_by("-created", "-id").limit(most)]


async def cancel_job(job: UUID, *, tenant: UUID, kind: str, now: datetime) -> JobView:
    """End a job that is not ended; who does it hears of it within seconds. Raise ``NotFound``, ``WrongState``."""
    await show_job(job, tenant=tenant, kind=kind)
    async with in_transaction(ALIAS):
        if not await jobs.cancel(job, now=now):
            raise WrongState("it has ended already")
        view = await show_job(job, tenant=tenant, kind=kind)
        await publish(TOPIC, view.facts, tenant=tenant, now=now)
    return view


async def tell(job: UUID, *, now: datetime) -> None:
    """Publish how a job stands."""
    view = JobView.of(await Job.get(id=job))
    await publish(TOPIC, view.facts, tenant=view.tenant, now=now)
