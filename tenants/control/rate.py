"""Rates: how often something may happen, counted exactly across tasks, processes and hosts.

The generic cell rate algorithm (ITU-T I.371, annex A; as a limiter: https://brandur.org/rate-limiting): a key keeps
one number, the time at which it would be back to rest. What is allowed moves it forward by one interval; it may run
ahead of the clock by a burst, and no further. One statement decides, so no two callers get the same place.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tortoise.connection import get_connection

from core.api import InvalidInput
from tenants.control.database import ALIAS
from tenants.control.models.rate import RateCounter

LONGEST_KEY = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATEMENT = """
INSERT INTO "rate_counters" ("key", "theoretical_arrival") VALUES ({p}1, {p}2)
ON CONFLICT ("key") DO UPDATE SET "theoretical_arrival" = {p}4 +
    CASE WHEN "rate_counters"."theoretical_arrival" > {p}3 THEN "rate_counters"."theoretical_arrival" ELSE {p}3 END
WHERE "rate_counters"."theoretical_arrival" <= {p}5
RETURNING "theoretical_arrival"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What came of asking: how many more would be allowed at once, and after how long one will be again."""

    allowed: bool
    remaining: int
    retry_after: timedelta


async def allow(key: str, *, limit: int, period: timedelta, now: datetime, burst: int | None = None) -> Allowance:
    """Count one for ``key`` where ``limit`` may happen in ``period``, of which ``burst`` at once (all, by default).

    ``key`` says what is limited and for whom (``login:203.0.113.7``), in at most 200 characters. What is refused does
    not count. Hosts that count the same key need clocks that agree. Raise ``InvalidInput`` for what is no limit.
    """
    burst = limit if burst is None else burst
    if not 0 < len(key) <= LONGEST_KEY:
        raise InvalidInput(f"must have 1 to {LONGEST_KEY} characters, not {len(key)}", path="key")
    if limit < 1 or burst < 1 or period <= timedelta(0):
        raise InvalidInput("limit, burst and period must be more than nothing", path="limit")
    interval = -(-_nanoseconds(period) // limit)
    at = _nanoseconds(now - _EPOCH)
    ahead = (burst - 1) * interval
    connection = get_connection(ALIAS)
    mark = "?" if connection.capabilities.dialect == "sqlite" else "$"
    counted = await connection.execute_query_dict(
        _STATEMENT.format(p=mark), [key, at + interval, at, interval, at + ahead]
    )
    if counted:
        left = at + ahead + interval - counted[0]["theoretical_arrival"]
        rest = max(0, interval - left)
        return Allowance(allowed=True, remaining=left // interval, retry_after=_duration(rest))
    counter = await RateCounter.get_or_none(key=key)
    wait = counter.theoretical_arrival - at - ahead if counter else 0
    return Allowance(allowed=False, remaining=0, retry_after=_duration(max(wait, 1)))


async def sweep(now: datetime) -> int:
    """Delete the counters that are at rest, which is as good as none; return how many. Run it every few minutes."""
    return await RateCounter.filter(theoretical_arrival__lte=_nanoseconds(now - _EPOCH)).delete()


def _nanoseconds(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1) * 1000


def _duration(nanoseconds: int) -> timedelta:
    return timedelta(microseconds=-(-nanoseconds // 1000))
