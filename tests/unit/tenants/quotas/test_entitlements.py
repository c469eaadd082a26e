"""Entitlements: which plan a tenant stands on, what an administrator set aside, and what it all comes to."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from core.api import NotFound
from tenants.control.database import Control
from tenants.control.models.plan import Plan
from tenants.control.models.subscription import Subscription
from tenants.control.models.tenant import Tenant
from tenants.quotas.access import GRACE, Access
from tenants.quotas.entitlements import Entitlement, entitlement_of
from tenants.quotas.failures import AccessLapsed, LimitsInvalid
from tenants.quotas.limits import Limits
from tests.unit.tenants.quotas.conftest import NOW

STUDIO = Limits(render_minutes=10, storage_bytes=1000, concurrent_renders=2, api_calls=100)


@pytest.fixture(autouse=True)
async def _no_default_plan(control: Control) -> None:
    await Plan.filter(is_default=True).delete()


async def entitled(tenant: Tenant, **later: float) -> Entitlement:
    return await entitlement_of(tenant.id, now=NOW + timedelta(**later))


async def subscribe(tenant: Tenant, slug: str, state: str, **options: Any) -> Subscription:
    plan, _ = await Plan.get_or_create(slug=slug, defaults={"name": slug, "limits": {"members": len(slug)}})
    return await Subscription.create(tenant=tenant, plan=plan, state=state, **options)


async def free_plan() -> None:
    await Plan.create(slug="free", name="Free", limits={"render_minutes": 1}, is_default=True)


async def test_an_active_subscription_gives_its_plan(tenant: Tenant) -> None:
    assert await entitled(tenant) == Entitlement(access=Access.FULL, limits=STUDIO, plan="studio")


async def test_an_administrators_word_replaces_what_it_names(tenant: Tenant) -> None:
    await Tenant.filter(id=tenant.id).update(limits={"render_minutes": 99, "api_calls": None})
    limits = (await entitled(tenant)).limits
    assert limits == Limits(render_minutes=99, storage_bytes=1000, concurrent_renders=2)


async def test_without_a_subscription_the_default_plan_holds(control: Control) -> None:
    tenant = await Tenant.create(slug="new", name="New")
    assert await entitled(tenant) == Entitlement(access=Access.FULL, limits=Limits())
    await free_plan()
    assert await entitled(tenant) == Entitlement(access=Access.FULL, limits=Limits(render_minutes=1), plan="free")


async def test_what_ended_falls_back_to_the_default_plan_and_without_one_can_be_read(tenant: Tenant) -> None:
    await Subscription.filter(tenant=tenant).update(state="canceled")
    lapsed = await entitled(tenant)
    assert lapsed == Entitlement(access=Access.READ_ONLY, limits=STUDIO, plan="studio")
    with pytest.raises(AccessLapsed):
        lapsed.require_full()
    await free_plan()
    assert await entitled(tenant) == Entitlement(access=Access.FULL, limits=Limits(render_minutes=1), plan="free")


async def test_a_failed_renewal_is_read_only_after_the_grace_whatever_is_free(tenant: Tenant) -> None:
    await free_plan()
    await Subscription.filter(tenant=tenant).update(state="past_due", period_start=NOW)
    assert (await entitled(tenant)).access is Access.FULL
    later = await entitled(tenant, days=GRACE.days)
    assert (later.access, later.plan) == (Access.READ_ONLY, "studio")


async def test_of_several_subscriptions_that_counts_which_gives_most_then_the_latest(control: Control) -> None:
    tenant = await Tenant.create(slug="many", name="Many")
    await subscribe(tenant, "old", "canceled", created=NOW - timedelta(days=9))
    await subscribe(tenant, "unpaid", "unpaid", created=NOW - timedelta(days=8))
    assert (await entitled(tenant)).plan == "unpaid"
    await subscribe(tenant, "current", "active", created=NOW - timedelta(days=7))
    await subscribe(tenant, "upgrade", "active", created=NOW - timedelta(days=6))
    await subscribe(tenant, "attempt", "incomplete", created=NOW - timedelta(days=5))
    assert await entitled(tenant) == Entitlement(access=Access.FULL, limits=Limits(members=7), plan="upgrade")


@pytest.mark.parametrize("state", ["suspended", "erasing"])
async def test_a_workspace_that_is_not_active_is_read_only_whatever_it_pays(tenant: Tenant, state: str) -> None:
    await Tenant.filter(id=tenant.id).update(state=state)
    assert (await entitled(tenant)).access is Access.READ_ONLY


async def test_a_tenant_that_is_not_there_or_erased_has_nothing(tenant: Tenant) -> None:
    with pytest.raises(NotFound):
        await entitlement_of(uuid4(), now=NOW)
    await Tenant.filter(id=tenant.id).update(state="erased")
    with pytest.raises(NotFound):
        await entitled(tenant)


async def test_limits_that_can_not_be_used_are_told_with_whose_they_are(tenant: Tenant, plan: Plan) -> None:
    await Tenant.filter(id=tenant.id).update(limits={"members": -1})
    with pytest.raises(LimitsInvalid, match=r"^tenants\.acme\.limits\.members must be"):
        await entitled(tenant)
    await Plan.filter(id=plan.id).update(limits=["members"])
    with pytest.raises(LimitsInvalid, match=r"^plans\.studio\.limits must be an object"):
        await entitled(tenant)
