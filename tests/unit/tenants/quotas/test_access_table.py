"""Access: the whole table of what a subscription's state gives."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from tenants.quotas.access import GRACE, Access, SubscriptionTerms, access_of

START = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2026, 12, 1, tzinfo=UTC)
FULL, READ_ONLY, NONE = Access.FULL, Access.READ_ONLY, Access.NONE

# For each state: on the first day of the period, after the grace, and after the period's end; then the same for a
# subscription that is to end with its period.
TABLE = {
    "incomplete": (NONE, NONE, NONE, NONE, NONE, NONE),
    "incomplete_expired": (NONE, NONE, NONE, NONE, NONE, NONE),
    "trialing": (FULL, FULL, FULL, FULL, FULL, NONE),
    "active": (FULL, FULL, FULL, FULL, FULL, NONE),
    "past_due": (FULL, READ_ONLY, READ_ONLY, FULL, READ_ONLY, READ_ONLY),
    "unpaid": (READ_ONLY, READ_ONLY, READ_ONLY, READ_ONLY, READ_ONLY, READ_ONLY),
    "canceled": (FULL, FULL, NONE, FULL, FULL, NONE),
    "paused": (READ_ONLY, READ_ONLY, READ_ONLY, READ_ONLY, READ_ONLY, READ_ONLY),
    "a_word_of_tomorrow": (FULL, READ_ONLY, READ_ONLY, FULL, READ_ONLY, READ_ONLY),
}
MOMENTS = (START, START + GRACE, END)
CELLS = [
    (state, is_ending, now, expected)
    for state, row in TABLE.items()
    for (is_ending, now), expected in zip(product((False, True), MOMENTS), row, strict=True)
]


@pytest.mark.parametrize(("state", "is_ending", "now", "expected"), CELLS)
def test_every_cell_of_the_table(state: str, is_ending: bool, now: datetime, expected: Access) -> None:
    terms = SubscriptionTerms(state=state, period_start=START, period_end=END, cancel_at_period_end=is_ending)
    assert access_of(terms, now=now) is expected


def test_a_failed_renewal_changes_nothing_until_the_grace_is_over() -> None:
    terms = SubscriptionTerms(state="past_due", period_start=START, period_end=END)
    last = START + GRACE - timedelta(microseconds=1)
    assert access_of(terms, now=last) is FULL
    assert access_of(terms, now=START + GRACE) is READ_ONLY
    assert access_of(terms, now=START, grace=timedelta(0)) is READ_ONLY


def test_without_periods_each_state_still_gives_something() -> None:
    given = {state: access_of(SubscriptionTerms(state=state), now=START) for state in TABLE}
    assert given == {
        "incomplete": NONE,
        "incomplete_expired": NONE,
        "trialing": FULL,
        "active": FULL,
        "past_due": FULL,
        "unpaid": READ_ONLY,
        "canceled": NONE,
        "paused": READ_ONLY,
        "a_word_of_tomorrow": FULL,
    }
