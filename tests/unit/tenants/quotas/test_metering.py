"""Metering: events of one tenant, once each, summed by provider, by day and by project."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.api import InvalidInput
from tenants.control.models.tenant import Tenant
from tenants.quotas.metering import By, Tally, meter, tallies
from tenants.vault.failures import NoScope
from tenants.vault.models.usage import UsageEvent
from tenants.vault.pool import VaultPool
from tenants.vault.scope import scope
from tests.unit.tenants.quotas.conftest import NOW

NOVEMBER, DECEMBER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
INTRO, OUTRO = UUID(int=1), UUID(int=2)


@pytest.fixture
def engine() -> str:
    """A vault is the same whatever the control plane lies in: one kind is enough, where nobody races."""
    return "sqlite"


async def used(reference: str, metric: str = "api_calls", amount: int = 1, **options: Any) -> None:
    await meter(metric, amount, **{"reference": reference, "at": NOW, **options})


async def summed(by: By, **options: Any) -> tuple[Tally, ...]:
    return await tallies(by, **{"start": NOVEMBER, "end": DECEMBER, **options})


async def test_usage_is_summed_by_provider(vault: VaultPool, tenant: Tenant) -> None:
    async with scope(tenant.id):
        await used("1", provider="acme.stock", money=120, currency="EUR")
        await used("2", provider="acme.stock", amount=4, money=30, currency="EUR")
        await used("3", provider="acme.stock", money=5, currency="USD")
        await used("4", provider="acme.voice", metric="characters", amount=900)
        await used("5", amount=7)
        assert await summed(By.PROVIDER) == (
            Tally(of="", metric="api_calls", amount=7, events=1),
            Tally(of="acme.stock", metric="api_calls", amount=5, events=2, money=150, currency="EUR"),
            Tally(of="acme.stock", metric="api_calls", amount=1, events=1, money=5, currency="USD"),
            Tally(of="acme.voice", metric="characters", amount=900, events=1),
        )
        assert await summed(By.PROVIDER, metric="characters") == (
            Tally(of="acme.voice", metric="characters", amount=900, events=1),
        )


async def test_usage_is_summed_by_day_in_utc(vault: VaultPool, tenant: Tenant) -> None:
    async with scope(tenant.id):
        midnight = datetime(2026, 11, 24, tzinfo=UTC)
        await used("1", at=midnight - timedelta(microseconds=1))
        await used("2", at=midnight)
        await used("3", at=midnight + timedelta(hours=23, minutes=59))
        assert await summed(By.DAY) == (
            Tally(of="2026-11-23", metric="api_calls", amount=1, events=1),
            Tally(of="2026-11-24", metric="api_calls", amount=2, events=2),
        )


async def test_usage_is_summed_by_project(vault: VaultPool, tenant: Tenant) -> None:
    async with scope(tenant.id):
        await used("1", metric="render_seconds", amount=60, project=INTRO)
        await used("2", metric="render_seconds", amount=30, project=INTRO)
        await used("3", metric="render_seconds", amount=5, project=OUTRO)
        await used("4", metric="render_seconds", amount=1)
        assert await summed(By.PROJECT) == (
            Tally(of="", metric="render_seconds", amount=1, events=1),
            Tally(of=str(INTRO), metric="render_seconds", amount=90, events=2),
            Tally(of=str(OUTRO), metric="render_seconds", amount=5, events=1),
        )


async def test_a_span_holds_its_start_and_not_its_end(vault: VaultPool, tenant: Tenant) -> None:
    async with scope(tenant.id):
        for number, at in enumerate((NOVEMBER - timedelta(microseconds=1), NOVEMBER, DECEMBER)):
            await used(str(number), at=at, amount=10**number)
        assert await summed(By.PROVIDER) == (Tally(of="", metric="api_calls", amount=10, events=1),)


async def test_the_same_event_is_kept_once_however_often_it_is_told(vault: VaultPool, tenant: Tenant) -> None:
    async with scope(tenant.id):
        await used("1", amount=3)
        await asyncio.gather(*(used("1", amount=99) for _ in range(10)))
        await used("1", metric="characters")
        assert await summed(By.DAY) == (
            Tally(of="2026-11-23", metric="api_calls", amount=3, events=1),
            Tally(of="2026-11-23", metric="characters", amount=1, events=1),
        )


@pytest.mark.parametrize(("reference", "amount"), [("", 1), ("r" * 201, 1), ("r", -1), ("r", 2**53)])
async def test_what_can_not_be_kept_is_refused(vault: VaultPool, tenant: Tenant, reference: str, amount: int) -> None:
    async with scope(tenant.id):
        with pytest.raises(InvalidInput):
            await used(reference, amount=amount)
        assert await UsageEvent.all().count() == 0


async def test_without_a_scope_nothing_is_kept(vault: VaultPool, tenant: Tenant) -> None:
    with pytest.raises(NoScope):
        await used("1")
    with pytest.raises(NoScope):
        await summed(By.DAY)
    async with scope(tenant.id):
        assert await UsageEvent.all().count() == 0
