"""Choices: enabled and disabled at once, within the plan's limit, and for one tenant alone."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from core.api import NotFound
from core.host.state import PluginState, PluginStatus
from tenants.control.database import Control
from tenants.control.models.audit import AuditEntry
from tenants.control.models.plan import Plan
from tenants.control.models.plugin import PluginChoice, PluginInstall
from tenants.control.models.quota import QuotaTotal
from tenants.control.models.subscription import Subscription
from tenants.control.models.tenant import Tenant
from tenants.plugin_sets.choices import disable, enable, read_set
from tenants.plugin_sets.failures import PluginWithdrawn
from tenants.plugin_sets.standing import Standing
from tenants.quotas.failures import AccessLapsed, QuotaExceeded

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADA = "user:ada"
IDS = ("acme.base", "acme.glow", "acme.stock", "acme.voice")
STATES = tuple(PluginState(id=plugin, status=PluginStatus.ENABLED, is_listed=True) for plugin in IDS)
DEFAULT, CHOSEN, OFFERED, REFUSED, WITHDRAWN, _ = Standing


@pytest.fixture
async def tenant(control: Control) -> Tenant:
    """A tenant that may enable two plugins beside the house's one default."""
    for plugin in IDS:
        is_default = plugin == "acme.base"
        await PluginInstall.create(plugin=plugin, version="1.0", distribution="acme", default_enabled=is_default)
    plan = await Plan.create(slug="studio", name="Studio", limits={"plugins": 2})
    tenant = await Tenant.create(slug="acme", name="Acme")
    await Subscription.create(tenant=tenant, plan=plan, state="active")
    return tenant


async def standing(tenant: Tenant) -> list[Standing]:
    return [each.standing for each in await read_set(tenant.id, STATES)]


async def turn_on(tenant: Tenant, *names: str) -> None:
    for name in names:
        await enable(tenant.id, f"acme.{name}", STATES, now=NOW, actor=ADA)


async def turn_off(tenant: Tenant, *names: str) -> None:
    for name in names:
        await disable(tenant.id, f"acme.{name}", STATES, actor=ADA)


async def counted(tenant: Tenant) -> int:
    total = await QuotaTotal.get_or_none(tenant=tenant, metric="plugins")
    return total.used if total else 0


async def test_a_tenant_enables_and_disables_for_itself_alone(tenant: Tenant) -> None:
    other = await Tenant.create(slug="other", name="Other")
    assert await standing(tenant) == [DEFAULT, OFFERED, OFFERED, OFFERED]
    await turn_on(tenant, "glow")
    await turn_off(tenant, "base")
    assert await standing(tenant) == [REFUSED, CHOSEN, OFFERED, OFFERED]
    assert await standing(other) == [DEFAULT, OFFERED, OFFERED, OFFERED]


async def test_twice_is_once(tenant: Tenant) -> None:
    await turn_on(tenant, "glow", "glow")
    assert (await standing(tenant), await counted(tenant)) == ([DEFAULT, CHOSEN, OFFERED, OFFERED], 1)
    await turn_off(tenant, "glow", "glow")
    assert (await standing(tenant), await counted(tenant)) == ([DEFAULT, REFUSED, OFFERED, OFFERED], 0)


async def test_the_houses_defaults_are_free_and_all_others_count(tenant: Tenant) -> None:
    await turn_off(tenant, "base")
    await turn_on(tenant, "base", "glow", "stock")
    assert await counted(tenant) == 2
    with pytest.raises(QuotaExceeded, match="plugins: 1 more would exceed the limit of 2, of which 2 are used"):
        await turn_on(tenant, "voice")
    assert await standing(tenant) == [DEFAULT, CHOSEN, CHOSEN, OFFERED]
    assert await PluginChoice.filter(plugin="acme.voice").count() == 0
    await turn_off(tenant, "glow")
    await turn_on(tenant, "voice")
    assert await standing(tenant) == [DEFAULT, REFUSED, CHOSEN, CHOSEN]


