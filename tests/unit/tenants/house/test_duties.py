"""Duties: what a house does from time to time is done, at its pace, whatever becomes of one of them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tenants.control.audit import head
from tenants.control.audit_check import verify
from tenants.control.failures import ControlUnavailable
from tenants.control.models.house import House as HouseRow
from tenants.control.models.quota import QuotaEntry
from tenants.control.models.rate import RateCounter
from tenants.control.rate import allow
from tenants.control.witness import Witness
from tenants.house.duties import Duty, duties, perform
from tenants.house.house import House, open_house
from tenants.house.settings import HouseSettings
from tenants.quotas.ledger import reserve
from tenants.quotas.metrics import Metric
from tenants.vault.failures import VaultBusy
from tenants.vault.scope import scope

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(HouseSettings(home=tmp_path, environment={})) as opened:
        await opened.unseal()
        yield opened


class Enough(Exception):
    """Ends a performance."""


async def once(house: House, now: datetime = LATER) -> None:
    for duty in duties(house):
        await duty.do(now)


async def test_what_is_at_rest_goes_and_what_expired_is_given_back(house: House) -> None:
    tenant = await house.create_tenant("acme", "Acme", owner="ada@example.org", actor="test")
    await allow("login", limit=5, period=timedelta(minutes=1), now=NOW)
    await allow("fresh", limit=5, period=timedelta(minutes=1), now=LATER)
    for reference, expires in (("old", NOW + timedelta(hours=1)), ("new", LATER + timedelta(hours=1))):
        await reserve(tenant.id, Metric.RENDER_SECONDS, 10, reference=reference, now=NOW, expires=expires)
    await once(house)
    assert await RateCounter.all().values_list("key", flat=True) == ["fresh"]
    states = {row.reference: str(row.state) for row in await QuotaEntry.all()}
    assert states == {"old": "released", "new": "reserved"}
    assert not house.is_sealed


async def test_the_audits_head_is_noted_whenever_it_has_moved(house: House, tmp_path: Path) -> None:
    witness = Witness(tmp_path / "audit.witness")
    note_audit = duties(house)[-1].do
    await note_audit(NOW)
    assert witness.heads() == []
    await house.create_tenant("acme", "Acme", owner="ada@example.org", actor="test")
    await note_audit(NOW)
    await note_audit(LATER)
    assert witness.heads() == [await head()]
    assert (await verify(witness.heads())).is_intact


async def test_a_vault_in_use_is_closed_by_a_later_heeding_and_the_others_at_once(house: House) -> None:
    tenants = [await house.create_tenant(slug, slug, owner="ada@example.org", actor="test") for slug in ("one", "two")]
    async with scope(tenants[1].id):
        pass
    house.vaults._wait_s = 0.0
    heed_seal = duties(house)[0].do
    async with scope(tenants[0].id):
        await HouseRow.filter(id=1).update(sealed=NOW)
        with pytest.raises(VaultBusy):
            await heed_seal(NOW)
        assert house.is_sealed
        await asyncio.gather(*house.vaults._tasks)  # what was begun goes on
        assert house.vaults.open_count == 1
    house.vaults._wait_s = 30.0
    await heed_seal(NOW)
    assert house.vaults.open_count == 0


async def test_each_duty_is_done_at_its_own_pace_and_again_after_it_failed(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []
    paused: list[float] = []

    async def often(now: datetime) -> None:
        assert now == NOW
        done.append("often")
        if len(done) == 1:
            raise ControlUnavailable("the database is away")

    async def pause(seconds: float) -> None:
        paused.append(seconds)
        if len(paused) == 3:
            raise Enough

    duty = Duty(name="look", every=timedelta(seconds=5), do=often)
    with pytest.raises(ExceptionGroup) as ended:
        await perform([duty], clock=lambda: NOW, pause=pause)
    assert ended.group_contains(Enough)
    assert (done, paused) == (["often"] * 3, [5.0] * 3)
    assert [record.message for record in caplog.records] == ["look: the database is away"]


async def test_a_fault_in_the_code_ends_the_performance_and_is_told(house: House) -> None:
    async def broken(_now: datetime) -> None:
        raise ZeroDivisionError

    async def waiting(_seconds: float) -> None:
        await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as ended:
        await perform([*duties(house), Duty(name="break", every=timedelta(1), do=broken)], pause=waiting)
    assert ended.group_contains(ZeroDivisionError)
