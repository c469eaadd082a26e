"""Reservations and settlements: what the ledger hands out and takes back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.api import InvalidInput
from tenants.quotas.limits import LARGEST
from tenants.quotas.metrics import Metric

LONGEST_REFERENCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """An amount that is set aside for a tenant until it is settled, released, or ``expires``.

    ``reference`` names what it is for, once a tenant and metric. ``amount`` is in the metric's unit.
    """

    id: UUID
    tenant: UUID
    metric: Metric
    amount: int
    reference: str
    period: str
    expires: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What came of a reservation: ``actual`` was used, and ``used`` is the period's total of what is settled.

    ``limit`` is None for what has none.
    """

    reservation: Reservation
    actual: int
    used: int
    limit: int | None

    @property
    def excess(self) -> int:
        """How much more was used than was reserved."""
        return max(0, self.actual - self.reservation.amount)

    @property
    def is_over_limit(self) -> bool:
        """True when more is used than the plan allows, which only an excess or a smaller plan can bring about."""
        return self.limit is not None and self.used > self.limit


def check_amount(amount: int, *, least: int) -> None:
    """Raise ``InvalidInput`` for an amount that is none."""
    if isinstance(amount, bool) or not isinstance(amount, int) or not least <= amount <= LARGEST:
        raise InvalidInput(f"must be a whole number from {least} to {LARGEST}, not {amount!r:.60}", path="amount")


def check_reference(reference: str) -> None:
    """Raise ``InvalidInput`` for a reference that can't be kept."""
    if not 0 < len(reference) <= LONGEST_REFERENCE:
        raise InvalidInput(f"must have 1 to {LONGEST_REFERENCE} characters, not {len(reference)}", path="reference")
