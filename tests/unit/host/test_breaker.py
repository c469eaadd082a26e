"""The circuit breaker, second by second."""

from core.host.breaker import Breaker, BreakerRule, BreakerState

RULE = BreakerRule(window=300, faults=5, share=0.35, cool_down=120, trials=3)


def faults(breaker: Breaker, *times: float) -> None:
    for time in times:
        breaker.record(time, is_good=False)


def test_it_opens_at_the_fifth_fault_and_not_before() -> None:
    breaker = Breaker(RULE)
    faults(breaker, 1, 2, 3, 4)
    assert breaker.state(4) is BreakerState.CLOSED
    faults(breaker, 5)
    assert breaker.state(5) is BreakerState.OPEN
    assert breaker.seconds_left(5) == 120


def test_faults_that_are_few_among_good_calls_do_not_open_it() -> None:
    breaker = Breaker(RULE)
    for time in range(10):
        breaker.record(time, is_good=True)
    faults(breaker, 11, 12, 13, 14, 15)
    assert breaker.state(15) is BreakerState.CLOSED  # 5 of 15 are a third
    faults(breaker, 16)
    assert breaker.state(16) is BreakerState.OPEN  # 6 of 16


def test_faults_that_are_old_do_not_count() -> None:
    breaker = Breaker(RULE)
    faults(breaker, 0, 1, 2, 3, 303)
    assert breaker.state(303) is BreakerState.CLOSED


def test_after_the_cool_down_three_good_calls_close_it() -> None:
    breaker = Breaker(RULE)
    faults(breaker, 1, 2, 3, 4, 5)
    assert breaker.state(124.9) is BreakerState.OPEN
    assert breaker.state(125) is BreakerState.HALF_OPEN
    breaker.record(126, is_good=True)
    breaker.record(127, is_good=True)
    assert breaker.state(127) is BreakerState.HALF_OPEN
    breaker.record(128, is_good=True)
    assert breaker.state(128) is BreakerState.CLOSED
    faults(breaker, 129, 130, 131, 132)
    assert breaker.state(132) is BreakerState.CLOSED


def test_one_fault_while_trying_opens_it_anew() -> None:
    breaker = Breaker(RULE)
    faults(breaker, 1, 2, 3, 4, 5)
    breaker.record(126, is_good=True)
    breaker.record(127, is_good=True)
    faults(breaker, 128)
    assert breaker.state(128) is BreakerState.OPEN
    assert breaker.seconds_left(128) == 120
    for time in (249, 250):
        breaker.record(time, is_good=True)
    assert breaker.state(250) is BreakerState.HALF_OPEN


def test_what_ends_while_it_is_open_changes_nothing() -> None:
    breaker = Breaker(RULE)
    faults(breaker, 1, 2, 3, 4, 5, 60)
    assert breaker.seconds_left(60) == 65
    breaker.close()
    assert breaker.state(61) is BreakerState.CLOSED
    assert breaker.seconds_left(61) == 0
