"""The health of a plugin for one owner, as it is shown to people."""

from dataclasses import dataclass
from datetime import datetime

from core.host.breaker import BreakerState
from core.host.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a plugin fares for one owner.

    ``closed`` lets its calls pass; ``open`` refuses them for another ``retry_in`` seconds; ``half_open`` tries again.
    ``cause`` is the latest fault's and ``since`` when it began to be refused; empty and None while it is closed.
    ``faults`` are those met for this owner since the host started, the latest last.
    """

    state: BreakerState = BreakerState.CLOSED
    cause: str = ""
    since: datetime | None = None
    retry_in: float = 0.0
    faults: tuple[Fault, ...] = ()
