"""The ledger: reserved once, settled once, given back once, and never beyond the limit."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from tortoise.transactions import in_transaction

from core.api import InvalidInput, NotFound
from tenants.control.database import ALIAS
from tenants.control.models.plan import Plan
from tenants.control.models.quota import QuotaEntry, QuotaTotal
from tenants.control.models.subscription import Subscription
from tenants.control.models.tenant import Tenant
from tenants.quotas.failures import AccessLapsed, QuotaExceeded, ReferenceTaken, ReservationGone
from tenants.quotas.ledger import LATE, charge, held, prolong, release, reserve, settle, sweep
from tenants.quotas.metrics import Metric
from tenants.quotas.reservations import Reservation
from tests.unit.tenants.quotas.conftest import NOW

SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
NEXT_MONTH = NOW + timedelta(days=10)
RENDER, STORAGE, RENDERS = Metric.RENDER_SECONDS, Metric.STORAGE_BYTES, Metric.CONCURRENT_RENDERS


async def take(tenant: Tenant, amount: int = 60, reference: str = "r1", metric: Metric = RENDER) -> Reservation:
    return await reserve(tenant.id, metric, amount, reference=reference, now=NOW, expires=SOON)


async def totals(tenant: Tenant, metric: Metric = RENDER) -> tuple[int, int]:
    """What is used and reserved, over all periods."""
    rows = await QuotaTotal.filter(tenant=tenant, metric=metric)
    return sum(row.used for row in rows), sum(row.reserved for row in rows)


async def entries(tenant: Tenant) -> list[tuple[str, int, str]]:
    return [
        (row.reference, row.amount, row.state) for row in await QuotaEntry.filter(tenant=tenant).order_by("reference")
    ]


async def nothing_happened(tenant: Tenant) -> bool:
    return await totals(tenant) == (0, 0) and await entries(tenant) == []


async def test_what_is_reserved_is_set_aside_and_settled_for_what_was_used(tenant: Tenant) -> None:
    reservation = await take(tenant, 120)
    assert await totals(tenant) == (0, 120)
    assert (reservation.period, reservation.expires) == ("2026-11", SOON)
    settlement = await settle(reservation, 90, now=NOW)
    assert await totals(tenant) == (90, 0)
    assert (settlement.actual, settlement.used, settlement.limit) == (90, 90, 600)
    assert (settlement.excess, settlement.is_over_limit) == (0, False)
    assert await entries(tenant) == [("r1", 90, "settled")]


async def test_more_than_is_left_is_refused_whole_and_told(tenant: Tenant) -> None:
    await settle(await take(tenant, 400, "r1"), 400, now=NOW)
    await take(tenant, 100, "r2")
    with pytest.raises(QuotaExceeded) as caught:
        await take(tenant, 101, "r3")
    refusal = caught.value
    assert (refusal.metric, refusal.limit, refusal.used, refusal.asked) == (RENDER, 600, 500, 101)
    assert refusal.resets is not None
    assert refusal.resets.isoformat() == "2026-12-01T00:00:00+00:00"
    assert await totals(tenant) == (400, 100)
    assert await entries(tenant) == [("r1", 400, "settled"), ("r2", 100, "reserved")]
    await take(tenant, 100, "r3")
    assert await totals(tenant) == (400, 200)


async def test_the_same_reference_twice_reserves_once(tenant: Tenant) -> None:
    first = await take(tenant, 60)
    again = await take(tenant, 60)
    assert again == first
    assert await totals(tenant) == (0, 60)
    await settle(first, 60, now=NOW)
    assert (await take(tenant, 60)).id == first.id
    assert await totals(tenant) == (60, 0)


async def test_the_same_reference_at_once_reserves_once(tenant: Tenant) -> None:
    taken = await asyncio.gather(*(take(tenant, 60) for _ in range(20)))
    assert len({each.id for each in taken}) == 1
    assert await totals(tenant) == (0, 60)


async def test_a_reference_stands_for_one_amount(tenant: Tenant) -> None:
    await take(tenant, 60)
    with pytest.raises(ReferenceTaken, match='"r1" stands for 1 min of render time already'):
        await take(tenant, 61)
    assert await totals(tenant) == (0, 60)


async def test_references_of_other_tenants_and_metrics_are_others(tenant: Tenant) -> None:
    other = await Tenant.create(slug="other", name="Other")
    ids = {(await take(tenant)).id, (await take(other)).id, (await take(tenant, 1, metric=STORAGE)).id}
    assert len(ids) == 3
    assert await totals(tenant) == await totals(other) == (0, 60)


async def test_settling_twice_counts_once_and_tells_the_same(tenant: Tenant) -> None:
    reservation = await take(tenant)
    first = await settle(reservation, 50, now=NOW)
    assert await settle(reservation, 70, now=NOW) == first
    assert await totals(tenant) == (50, 0)


async def test_settling_at_once_counts_once(tenant: Tenant) -> None:
    reservation = await take(tenant)
    settlements = await asyncio.gather(*(settle(reservation, 50, now=NOW) for _ in range(20)))
    assert {each.used for each in settlements} == {50}
    assert await totals(tenant) == (50, 0)


async def test_more_than_was_reserved_counts_and_is_told(tenant: Tenant) -> None:
    settlement = await settle(await take(tenant, 600), 650, now=NOW)
    assert await totals(tenant) == (650, 0)
    assert (settlement.excess, settlement.is_over_limit) == (50, True)
    with pytest.raises(QuotaExceeded):
        await take(tenant, 1, "r2")


async def test_what_is_released_is_free_again_once(tenant: Tenant) -> None:
    reservation = await take(tenant, 600)
    await asyncio.gather(*(release(reservation) for _ in range(5)))
    assert await totals(tenant) == (0, 0)
    again = await take(tenant, 600)
    assert again.id != reservation.id
    assert await totals(tenant) == (0, 600)


async def test_a_month_that_is_counted_stays_counted(tenant: Tenant) -> None:
    reservation = await take(tenant)
    await settle(reservation, 60, now=NOW)
    await release(reservation)
    assert await totals(tenant) == (60, 0)
    assert await entries(tenant) == [("r1", 60, "settled")]


async def test_what_is_held_is_given_back_once(tenant: Tenant) -> None:
    settlement = await charge(tenant.id, STORAGE, 700, reference="video", now=NOW)
    assert settlement.used == 700
    kept = await held(tenant.id, STORAGE, "video")
    assert kept is not None
    with pytest.raises(QuotaExceeded) as caught:
        await charge(tenant.id, STORAGE, 400, reference="other", now=NOW)
    assert caught.value.resets is None
    await release(kept)
    await release(kept)
    assert await totals(tenant, STORAGE) == (0, 0)
    assert await held(tenant.id, STORAGE, "video") is None
    assert (await charge(tenant.id, STORAGE, 900, reference="video", now=NOW)).used == 900


async def test_a_charge_counts_once_for_a_reference(tenant: Tenant) -> None:
    for _ in range(3):
        assert (await charge(tenant.id, Metric.API_CALLS, 1, reference="call", now=NOW)).used == 1
    assert await totals(tenant, Metric.API_CALLS) == (1, 0)


async def test_what_a_crash_left_is_given_back_to_the_next_who_needs_it(tenant: Tenant) -> None:
    for reference in ("a", "b"):
        await take(tenant, 1, reference, RENDERS)
    with pytest.raises(QuotaExceeded):
        await take(tenant, 1, "c", RENDERS)
    taken = await reserve(tenant.id, RENDERS, 1, reference="c", now=SOON, expires=LATER)
    assert taken.reference == "c"
    assert await totals(tenant, RENDERS) == (0, 1)
    assert await entries(tenant) == [("a", 1, "released"), ("b", 1, "released"), ("c", 1, "reserved")]


async def test_a_sweep_gives_back_what_expired_and_nothing_else(tenant: Tenant) -> None:
    await take(tenant, 60, "gone")
    await reserve(tenant.id, RENDER, 60, reference="goes on", now=NOW, expires=LATER)
    await settle(await take(tenant, 60, "done"), 60, now=NOW)
    assert await sweep(SOON - timedelta(seconds=1)) == 0
    assert await sweep(SOON) == 1
    assert await sweep(SOON) == 0
    assert await totals(tenant) == (60, 60)


async def test_sweeps_at_once_give_back_once(tenant: Tenant) -> None:
    for number in range(5):
        await take(tenant, 60, f"r{number}")
    assert sum(await asyncio.gather(*(sweep(SOON) for _ in range(4)))) == 5
    assert await totals(tenant) == (0, 0)


async def test_an_expired_reference_can_be_reserved_anew(tenant: Tenant) -> None:
    first = await take(tenant, 600)
    second = await reserve(tenant.id, RENDER, 500, reference="r1", now=SOON, expires=LATER)
    assert second.id != first.id
    assert await totals(tenant) == (0, 500)
    with pytest.raises(ReservationGone):
        await settle(first, 600, now=SOON)
    with pytest.raises(ReservationGone):
        await prolong(first, expires=LATER)
    assert await totals(tenant) == (0, 500)


async def test_work_that_ends_after_its_reservation_expired_still_counts(tenant: Tenant) -> None:
    reservation = await take(tenant, 60)
    await sweep(SOON)
    assert (await settle(reservation, 55, now=LATER)).used == 55
    assert await totals(tenant) == (55, 0)
    assert (await settle(reservation, 55, now=LATER)).used == 55
    assert await totals(tenant) == (55, 0)


async def test_long_work_keeps_what_it_holds(tenant: Tenant) -> None:
    reservation = await prolong(await take(tenant, 60), expires=LATER)
    assert await sweep(SOON) == 0
    assert await totals(tenant) == (0, 60)
    assert await sweep(LATER) == 1
    with pytest.raises(ReservationGone):
        await prolong(reservation, expires=LATER + timedelta(hours=1))


async def test_a_new_month_begins_at_nothing_and_what_began_before_counts_for_its_own(tenant: Tenant) -> None:
    before = await take(tenant, 600)
    after = await reserve(tenant.id, RENDER, 600, reference="r2", now=NEXT_MONTH, expires=NEXT_MONTH)
    await settle(before, 600, now=NEXT_MONTH)
    await settle(after, 10, now=NEXT_MONTH)
    rows = await QuotaTotal.filter(tenant=tenant).order_by("period").values_list("period", "used", "reserved")
    assert [tuple(row) for row in rows] == [("2026-11", 600, 0), ("2026-12", 10, 0)]


async def test_old_entries_are_forgotten_and_totals_stay(tenant: Tenant) -> None:
    await settle(await take(tenant, 60, "done"), 60, now=NOW)
    await release(await take(tenant, 60, "released"))
    await charge(tenant.id, STORAGE, 10, reference="held", now=NOW)
    await sweep(SOON + LATE - timedelta(seconds=1))
    assert len(await entries(tenant)) == 3
    await sweep(SOON + LATE + timedelta(days=31))
    assert await entries(tenant) == [("held", 10, "settled")]
    assert await totals(tenant) == (60, 0)
    assert await totals(tenant, STORAGE) == (10, 0)


async def test_what_is_reserved_in_a_transaction_that_fails_never_was(tenant: Tenant) -> None:
    async def begin_and_fail() -> None:
        async with in_transaction(ALIAS):
            await take(tenant)
            raise KeyError

    with pytest.raises(KeyError):
        await begin_and_fail()
    assert await nothing_happened(tenant)


async def test_a_refusal_within_a_transaction_undoes_itself_alone(tenant: Tenant) -> None:
    async with in_transaction(ALIAS):
        await take(tenant, 500)
        with pytest.raises(QuotaExceeded):
            await take(tenant, 200, "r2")
    assert await totals(tenant) == (0, 500)
    assert await entries(tenant) == [("r1", 500, "reserved")]


async def test_a_tenant_without_limits_is_counted_all_the_same(tenant: Tenant, plan: Plan) -> None:
    await Plan.filter(id=plan.id).update(limits={})
    assert (await settle(await take(tenant, 10**12), 10**12, now=NOW)).limit is None
    assert await totals(tenant) == (10**12, 0)


async def test_a_limit_of_nothing_allows_nothing(tenant: Tenant, plan: Plan) -> None:
    await Plan.filter(id=plan.id).update(limits={"render_minutes": 0})
    with pytest.raises(QuotaExceeded):
        await take(tenant, 1)
    assert await nothing_happened(tenant)


async def test_a_lapsed_subscription_reserves_nothing_and_still_gives_back(tenant: Tenant) -> None:
    reservation = await take(tenant)
    await Subscription.filter(tenant=tenant).update(state="unpaid")
    with pytest.raises(AccessLapsed):
        await take(tenant, 60, "r2")
    with pytest.raises(AccessLapsed):
        await charge(tenant.id, RENDER, 60, reference="r3", now=NOW)
    assert await totals(tenant) == (0, 60)
    await settle(reservation, 60, now=NOW)
    assert await totals(tenant) == (60, 0)


async def test_a_tenant_that_is_not_there_reserves_nothing(tenant: Tenant) -> None:
    with pytest.raises(NotFound):
        await reserve(uuid4(), RENDER, 1, reference="r1", now=NOW, expires=SOON)
    assert await QuotaEntry.all().count() == await QuotaTotal.all().count() == 0


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, 2**53])
async def test_an_amount_that_is_none_is_refused(tenant: Tenant, amount: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        await take(tenant, amount)
    assert caught.value.path == "amount"
    assert await nothing_happened(tenant)


@pytest.mark.parametrize("reference", ["", "r" * 201])
async def test_a_reference_that_can_not_be_kept_is_refused(tenant: Tenant, reference: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await take(tenant, 1, reference)
    assert caught.value.path == "reference"
    assert await nothing_happened(tenant)


async def test_settling_less_than_nothing_is_refused(tenant: Tenant) -> None:
    reservation = await take(tenant)
    with pytest.raises(InvalidInput):
        await settle(reservation, -1, now=NOW)
    assert await totals(tenant) == (0, 60)


async def test_settling_what_never_was_is_refused(tenant: Tenant) -> None:
    forged = Reservation(id=UUID(int=7), tenant=tenant.id, metric=RENDER, amount=5, reference="x", period="2026-11")
    with pytest.raises(ReservationGone):
        await settle(forged, 5, now=NOW)
    assert await nothing_happened(tenant)


async def test_tasks_at_once_take_what_there_is_and_no_more(tenant: Tenant) -> None:
    attempts = (take(tenant, 60, f"r{number}") for number in range(40))
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(each, Reservation) for each in outcomes) == 10
    assert sum(isinstance(each, QuotaExceeded) for each in outcomes) == 30
    assert await totals(tenant) == (0, 600)
