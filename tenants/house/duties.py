"""Duties: what an open house does from time to time. Whoever keeps one open, the host above all, performs them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.api import ReelhouseError
from tenants.control import rate
from tenants.control.audit import head
from tenants.control.audit_chain import EMPTY
from tenants.control.database import DATABASE_ERRORS
from tenants.control.witness import Witness
from tenants.house.house import House
from tenants.quotas import ledger

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One thing to do, at once and then again ``every`` so long after it ended. ``do`` is told the time, in UTC."""

    name: str
    every: timedelta
    do: Callable[[datetime], Awaitable[object]]


def duties(house: House) -> Sequence[Duty]:
    """Return the duties of a house. All may be done by several processes at once."""

    async def heed_seal(_now: datetime) -> None:
        await house.heed_seal()

    witness, noted = Witness(house.settings.witness), EMPTY

    async def note_audit(now: datetime) -> None:
        nonlocal noted
        if (last := await head()) != noted:
            await asyncio.to_thread(witness.note, last, now=now)
            noted = last

    return (
        Duty(name="heed the seal", every=timedelta(seconds=5), do=heed_seal),
        Duty(name="drop rates at rest", every=timedelta(minutes=5), do=rate.sweep),
        Duty(name="give expired reservations back", every=timedelta(minutes=5), do=ledger.sweep),
        Duty(name="note the audit's head", every=timedelta(minutes=5), do=note_audit),
    )


async def perform(
    what: Sequence[Duty],
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """Perform duties beside each other until cancelled. One that fails is logged, and done again in its turn."""
    async with asyncio.TaskGroup() as group:
        for duty in what:
            group.create_task(_repeat(duty, clock, pause), name=duty.name)


async def _repeat(duty: Duty, clock: Callable[[], datetime], pause: Callable[[float], Awaitable[object]]) -> None:
    while True:
        try:
            await duty.do(clock())
        except (ReelhouseError, *DATABASE_ERRORS) as err:
            _log.warning("%s: %s", duty.name, err)
        await pause(duty.every.total_seconds())
