from datetime import UTC, datetime, timedelta

import pytest

from core.api import InvalidInput
from tenants.control.database import Control
from tenants.control.models.rate import RateCounter
from tenants.control.rate import Allowance, allow, sweep
from tests.support.amount import amount
from tests.support.processes import Processes

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def ask(times: int, limit: int) -> int:
    allowances = [await allow("api:a", limit=limit, period=MINUTE, now=NOW) for _ in range(times)]
    return sum(allowance.allowed for allowance in allowances)


async def test_as_many_as_the_limit_pass_and_the_rest_are_told_how_long_to_wait(control: Control) -> None:
    answers = [await allow("login:a", limit=3, period=MINUTE, now=NOW) for _ in range(5)]
    assert answers[:2] == [
        Allowance(allowed=True, remaining=2, retry_after=timedelta(0)),
        Allowance(allowed=True, remaining=1, retry_after=timedelta(0)),
    ]
    assert answers[2] == Allowance(allowed=True, remaining=0, retry_after=timedelta(seconds=20))
    assert answers[3:] == [Allowance(allowed=False, remaining=0, retry_after=timedelta(seconds=20))] * 2


async def test_what_is_refused_does_not_count_and_who_waits_as_told_passes(control: Control) -> None:
    assert [(await allow("k", limit=2, period=MINUTE, now=NOW)).allowed for _ in range(10)] == [True] * 2 + [False] * 8
    almost = NOW + timedelta(seconds=30) - timedelta(microseconds=1)
    assert await allow("k", limit=2, period=MINUTE, now=almost) == Allowance(
        allowed=False, remaining=0, retry_after=timedelta(microseconds=1)
    )
    assert (await allow("k", limit=2, period=MINUTE, now=NOW + timedelta(seconds=30))).allowed
    assert not (await allow("k", limit=2, period=MINUTE, now=NOW + timedelta(seconds=30))).allowed


async def test_a_limit_that_does_not_divide_the_period_is_exact_too(control: Control) -> None:
    answers = [await allow("k", limit=7, period=timedelta(seconds=1), now=NOW) for _ in range(8)]
    assert [answer.remaining for answer in answers] == [6, 5, 4, 3, 2, 1, 0, 0]
    assert [answer.allowed for answer in answers] == [True] * 7 + [False]


async def test_a_burst_lets_fewer_pass_at_once_than_in_the_whole_period(control: Control) -> None:
    def at(seconds: int) -> datetime:
        return NOW + timedelta(seconds=seconds)

    passed = [
        (await allow("k", limit=60, period=MINUTE, burst=2, now=at(second))).allowed
        for second in (0, 0, 0, 1, 1, 2, 10, 10, 10)
    ]
    assert passed == [True, True, False, True, False, True, True, True, False]


async def test_a_clock_that_goes_back_gives_nothing_away(control: Control) -> None:
    assert (await allow("k", limit=1, period=MINUTE, now=NOW)).allowed
    earlier = await allow("k", limit=1, period=MINUTE, now=NOW - timedelta(seconds=30))
    assert earlier == Allowance(allowed=False, remaining=0, retry_after=timedelta(seconds=90))


async def test_keys_do_not_share_what_they_may(control: Control) -> None:
    assert (await allow("a", limit=1, period=MINUTE, now=NOW)).allowed
    assert (await allow("A", limit=1, period=MINUTE, now=NOW)).allowed
    assert not (await allow("a", limit=1, period=MINUTE, now=NOW)).allowed


async def test_what_is_no_limit_is_refused_and_counts_nothing(control: Control) -> None:
    for key, limit, period, burst in (
        ("", 1, MINUTE, 1),
        ("k" * 201, 1, MINUTE, 1),
        ("k", 0, MINUTE, 1),
        ("k", 1, MINUTE, 0),
        ("k", 1, timedelta(0), 1),
    ):
        with pytest.raises(InvalidInput):
            await allow(key, limit=limit, period=period, burst=burst, now=NOW)
    assert await RateCounter.all().count() == 0


async def test_counters_at_rest_are_swept_and_others_stay(control: Control) -> None:
    await allow("rested", limit=60, period=MINUTE, now=NOW)
    await allow("busy", limit=1, period=MINUTE, now=NOW)
    assert await sweep(NOW + timedelta(seconds=1)) == 1
    assert await RateCounter.all().values_list("key", flat=True) == ["busy"]


async def test_two_processes_at_once_get_exactly_the_limit(control_url: str, two_processes: Processes) -> None:
    asked, limit = amount(2500) // 2, amount(1000)
    assert sum(two_processes.do(ask, control_url, asked, limit)) == limit
