"""``/admin/jobs``: what is done in the background for all workspaces, and for the house."""

from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint
from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.transactions import in_transaction

from core.api import NotFound
from tenants.control import jobs
from tenants.control.audit import record
from tenants.control.database import ALIAS
from tenants.control.failures import WrongState
from tenants.control.models.job import Job, JobState
from tenants.control.roles import HousePermission
from tenants.jobs.requesting import tell
from webshell.api.endpoint import Rules, endpoint
from webshell.api.listing import after_of, next_of
from webshell.api.pages import Page, PageQuery
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal

admin_jobs = Blueprint("admin_jobs", __name__, url_prefix="/admin/jobs")


class HouseJob(BaseModel):
    """A job, without what it is about: that is its workspace's own. ``progress`` goes from 0 to 1."""

    id: UUID
    tenant: UUID | None
    kind: str
    state: JobState
    priority: int
    progress: float
    message: str
    error: str | None
    error_code: str
    attempts: int
    max_attempts: int
    due: datetime
    created: datetime
    started: datetime | None
    ended: datetime | None
    lease_until: datetime | None

    @classmethod
    def of(cls, row: Job) -> Self:
        """Return what an administrator sees of a job."""
        facts = {name: getattr(row, name) for name in cls.model_fields if name != "tenant"}
        return cls(**facts, tenant=row.tenant_id)


class JobPage(Page[HouseJob]):
    """Jobs, the newest first."""


class JobsQuery(PageQuery):
    """Which jobs."""

    state: JobState | None = None
    kind: Annotated[str | None, Field(max_length=64)] = None
    tenant: UUID | None = None


class JobCount(BaseModel):
    """How many jobs of a kind stand so."""

    kind: str
    state: JobState
    count: int


class JobCounts(BaseModel):
    """How many jobs there are, by kind and state. ``oldest`` is since when the longest has been due."""

    items: list[JobCount]
    oldest: datetime | None


@endpoint(admin_jobs, "", "GET", Rules(needs=HousePermission.READ_JOBS, gives={200: JobPage}), query=JobsQuery)
async def list_house_jobs(query: JobsQuery) -> JobPage:
    """List jobs, the newest first."""
    rows = Job.all()
    for name, wanted in (("state", query.state), ("kind", query.kind), ("tenant_id", query.tenant)):
        if wanted is not None:
            rows = rows.filter(**{name: wanted})
    after = after_of(query)
    if after is not None:
        rows = rows.filter(Q(created__lt=after[0]) | Q(created=after[0], id__lt=after[1]))
    found = await rows.order_by("-created", "-id").limit(query.limit)
    ends = [(each.created, each.id) for each in found]
    return JobPage(items=[HouseJob.of(each) for each in found], next=next_of(ends, query.limit))


@endpoint(admin_jobs, "/counts", "GET", Rules(needs=HousePermission.READ_JOBS, gives={200: JobCounts}))
async def count_house_jobs() -> JobCounts:
    """Count jobs by kind and state, and tell how long the longest has been waiting."""
    rows = await Job.all().annotate(count=Count("id")).group_by("kind", "state").values("kind", "state", "count")
    items = [JobCount(**row) for row in sorted(rows, key=lambda row: (row["kind"], row["state"]))]
    now = datetime.now(UTC)
    waiting = await Job.filter(state=JobState.QUEUED, due__lte=now).order_by("due").first()
    return JobCounts(items=items, oldest=waiting.due if waiting else None)


@endpoint(
    admin_jobs,
    "/<uuid:job_id>",
    "GET",
    Rules(needs=HousePermission.READ_JOBS, gives={200: HouseJob}, problems=(404,)),
)
async def show_house_job(job_id: UUID) -> HouseJob:
    """Show a job."""
    return HouseJob.of(await _found(job_id))


@endpoint(
    admin_jobs,
    "/<uuid:job_id>/cancel",
    "POST",
    Rules(
        needs=HousePermission.WRITE_JOBS,
        rate=RateClass.WRITE,
        fresh=True,
        gives={200: HouseJob},
        problems=(404, 409),
    ),
)
async def cancel_house_job(job_id: UUID) -> HouseJob:
    """End a job that goes on, or waits; whoever asked for it is told."""
    row = await _found(job_id)
    now = datetime.now(UTC)
    async with in_transaction(ALIAS):
        if not await jobs.cancel(job_id, now=now):
            raise WrongState("it has ended already")
        await tell(job_id, now=now)
        await record(principal().actor, "job.cancel", f"job:{job_id}", row.tenant_id, kind=row.kind)
    return HouseJob.of(await _found(job_id))


async def _found(job_id: UUID) -> Job:
    row = await Job.get_or_none(id=job_id)
    if row is None:
        raise NotFound(f"there is no job {job_id}")
    return row
