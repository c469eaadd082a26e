"""Access: what the state of a subscription lets a tenant do. A pure table.

The eight states are Stripe's (https://docs.stripe.com/api/subscriptions/object), whoever keeps the subscription.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

GRACE = timedelta(days=7)
"""How long a failed renewal changes nothing, counted from the beginning of the period it should have paid for."""


class Access(StrEnum):
    """``full`` is the plan's; ``read_only`` reads and exports; ``none`` falls back to the house's default plan."""

    FULL = "full"
    READ_ONLY = "read_only"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionTerms:
    """What of a subscription decides on access. ``state`` may be a word that is not known here."""

    state: str
    period_start: datetime | None = None
    period_end: datetime | None = None
    cancel_at_period_end: bool = False


def access_of(terms: SubscriptionTerms, *, now: datetime, grace: timedelta = GRACE) -> Access:
    """Return what a subscription gives now. A state that is not known counts as ``past_due``: nothing is taken at once.

    One that was cancelled lasts until the end of what is paid for, also where the provider's word of its end is late.
    """
    is_over = terms.period_end is not None and now >= terms.period_end
    match terms.state:
        case "active" | "trialing":
            return Access.NONE if terms.cancel_at_period_end and is_over else Access.FULL
        case "canceled":
            return Access.NONE if is_over or terms.period_end is None else Access.FULL
        case "unpaid" | "paused":
            return Access.READ_ONLY
        case "incomplete" | "incomplete_expired":
            return Access.NONE
        case _:
            unpaid_since = terms.period_start
            return Access.FULL if unpaid_since is None or now < unpaid_since + grace else Access.READ_ONLY
