"""The ledger of quotas: what is used is reserved first, then settled or released, each exactly once.

An entry names what an amount is for, so that a crash leaks nothing: what was reserved and never settled expires, and
is given back by the next who needs it, or by ``sweep``. ``entries`` holds the statements that decide races.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tortoise.transactions import in_transaction

from tenants.control.database import ALIAS
from tenants.control.models.quota import QuotaEntry, QuotaState, QuotaTotal
from tenants.quotas.entitlements import Entitlement, entitlement_of
from tenants.quotas.entries import add, enter, expire, reservation_of, take, turn
from tenants.quotas.failures import ReferenceTaken, ReservationGone
from tenants.quotas.metrics import Metric
from tenants.quotas.periods import month_of, period_of
from tenants.quotas.reservations import Reservation, Settlement, check_amount, check_reference

LATE = timedelta(days=30)
"""How long after its expiry work that is late can still be settled, and how long a reference is remembered at least."""
SWEPT_AT_ONCE = 1000


async def reserve(
    tenant: UUID, metric: Metric, amount: int, *, reference: str, now: datetime, expires: datetime
) -> Reservation:
    """Set an amount aside for what ``reference`` names, until ``expires`` (see ``prolong``).

    The same reference again gives the same reservation; once released or expired, it can be used anew. Raise
    ``QuotaExceeded``, ``AccessLapsed``, ``NotFound`` for an unknown tenant, ``ReferenceTaken`` where the reference
    stands for another amount; nothing is reserved then.
    """
    wanted = _wanted(tenant, metric, amount, reference, now, expires)
    entitlement = await _entitled(tenant, now)
    async with in_transaction(ALIAS):
        return await _hold(wanted, entitlement, now)


async def charge(tenant: UUID, metric: Metric, amount: int, *, reference: str, now: datetime) -> Settlement:
    """Reserve and settle at once what is used, or held, in the same moment. Errors as ``reserve``."""
    wanted = _wanted(tenant, metric, amount, reference, now, None)
    entitlement = await _entitled(tenant, now)
    async with in_transaction(ALIAS):
        held = await _hold(wanted, entitlement, now)
        return await _settle(held, amount, entitlement)


async def settle(reservation: Reservation, actual: int, *, now: datetime) -> Settlement:
    """Count what was used in place of what was reserved. A second time it changes nothing and tells the same.

    What was used counts, also where it is more than was reserved or than is left, and where the reservation expired
    meanwhile. Raise ``ReservationGone`` where its reference stands for another by now.
    """
    check_amount(actual, least=0)
    entitlement = await entitlement_of(reservation.tenant, now=now)
    async with in_transaction(ALIAS):
        return await _settle(reservation, actual, entitlement)


async def release(reservation: Reservation) -> None:
    """Give back what is reserved, and of gauges what is settled: it is held no longer. A second time changes nothing.

    What was counted in a month stays counted.
    """
    async with in_transaction(ALIAS):
        if await turn(reservation, QuotaState.RESERVED, QuotaState.RELEASED):
            await add(reservation, used=0, reserved=-reservation.amount)
        elif reservation.metric.is_gauge:
            entry = await QuotaEntry.get_or_none(id=reservation.id, state=QuotaState.SETTLED)
            if entry is not None and await QuotaEntry.filter(id=entry.id, state=QuotaState.SETTLED).delete():
                await add(reservation, used=-entry.amount, reserved=0)


async def prolong(reservation: Reservation, *, expires: datetime) -> Reservation:
    """Let a reservation last longer, while the work goes on. Raise ``ReservationGone`` where it is held no more."""
    if not await QuotaEntry.filter(id=reservation.id, state=QuotaState.RESERVED).update(expires=expires):
        raise ReservationGone(f'"{reservation.reference}" is not reserved any more')
    return replace(reservation, expires=expires)


async def held(tenant: UUID, metric: Metric, reference: str) -> Reservation | None:
    """Return what a reference stands for, reserved or settled, to release it; None where it is nothing."""
    entry = await QuotaEntry.get_or_none(
        tenant_id=tenant, metric=metric, reference=reference, state__in=(QuotaState.RESERVED, QuotaState.SETTLED)
    )
    return None if entry is None else reservation_of(entry)


async def sweep(now: datetime) -> int:
    """Give back what expired, of all tenants; return how many reservations. Run it every few minutes.

    Entries that nothing asks for any more are deleted: totals stay.
    """
    expired = await QuotaEntry.filter(state=QuotaState.RESERVED, expires__lte=now).order_by("id").limit(SWEPT_AT_ONCE)
    count = 0
    for entry in expired:
        async with in_transaction(ALIAS):
            count += await expire(entry)
    await QuotaEntry.filter(state=QuotaState.RELEASED, expires__lte=now - LATE).delete()
    counters = [metric for metric in Metric if not metric.is_gauge]
    await QuotaEntry.filter(state=QuotaState.SETTLED, metric__in=counters, period__lt=month_of(now - LATE)).delete()
    return count


def _wanted(
    tenant: UUID, metric: Metric, amount: int, reference: str, now: datetime, expires: datetime | None
) -> Reservation:
    check_amount(amount, least=1)
    check_reference(reference)
    return Reservation(
        id=uuid4(),
        tenant=tenant,
        metric=metric,
        amount=amount,
        reference=reference,
        period=period_of(metric, now),
        expires=expires,
    )


async def _entitled(tenant: UUID, now: datetime) -> Entitlement:
    entitlement = await entitlement_of(tenant, now=now)
    entitlement.require_full()
    return entitlement


async def _hold(wanted: Reservation, entitlement: Entitlement, now: datetime) -> Reservation:
    entry = await enter(wanted, now)
    if entry.id == wanted.id:
        await take(wanted, entitlement.limits.of(wanted.metric), now)
        return wanted
    if entry.state == QuotaState.RESERVED and entry.amount != wanted.amount:
        amount = wanted.metric.told(entry.amount)
        raise ReferenceTaken(f'"{wanted.reference}" stands for {amount} of {wanted.metric.noun} already')
    return reservation_of(entry)


async def _settle(reservation: Reservation, actual: int, entitlement: Entitlement) -> Settlement:
    if await turn(reservation, QuotaState.RESERVED, QuotaState.SETTLED, amount=actual):
        await add(reservation, used=actual, reserved=-reservation.amount)
    elif await turn(reservation, QuotaState.RELEASED, QuotaState.SETTLED, amount=actual):
        await add(reservation, used=actual, reserved=0)
    entry = await QuotaEntry.get_or_none(id=reservation.id)
    if entry is None:
        raise ReservationGone(f'"{reservation.reference}" was given back, and may stand for another by now')
    total = await QuotaTotal.get(tenant_id=reservation.tenant, metric=reservation.metric, period=entry.period)
    return Settlement(
        reservation=reservation,
        actual=entry.amount,
        used=total.used,
        limit=entitlement.limits.of(reservation.metric),
    )
