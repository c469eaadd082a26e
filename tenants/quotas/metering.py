"""Metering: a tenant's own accounts, event by event in its vault, summed by provider, by day and by project.

Called within the tenant's scope. Limits are not counted here but by the ledger, in the control plane: so nobody has to
open vaults to know how much the house uses.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from pypika_tortoise.terms import Function as SqlFunction
from tortoise.expressions import Expression, F, Function
from tortoise.functions import Coalesce, Count, Sum

from tenants.quotas.reservations import check_amount, check_reference
from tenants.vault.models.usage import UsageEvent

_EVENTS = UUID("6f0d3c52-7f0e-4b53-9d0a-2c8a7c1d6b11")
"""Where events' ids come from: the same event has the same id, whoever meters it again."""


class _Date(SqlFunction):
    """SQLite's ``date``."""

    def __init__(self, at: Any) -> None:
        super().__init__("date", at)


class _Day(Function):
    """The day of an instant, in UTC: vaults are SQLite and keep instants as such texts."""

    database_func = _Date


class By(StrEnum):
    """What usage is summed by."""

    PROVIDER = "provider"
    DAY = "day"
    PROJECT = "project"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was used of a metric by one provider, on one day or for one project (``of``, empty for none).

    ``amount`` in the metric's unit, ``money`` in minor units of ``currency``; one tally for each currency.
    """

    of: str
    metric: str
    amount: int
    events: int
    money: int = 0
    currency: str = ""


async def meter(
    metric: str,
    amount: int,
    *,
    reference: str,
    at: datetime,
    provider: str = "",
    project: UUID | None = None,
    video: UUID | None = None,
    api_key: UUID | None = None,
    money: int | None = None,
    currency: str = "",
) -> None:
    """Keep what was used; the same ``reference`` of a metric is kept once. ``money`` in minor units.

    Raise ``InvalidInput`` for an amount or reference that is none, ``NoScope`` outside a tenant's scope.
    """
    check_amount(amount, least=0)
    check_reference(reference)
    event = UsageEvent(
        id=uuid5(_EVENTS, f"{metric} {reference}"),
        at=at,
        metric=metric,
        amount=amount,
        provider=provider,
        project=project,
        video=video,
        api_key=api_key,
        money=money,
        currency=currency,
    )
    await UsageEvent.bulk_create([event], ignore_conflicts=True)


async def tallies(by: By, *, start: datetime, end: datetime, metric: str | None = None) -> tuple[Tally, ...]:
    """Return what was used from ``start`` to before ``end``, of one metric or of all, in the order of ``of``."""
    chosen = UsageEvent.filter(at__gte=start, at__lt=end)
    if metric is not None:
        chosen = chosen.filter(metric=metric)
    rows = (
        await chosen.annotate(of=_key(by), total=Sum("amount"), events=Count("id"), paid=Coalesce(Sum("money"), 0))
        .group_by("of", "metric", "currency")
        .order_by("of", "metric", "currency")
        .values_list("of", "metric", "total", "events", "paid", "currency")
    )
    return tuple(
        Tally(of="" if of is None else str(of), metric=name, amount=total, events=count, money=paid, currency=currency)
        for of, name, total, count, paid, currency in rows
    )


def _key(by: By) -> Expression:
    return _Day("at") if by is By.DAY else F(by.value)
