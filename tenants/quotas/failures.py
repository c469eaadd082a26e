"""What can go wrong with quotas.

ReelhouseError
├── InvalidInput
│   └── LimitsInvalid       a plan's limits can't be used
├── QuotaExceeded           what was asked for is more than what is left
├── PictureTooLarge         a picture has more pixels than the plan allows
├── AccessLapsed            the subscription lapsed: nothing new may be used
├── ReferenceTaken          a reference stands for a reservation of another amount
└── ReservationGone         a reservation was given back, and its reference stands for another
"""

from collections.abc import Iterable
from datetime import datetime

from core.api import InvalidInput, ReelhouseError
from tenants.quotas.metrics import Metric


class LimitsInvalid(InvalidInput):
    """A plan's limits can't be used; ``complaints`` holds everything that is wrong, each with its path."""

    code = "limits_invalid"

    def __init__(self, complaints: Iterable[InvalidInput]) -> None:
        self.complaints = tuple(complaints)
        super().__init__(
            "; ".join(f"{complaint.path} {complaint}" for complaint in self.complaints), path=self.complaints[0].path
        )


class QuotaExceeded(ReelhouseError):
    """What was asked for is more than what is left.

    ``limit``, ``used`` (with what is reserved) and ``asked`` in the metric's unit; ``resets`` is when a month's count
    begins anew, None for what is only given back.
    """

    code = "quota_exceeded"
    status = 402

    def __init__(self, *, metric: Metric, limit: int, used: int, asked: int, resets: datetime | None) -> None:
        begins = f"; it begins anew on {resets:%Y-%m-%d}" if resets else ""
        super().__init__(
            f"{metric.noun}: {metric.told(asked)} more would exceed the limit of {metric.told(limit)}, "
            f"of which {metric.told(used)} are used{begins}",
            hint="Wait until it begins anew, or take a larger plan." if resets else "Free some, or take a larger plan.",
        )
        self.metric = metric
        self.limit = limit
        self.used = used
        self.asked = asked
        self.resets = resets


class PictureTooLarge(ReelhouseError):
    """A picture has more pixels than the plan allows, width or height; sizes in pixels."""

    code = "picture_too_large"
    status = 402

    def __init__(self, *, asked: tuple[int, int], limit: tuple[int, int]) -> None:
        super().__init__(
            f"{asked[0]}×{asked[1]} is larger than {limit[0]}×{limit[1]}, the largest picture of the plan",
            hint="Make it smaller, or take a larger plan.",
        )
        self.asked = asked
        self.limit = limit


class AccessLapsed(ReelhouseError):
    """The subscription lapsed, or the workspace is suspended: what is there can be read, nothing new be used."""

    code = "access_lapsed"
    status = 402


class ReferenceTaken(ReelhouseError):
    """A reference stands for a reservation of another amount already."""

    code = "quota_reference_taken"
    status = 409


class ReservationGone(ReelhouseError):
    """A reservation was given back or expired, and its reference stands for another by now."""

    code = "quota_reservation_gone"
    status = 410
