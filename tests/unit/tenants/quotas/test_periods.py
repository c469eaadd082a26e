"""Periods and metrics: which month counts, when it begins anew, and how amounts are told."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tenants.quotas.failures import QuotaExceeded
from tenants.quotas.metrics import Metric
from tenants.quotas.periods import month_of, period_of, resets_at

COUNTERS = (Metric.RENDER_SECONDS, Metric.API_CALLS)
GAUGES = (Metric.STORAGE_BYTES, Metric.CONCURRENT_RENDERS, Metric.MEMBERS, Metric.PLUGINS)


@pytest.mark.parametrize("metric", COUNTERS)
def test_counters_are_counted_by_calendar_month_in_utc(metric: Metric) -> None:
    tokyo = timezone(timedelta(hours=9))
    assert period_of(metric, datetime(2026, 12, 1, 8, 59, tzinfo=tokyo)) == "2026-11"
    assert period_of(metric, datetime(2026, 12, 1, 9, tzinfo=tokyo)) == "2026-12"
    assert resets_at(metric, datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
    assert resets_at(metric, datetime(2027, 1, 1, tzinfo=UTC)) == datetime(2027, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize("metric", GAUGES)
def test_gauges_never_begin_anew(metric: Metric) -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert period_of(metric, at) == "standing"
    assert resets_at(metric, at) is None


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        month_of(datetime(2026, 11, 23))


@pytest.mark.parametrize(
    ("metric", "amount", "told"),
    [
        (Metric.RENDER_SECONDS, 90, "1.5 min"),
        (Metric.RENDER_SECONDS, 3600, "60 min"),
        (Metric.STORAGE_BYTES, 1023, "1023 B"),
        (Metric.STORAGE_BYTES, 1536, "1.5 KiB"),
        (Metric.STORAGE_BYTES, 50 * 2**30, "50 GiB"),
        (Metric.STORAGE_BYTES, 3 * 2**60, "3072 PiB"),
        (Metric.MEMBERS, 5, "5"),
    ],
)
def test_amounts_are_told_with_their_unit(metric: Metric, amount: int, told: str) -> None:
    assert metric.told(amount) == told


def test_a_refusal_tells_metric_limit_used_asked_and_when_it_begins_anew() -> None:
    refusal = QuotaExceeded(
        metric=Metric.RENDER_SECONDS, limit=3600, used=3300, asked=720, resets=datetime(2026, 12, 1, tzinfo=UTC)
    )
    assert str(refusal) == (
        "render time: 12 min more would exceed the limit of 60 min, of which 55 min are used; "
        "it begins anew on 2026-12-01"
    )
    assert refusal.hint == "Wait until it begins anew, or take a larger plan."
    held = QuotaExceeded(metric=Metric.MEMBERS, limit=5, used=5, asked=1, resets=None)
    assert str(held) == "members: 1 more would exceed the limit of 5, of which 5 are used"
    assert held.hint == "Free some, or take a larger plan."
