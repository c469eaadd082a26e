"""Alerts: told once at 80 % and once at 100 %, whoever comes at once, again, or past both in one step."""

import asyncio
from datetime import timedelta

import pytest

from tenants.control.models.job import Job
from tenants.control.models.tenant import Tenant
from tenants.quotas.alerts import alert, reached
from tenants.quotas.ledger import charge
from tenants.quotas.metrics import Metric
from tenants.vault.models.notification import Notification
from tenants.vault.pool import VaultPool
from tenants.vault.scope import scope
from tests.unit.tenants.quotas.conftest import NOW

CALLS = Metric.API_CALLS
NEXT_MONTH = NOW + timedelta(days=10)


@pytest.fixture
def engine() -> str:
    """A vault is the same whatever the control plane lies in: one kind is enough, where nobody races."""
    return "sqlite"


async def told(tenant: Tenant) -> list[tuple[str, int]]:
    """The notifications, and that there is exactly one mail for each."""
    async with scope(tenant.id):
        rows = await Notification.all().order_by("created", "kind")
    mails = await Job.filter(tenant=tenant, kind="mail.quota")
    assert sorted((each.id, each.payload["threshold"]) for each in mails) == sorted(
        (row.id, row.facts["threshold"]) for row in rows
    )
    return [(row.kind, row.facts["threshold"]) for row in rows]


async def tell(tenant: Tenant, used: int, limit: int | None = 100, **later: float) -> None:
    await alert(tenant.id, CALLS, used=used, limit=limit, now=NOW + timedelta(**later))


@pytest.mark.parametrize(
    ("used", "limit", "expected"),
    [
        (79, 100, ()),
        (80, 100, (80,)),
        (99, 100, (80,)),
        (100, 100, (80, 100)),
        (250, 100, (80, 100)),
        (4, 6, ()),
        (5, 6, (80,)),
        (2**53 - 1, 2**53, (80,)),
        (0, 0, ()),
        (5, 0, ()),
        (10**9, None, ()),
    ],
)
def test_thresholds_are_reached_exactly(used: int, limit: int | None, expected: tuple[int, ...]) -> None:
    assert reached(used, limit) == expected


async def test_each_threshold_is_told_once(vault: VaultPool, tenant: Tenant) -> None:
    for used in (10, 79):
        await tell(tenant, used)
    assert await told(tenant) == []
    for used in (80, 81, 99):
        await tell(tenant, used)
    assert await told(tenant) == [("quota.near", 80)]
    for used in (100, 130):
        await tell(tenant, used)
    assert await told(tenant) == [("quota.near", 80), ("quota.reached", 100)]


async def test_what_is_told_says_what_when_and_how_much(vault: VaultPool, tenant: Tenant) -> None:
    await tell(tenant, 85)
    async with scope(tenant.id):
        [row] = await Notification.all()
    assert row.facts == {"metric": "api_calls", "threshold": 80, "used": 85, "limit": 100, "month": "2026-11"}
    assert (row.title, row.level, row.user, row.read) == ("Api calls: 80 % of the plan is used", "warning", None, None)
    mail = await Job.get(kind="mail.quota")
    assert (mail.id, mail.tenant_id, mail.payload) == (row.id, tenant.id, row.facts)


async def test_a_step_past_both_tells_of_both_once(vault: VaultPool, tenant: Tenant) -> None:
    for _ in range(3):
        await tell(tenant, 500)
    assert await told(tenant) == [("quota.near", 80), ("quota.reached", 100)]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_whoever_comes_at_once_tells_once(vault: VaultPool, tenant: Tenant) -> None:
    await asyncio.gather(*(tell(tenant, 80 + number) for number in range(30)))
    assert await told(tenant) == [("quota.near", 80), ("quota.reached", 100)]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_charges_at_once_past_both_thresholds_tell_once(vault: VaultPool, tenant: Tenant) -> None:
    async def use(number: int) -> None:
        settlement = await charge(tenant.id, CALLS, 10, reference=f"call {number}", now=NOW)
        await alert(tenant.id, CALLS, used=settlement.used, limit=settlement.limit, now=NOW)

    await asyncio.gather(*map(use, range(10)))
    assert await told(tenant) == [("quota.near", 80), ("quota.reached", 100)]


async def test_what_a_crash_left_undone_is_done_by_the_next(vault: VaultPool, tenant: Tenant) -> None:
    await tell(tenant, 85)
    await Job.all().delete()  # as if the process had ended between the vault and the mail
    await tell(tenant, 86)
    assert await told(tenant) == [("quota.near", 80)]


async def test_a_notification_that_was_dismissed_does_not_come_again(vault: VaultPool, tenant: Tenant) -> None:
    await tell(tenant, 85)
    async with scope(tenant.id):
        await Notification.all().delete()
    await tell(tenant, 90)
    async with scope(tenant.id):
        assert await Notification.all().count() == 0
    assert await Job.filter(kind="mail.quota").count() == 1


async def test_a_new_month_tells_anew(vault: VaultPool, tenant: Tenant) -> None:
    await tell(tenant, 85)
    await tell(tenant, 85, days=10)
    assert await told(tenant) == [("quota.near", 80), ("quota.near", 80)]


@pytest.mark.parametrize("metric", [Metric.MEMBERS, Metric.PLUGINS, Metric.CONCURRENT_RENDERS])
async def test_what_refuses_at_the_very_step_is_not_told_of(vault: VaultPool, tenant: Tenant, metric: Metric) -> None:
    await alert(tenant.id, metric, used=5, limit=5, now=NOW)
    assert await told(tenant) == []


async def test_without_a_limit_there_is_nothing_to_tell(vault: VaultPool, tenant: Tenant) -> None:
    await tell(tenant, 10**12, None)
    await tell(tenant, 0, 0)
    assert await told(tenant) == []
