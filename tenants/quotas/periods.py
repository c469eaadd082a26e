"""Periods: over which stretch of time a metric is counted.

What a plan limits "a month" is counted by calendar month, in UTC, for every tenant. A subscription's own period would
be fairer on the first day and worse on all others: it moves when a plan is changed (and could be moved to begin anew),
lasts a year for who pays yearly, is missing for who pays nothing, and lags when a payment provider's word is late.
"""

from datetime import UTC, datetime

from tenants.quotas.metrics import Metric

STANDING = "standing"
"""The one period of gauges: what is held does not begin anew."""


def period_of(metric: Metric, at: datetime) -> str:
    """Return the period that an instant belongs to, like ``2026-11``; ``standing`` for gauges."""
    return STANDING if metric.is_gauge else month_of(at)


def month_of(at: datetime) -> str:
    """Return the calendar month in UTC, like ``2026-11``."""
    if at.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return f"{at.astimezone(UTC):%Y-%m}"


def resets_at(metric: Metric, at: datetime) -> datetime | None:
    """Return when the count begins anew; None for gauges."""
    if metric.is_gauge:
        return None
    here = at.astimezone(UTC)
    return datetime(here.year + here.month // 12, here.month % 12 + 1, 1, tzinfo=UTC)