async def test_of_many_at_once_the_limit_lets_through_what_it_allows(tenant: Tenant) -> None:
    names = ("glow", "stock", "voice")
    outcomes = await asyncio.gather(*(turn_on(tenant, name) for name in names), return_exceptions=True)
    assert sum(isinstance(each, QuotaExceeded) for each in outcomes) == 1
    assert (await standing(tenant)).count(CHOSEN) == await counted(tenant) == 2


async def test_on_and_off_at_once_end_in_agreement(tenant: Tenant) -> None:
    await asyncio.gather(*(turn(tenant, "glow") for _ in range(5) for turn in (turn_on, turn_off)))
    assert ((await standing(tenant))[1], await counted(tenant)) in [(CHOSEN, 1), (REFUSED, 0)]


async def test_what_the_administrator_switches_off_goes_at_once_and_comes_back_as_it_was(tenant: Tenant) -> None:
    await turn_on(tenant, "glow")
    await PluginInstall.filter(plugin__in=["acme.base", "acme.glow"]).update(offered=False)
    assert await standing(tenant) == [WITHDRAWN, WITHDRAWN, OFFERED, OFFERED]
    with pytest.raises(PluginWithdrawn, match=r"acme\.glow can't be enabled: The administrator switched it off"):
        await turn_on(tenant, "glow")
    await PluginInstall.all().update(offered=True)
    assert await standing(tenant) == [DEFAULT, CHOSEN, OFFERED, OFFERED]


async def test_what_becomes_a_default_counts_no_more_once_it_is_chosen_anew(tenant: Tenant) -> None:
    await turn_on(tenant, "glow")
    await PluginInstall.filter(plugin="acme.glow").update(default_enabled=True)
    await turn_on(tenant, "glow")
    assert (await standing(tenant), await counted(tenant)) == ([DEFAULT, DEFAULT, OFFERED, OFFERED], 0)


async def test_a_plugin_without_an_administrators_word_is_given_to_all(tenant: Tenant) -> None:
    await PluginInstall.filter(plugin="acme.glow").delete()
    assert await standing(tenant) == [DEFAULT, DEFAULT, OFFERED, OFFERED]


async def test_a_lapsed_workspace_enables_nothing_and_may_still_disable(tenant: Tenant) -> None:
    await turn_on(tenant, "glow")
    await Subscription.filter(tenant=tenant).update(state="unpaid")
    with pytest.raises(AccessLapsed):
        await turn_on(tenant, "stock")
    await turn_off(tenant, "glow")
    assert (await standing(tenant), await counted(tenant)) == ([DEFAULT, REFUSED, OFFERED, OFFERED], 0)


async def test_a_plugin_or_tenant_that_is_not_there_changes_nothing(tenant: Tenant) -> None:
    for turn in (turn_on, turn_off):
        with pytest.raises(NotFound, match=r'there is no plugin "acme\.glo", did you mean "acme\.glow"'):
            await turn(tenant, "glo")
        with pytest.raises(NotFound, match="there is no tenant"):
            await turn(Tenant(id=uuid4(), slug="x", name="X"), "glow")
    assert await PluginChoice.all().count() == await AuditEntry.all().count() == 0


async def test_the_audit_tells_who_did_what_and_nothing_of_what_was_refused(tenant: Tenant) -> None:
    await turn_on(tenant, "glow", "stock")
    with pytest.raises(QuotaExceeded):
        await turn_on(tenant, "voice")
    await turn_off(tenant, "glow")
    entries = await AuditEntry.filter(tenant=tenant.id).order_by("sequence")
    assert [(each.actor, each.action, each.target) for each in entries] == [
        (ADA, "plugin.enable", "plugin:acme.glow"),
        (ADA, "plugin.enable", "plugin:acme.stock"),
        (ADA, "plugin.disable", "plugin:acme.glow"),
    ]
