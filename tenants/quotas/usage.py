"""Usage: how much of each limit is used, of one tenant and of the house. Read from the control plane alone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.functions import Sum

from tenants.control.models.quota import QuotaTotal
from tenants.quotas.entitlements import entitlement_of
from tenants.quotas.metrics import Metric
from tenants.quotas.periods import period_of, resets_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How a metric stands, in its unit. ``reserved`` is for work that goes on; ``limit`` is None for what has none."""

    metric: Metric
    used: int = 0
    reserved: int = 0
    limit: int | None = None
    resets: datetime | None = None


async def usage_of(tenant: UUID, *, now: datetime) -> tuple[Usage, ...]:
    """Return how every metric of a tenant stands now; raise ``NotFound`` for one that is not there."""
    limits = (await entitlement_of(tenant, now=now)).limits
    totals = await QuotaTotal.filter(tenant_id=tenant, period__in={period_of(metric, now) for metric in Metric})
    standing = {total.metric: total for total in totals}
    return tuple(
        Usage(
            metric=metric,
            used=standing[metric].used if metric in standing else 0,
            reserved=standing[metric].reserved if metric in standing else 0,
            limit=limits.of(metric),
            resets=resets_at(metric, now),
        )
        for metric in Metric
    )


async def house_usage(*, now: datetime) -> dict[Metric, int]:
    """Return what all tenants together use now, by metric; no vault is opened for it."""
    sums = (
        await QuotaTotal.filter(period__in={period_of(metric, now) for metric in Metric})
        .annotate(total=Sum("used"))
        .group_by("metric")
        .values_list("metric", "total")
    )
    return dict.fromkeys(Metric, 0) | {Metric(metric): int(total) for metric, total in sums}


async def largest_users(metric: Metric, *, now: datetime, count: int = 10) -> tuple[tuple[UUID, int], ...]:
    """Return who uses most of a metric now, with how much, the largest first."""
    rows = QuotaTotal.filter(metric=metric, period=period_of(metric, now), used__gt=0).order_by("-used", "tenant_id")
    return tuple([(row.tenant_id, row.used) for row in await rows.limit(count)])
