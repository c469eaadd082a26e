"""The rows of the ledger: the single statements that enter, take, turn and give back. Called within a transaction.

One statement decides every race: ``take`` adds to the row of (tenant, metric, period) in ``QuotaTotal``, and only where
the limit still holds. In every transaction totals come after entries, so that two never wait for each other.
"""

from datetime import datetime

from tortoise.expressions import F

from tenants.control.models.quota import QuotaEntry, QuotaState, QuotaTotal
from tenants.quotas.failures import QuotaExceeded
from tenants.quotas.metrics import Metric
from tenants.quotas.periods import resets_at
from tenants.quotas.reservations import Reservation


async def enter(wanted: Reservation, now: datetime) -> QuotaEntry:
    """Enter a reservation, or return what its reference stands for already."""
    of_reference = QuotaEntry.filter(tenant_id=wanted.tenant, metric=wanted.metric, reference=wanted.reference)
    while True:  # until it is entered, or what is there lasts
        await of_reference.filter(state=QuotaState.RELEASED).delete()
        fresh = QuotaEntry(
            id=wanted.id,
            tenant_id=wanted.tenant,
            metric=wanted.metric,
            amount=wanted.amount,
            state=QuotaState.RESERVED,
            reference=wanted.reference,
            period=wanted.period,
            expires=wanted.expires,
            created=now,
        )
        await QuotaEntry.bulk_create([fresh], ignore_conflicts=True)
        entry = await of_reference.get_or_none()
        if entry is None:
            continue  # given back by another in this very moment
        if entry.id == wanted.id or not _is_expired(entry, now):
            return entry
        await expire(entry)


async def take(wanted: Reservation, limit: int | None, now: datetime) -> None:
    """Add to the total, where the limit allows it; what expired is given back only when it is needed."""
    total = QuotaTotal.filter(tenant_id=wanted.tenant, metric=wanted.metric, period=wanted.period)
    fresh = QuotaTotal(tenant_id=wanted.tenant, metric=wanted.metric, period=wanted.period, used=0, reserved=0)
    await QuotaTotal.bulk_create([fresh], ignore_conflicts=True)
    fitting = total if limit is None else total.filter(reserved__lte=limit - wanted.amount - F("used"))
    if await fitting.update(reserved=F("reserved") + wanted.amount):
        return
    expired = QuotaEntry.filter(
        tenant_id=wanted.tenant, metric=wanted.metric, state=QuotaState.RESERVED, expires__lte=now
    )
    for entry in await expired.exclude(id=wanted.id).order_by("id"):
        await expire(entry)
    if await fitting.update(reserved=F("reserved") + wanted.amount):
        return
    row = await total.get()
    raise QuotaExceeded(
        metric=wanted.metric,
        limit=limit or 0,
        used=row.used + row.reserved,
        asked=wanted.amount,
        resets=resets_at(wanted.metric, now),
    )


async def expire(entry: QuotaEntry) -> bool:
    """Give back what an entry holds, if nobody was faster."""
    reservation = reservation_of(entry)
    if not await turn(reservation, QuotaState.RESERVED, QuotaState.RELEASED):
        return False
    await add(reservation, used=0, reserved=-entry.amount)
    return True


async def turn(reservation: Reservation, before: QuotaState, after: QuotaState, **changed: int) -> bool:
    """Turn an entry from one state to another; tell whether it was this call that did."""
    return bool(await QuotaEntry.filter(id=reservation.id, state=before).update(state=after, **changed))


async def add(reservation: Reservation, *, used: int, reserved: int) -> None:
    """Add to the total of a reservation's period what it changed there."""
    total = QuotaTotal.filter(tenant_id=reservation.tenant, metric=reservation.metric, period=reservation.period)
    await total.update(used=F("used") + used, reserved=F("reserved") + reserved)


def _is_expired(entry: QuotaEntry, now: datetime) -> bool:
    return entry.state == QuotaState.RESERVED and entry.expires is not None and entry.expires <= now


def reservation_of(entry: QuotaEntry) -> Reservation:
    """Return what an entry stands for."""
    return Reservation(
        id=entry.id,
        tenant=entry.tenant_id,
        metric=Metric(entry.metric),
        amount=entry.amount,
        reference=entry.reference,
        period=entry.period,
        expires=entry.expires,
    )
