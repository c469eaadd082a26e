"""Usage: what a tenant, and the house, has used of each metric."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.api import NotFound
from tenants.control.models.tenant import Tenant
from tenants.quotas.ledger import charge, reserve
from tenants.quotas.metrics import Metric
from tenants.quotas.usage import Usage, house_usage, largest_users, usage_of
from tests.unit.tenants.quotas.conftest import NOW

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


async def use(tenant: Tenant) -> None:
    await charge(tenant.id, Metric.API_CALLS, 7, reference="calls", now=NOW)
    await charge(tenant.id, Metric.STORAGE_BYTES, 300, reference="video", now=NOW)
    await reserve(tenant.id, Metric.RENDER_SECONDS, 60, reference="job", now=NOW, expires=NOW + timedelta(hours=1))


async def test_a_tenants_usage_tells_every_metric_with_its_limit_and_when_it_begins_anew(tenant: Tenant) -> None:
    await use(tenant)
    assert await usage_of(tenant.id, now=NOW) == (
        Usage(metric=Metric.RENDER_SECONDS, reserved=60, limit=600, resets=DECEMBER),
        Usage(metric=Metric.API_CALLS, used=7, limit=100, resets=DECEMBER),
        Usage(metric=Metric.STORAGE_BYTES, used=300, limit=1000),
        Usage(metric=Metric.CONCURRENT_RENDERS, limit=2),
        Usage(metric=Metric.MEMBERS),
        Usage(metric=Metric.PLUGINS),
    )


async def test_a_new_month_begins_at_nothing_but_for_what_is_held(tenant: Tenant) -> None:
    await use(tenant)
    used = {each.metric: (each.used, each.reserved) for each in await usage_of(tenant.id, now=DECEMBER)}
    assert used[Metric.API_CALLS] == used[Metric.RENDER_SECONDS] == (0, 0)
    assert used[Metric.STORAGE_BYTES] == (300, 0)


async def test_another_tenants_usage_is_not_in_it(tenant: Tenant) -> None:
    other = await Tenant.create(slug="other", name="Other")
    await use(tenant)
    assert {(each.used, each.reserved) for each in await usage_of(other.id, now=NOW)} == {(0, 0)}
    with pytest.raises(NotFound):
        await usage_of(uuid4(), now=NOW)


async def test_the_house_is_the_sum_of_its_tenants(tenant: Tenant) -> None:
    other = await Tenant.create(slug="other", name="Other")
    assert await house_usage(now=NOW) == dict.fromkeys(Metric, 0)
    await use(tenant)
    await charge(other.id, Metric.API_CALLS, 35, reference="calls", now=NOW)
    assert await house_usage(now=NOW) == dict.fromkeys(Metric, 0) | {Metric.API_CALLS: 42, Metric.STORAGE_BYTES: 300}
    assert await largest_users(Metric.API_CALLS, now=NOW) == ((other.id, 35), (tenant.id, 7))
    assert await largest_users(Metric.API_CALLS, now=NOW, count=1) == ((other.id, 35),)
    assert await largest_users(Metric.RENDER_SECONDS, now=NOW) == ()
