"""What workspaces have, in vault and control plane, stays apart under many tasks, on each kind of database."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tenants.control.database import Control
from tenants.control.models.plan import Plan
from tenants.control.models.quota import QuotaEntry
from tenants.control.models.subscription import Subscription
from tenants.control.models.tenant import Tenant
from tenants.control.wrapped_keys import WrappedKeyRows
from tenants.house.unsealing import key_of
from tenants.keys import Keyring, LocalMasterKey
from tenants.plugin_sets.sets import PluginSets
from tenants.quotas.ledger import charge
from tenants.quotas.metering import meter
from tenants.quotas.metrics import Metric
from tenants.quotas.usage import usage_of
from tenants.vault.api_keys.keeping import add_key
from tenants.vault.api_keys.using import use
from tenants.vault.failures import NoScope
from tenants.vault.models.usage import UsageEvent
from tenants.vault.scope import open_vaults, scope
from tests.support.amount import amount
from tests.support.counts import counted
from tests.unit.host.conftest import MakeHost, found, make_host, site
from tests.unit.tenants.control.conftest import (
    control,
    control_url,
    engine,
    postgres_folder,
    postgres_template,
    sqlite_template,
)
from tests.unit.tenants.plugin_sets.stock import write_stock

__all__ = [
    "control",
    "control_url",
    "engine",
    "found",
    "make_host",
    "postgres_folder",
    "postgres_template",
    "site",
    "sqlite_template",
]

TENANTS, TASKS, ROUNDS = 20, 100, 20
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ADA, STOCK = "user:ada", "acme.stock"


@pytest.fixture
async def workspaces(control: Control, tmp_path: Path) -> AsyncIterator[list[UUID]]:
    """Tenants with a plan and a vault, in a house with fewer places than tenants."""
    instance = uuid4()
    keyring = Keyring(WrappedKeyRows(key_of), instance=instance)
    keyring.unseal(LocalMasterKey(bytes(range(32))))
    plan = await Plan.create(slug="wide", name="Wide", limits={"api_calls": 100_000})
    async with open_vaults(
        tmp_path / "vaults", keyring=keyring, control=control, instance=instance, capacity=8
    ) as vaults:
        made = []
        for number in range(TENANTS):
            tenant = await Tenant.create(slug=f"tenant-{number}", name="A tenant")
            await Subscription.create(tenant=tenant, plan=plan, state="active")
            await keyring.create(tenant.id)
            await vaults.create(tenant.id)
            made.append(tenant.id)
        yield made


@pytest.fixture
def sets(site: Path, make_host: MakeHost) -> PluginSets:
    write_stock(site)
    return PluginSets(make_host())


async def test_configurations_quotas_keys_and_events_of_twenty_tenants_stay_apart_in_a_hundred_tasks(
    workspaces: list[UUID], sets: PluginSets, engine: str
) -> None:
    for tenant in workspaces:
        await sets.configure(tenant, STOCK, {"style": str(tenant)}, {"key": f"plugin-of-{tenant}"}, actor=ADA)
        async with scope(tenant):
            await add_key("pexels", "main", f"secret-of-{tenant}", now=NOW)
    done = await asyncio.gather(*(_work(workspaces, sets, seed) for seed in range(TASKS)))
    rounds = [pair for pairs in done for pair in pairs]
    for tenant in workspaces:
        own = {reference for of, reference in rounds if of == tenant}
        async with scope(tenant):
            assert await UsageEvent.all().count() == len(own)
            assert {event.provider for event in await UsageEvent.all()} <= {str(tenant)}
        assert {entry.reference for entry in await QuotaEntry.filter(tenant_id=tenant)} == own
        [calls] = [usage for usage in await usage_of(tenant, now=NOW) if usage.metric is Metric.API_CALLS]
        assert calls.used == len(own)
    counted(f"{engine}: {TASKS} tasks over {TENANTS} tenants, {len(rounds)} rounds: none saw another's")


async def _work(tenants: list[UUID], sets: PluginSets, seed: int) -> list[tuple[UUID, str]]:
    """Work for one tenant after the other; return for whom, and under which reference."""
    luck, done = random.Random(seed), []
    for number in range(amount(ROUNDS)):
        tenant, reference = luck.choice(tenants), f"{seed} {number}"
        context = await sets.context_for(tenant, STOCK, actor=ADA)
        assert (context.config.text("style"), context.config.text("key")) == (str(tenant), f"plugin-of-{tenant}")
        await charge(tenant, Metric.API_CALLS, 1, reference=reference, now=NOW)
        async with scope(tenant):
            await meter("api_calls", 1, reference=reference, at=NOW, provider=str(tenant))
            async with use("pexels", now=NOW) as taken:
                assert taken.secret.reveal().decode() == f"secret-of-{tenant}"
            assert {event.provider for event in await UsageEvent.all()} == {str(tenant)}
        done.append((tenant, reference))
    return done


async def test_without_a_scope_no_usage_is_read_or_kept(workspaces: list[UUID]) -> None:
    with pytest.raises(NoScope):
        await UsageEvent.all()
    with pytest.raises(NoScope):
        await meter("api_calls", 1, reference="1", at=NOW)
    for tenant in workspaces:
        async with scope(tenant):
            assert await UsageEvent.all().count() == 0
