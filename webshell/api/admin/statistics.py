"""``/admin/statistics``: the house in numbers, from the control plane's counters alone."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint
from tortoise.functions import Count

from tenants.control.models.job import Job, JobState
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.models.user import User, UserState
from tenants.control.roles import HousePermission
from tenants.quotas.metrics import Metric
from tenants.quotas.usage import house_usage, largest_users
from webshell.api.endpoint import Rules, endpoint
from webshell.shell import shell

admin_statistics = Blueprint("admin_statistics", __name__, url_prefix="/admin/statistics")


class LargestUser(BaseModel):
    """A workspace that uses much of a metric."""

    tenant: UUID
    slug: str
    used: int


class Statistics(BaseModel):
    """The house at this moment; what is used is of this month, and for what is held, now."""

    tenants: dict[TenantState, int]
    users: dict[UserState, int]
    jobs: dict[JobState, int]
    used: dict[Metric, int]
    vaults_open: Annotated[int, Field(description="In this process.")]


class LargestUsers(BaseModel):
    """Who uses most of a metric, the largest first."""

    items: list[LargestUser]


class LargestQuery(BaseModel, extra="forbid"):
    """Of which metric, and how many."""

    metric: Metric
    limit: Annotated[int, Field(ge=1, le=100)] = 10


@endpoint(admin_statistics, "", "GET", Rules(needs=HousePermission.READ_SYSTEM, gives={200: Statistics}))
async def show_statistics() -> Statistics:
    """Show the house in numbers."""
    return Statistics(
        tenants=dict.fromkeys(TenantState, 0) | await _counted(Tenant),
        users=dict.fromkeys(UserState, 0) | await _counted(User),
        jobs=dict.fromkeys(JobState, 0) | await _counted(Job),
        used=await house_usage(now=datetime.now(UTC)),
        vaults_open=shell().house.vaults.open_count,
    )


@endpoint(
    admin_statistics,
    "/largest",
    "GET",
    Rules(needs=HousePermission.READ_SYSTEM, gives={200: LargestUsers}),
    query=LargestQuery,
)
async def list_largest_users(query: LargestQuery) -> LargestUsers:
    """List who uses most of a metric."""
    found = await largest_users(query.metric, now=datetime.now(UTC), count=query.limit)
    slugs = {row.id: row.slug for row in await Tenant.filter(id__in=[tenant for tenant, _ in found])}
    return LargestUsers(items=[LargestUser(tenant=tenant, slug=slugs[tenant], used=used) for tenant, used in found])


async def _counted[State](model: type[Tenant] | type[User] | type[Job]) -> dict[State, int]:
    rows = await model.annotate(count=Count("id")).group_by("state").values_list("state", "count")
    return {state: count for state, count in rows}  # noqa: C416 - typed
