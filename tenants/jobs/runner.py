"""The runner: takes jobs, does them beside each other, and gives back what it can't finish when the host ends."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError
from tortoise.transactions import in_transaction

from core.api import NotReady, ReelhouseError
from tenants.control import jobs
from tenants.control.database import ALIAS, DATABASE_ERRORS
from tenants.control.failures import LeaseLost
from tenants.control.jobs import Lease
from tenants.control.models.job import Job, JobState
from tenants.jobs.kinds import JobKind
from tenants.jobs.requesting import tell

LEASE = timedelta(seconds=30)
BEAT_S = 1.0
"""How often a job's lease is looked after: progress is kept, and a cancellation heard, this soon."""
IDLE_S = 1.0
_RETRY = timedelta(seconds=10)
_PROLONGED = timedelta(seconds=10)

_log = logging.getLogger(__name__)


class Runner:
    """Does jobs of some kinds, ``slots`` at a time. Several runners, in several processes, share the work."""

    def __init__(
        self,
        kinds: Sequence[JobKind[Any]],
        *,
        slots: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self._slots = slots
        self._clock = clock
        self._woken = asyncio.Event()
        self._working: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Look for jobs now: one was asked for in this process."""
        self._woken.set()

    async def run(self) -> None:
        """Do jobs until cancelled; then end what is being done and give it back, without counting the attempt."""
        try:
            while True:
                try:
                    await self._fill()
                except (ReelhouseError, *DATABASE_ERRORS) as err:
                    _log.warning("no jobs can be taken: %s", err)
                self._woken.clear()
                waiting = [asyncio.create_task(self._woken.wait()), *self._working]
                await asyncio.wait(waiting, timeout=IDLE_S, return_when=asyncio.FIRST_COMPLETED)
                waiting[0].cancel()
        finally:
            for task in self._working:
                task.cancel()
            if self._working:
                await asyncio.wait(self._working)

    async def _fill(self) -> None:
        """Take jobs for all slots that are free."""
        for kind in self._kinds.values():
            while len(self._working) < self._slots:
                held = await jobs.lease([kind.name], now=self._clock(), duration=LEASE, most=kind.most)
                if held is None:
                    break
                task = asyncio.create_task(self._do(kind, held), name=f"{held.kind} {held.job}")
                self._working.add(task)
                task.add_done_callback(self._working.discard)
        await self._clear_up()

    async def _clear_up(self) -> None:
        """Tell the kinds of jobs that ended without their worker: cancelled in a queue, or lost at every attempt."""
        ended = Job.filter(kind__in=list(self._kinds), state__in=[JobState.CANCELLED, JobState.FAILED], result=None)
        for row in await ended.limit(20):
            kind = self._kinds[row.kind]
            if row.tenant_id is not None:
                await kind.ended(row.tenant_id, row.id, kind.payload.model_validate(row.payload), row.state.value)
            await Job.filter(id=row.id).update(result={})

    async def _do(self, kind: JobKind[Any], held: Lease) -> None:
        try:
            payload = kind.payload.model_validate(dict(held.payload))
            working = _Working(job=held.job, tenant=_tenant(held), payload=payload, attempt=held.attempt)
            doing = asyncio.create_task(_result_of(kind, working))
            try:
                await self._attend(held, working, doing)
            finally:
                await _ended(doing)
            await self._settle(held, doing)
        except LeaseLost:
            _log.info("job %s was cancelled, or is another's by now", held.job)
        except asyncio.CancelledError:
            await self._give_back(held)
            raise
        except ValidationError as err:
            await self._fail(held, f"its payload is not what it should be: {err.error_count()} errors", "broken", None)

    async def _settle(self, held: Lease, done: "asyncio.Task[Mapping[str, Any]]") -> None:
        """Keep what came of a job. Raise ``LeaseLost``."""
        match done.exception():
            case None:
                async with in_transaction(ALIAS):
                    await jobs.finish(held, done.result(), now=self._clock())
                    await tell(held.job, now=self._clock())
            case NotReady() as err:
                await self._fail(held, str(err), err.code, timedelta(seconds=err.retry_after or 0) or _RETRY)
            case ReelhouseError() as err:
                await self._fail(held, str(err), err.code, None)
            case err:
                _log.error("job %s failed", held.job, exc_info=err)
                told = "something went wrong here; it was logged under this job's id"
                await self._fail(held, told, "internal_error", _RETRY)

    async def _attend(self, held: Lease, working: "_Working", doing: "asyncio.Task[Mapping[str, Any]]") -> None:
        """Look after the lease while a job is done. Raise ``LeaseLost`` as soon as it is to stop."""
        prolonged = self._clock()
        while not (await asyncio.wait([doing], timeout=BEAT_S))[0]:
            now = self._clock()
            if now - prolonged >= _PROLONGED:
                await jobs.prolong(held, now=now, duration=LEASE)
                prolonged = now
            if (told := working.take()) is not None:
                async with in_transaction(ALIAS):
                    await jobs.note_progress(held, *told)
                    await tell(held.job, now=now)
            elif not await Job.exists(id=held.job, state=JobState.RUNNING, attempts=held.attempt):
                raise LeaseLost(f"job {held.job} is not this worker's any more")

    async def _fail(self, held: Lease, error: str, code: str, retry: timedelta | None) -> None:
        try:
            async with in_transaction(ALIAS):
                await jobs.fail(held, error, now=self._clock(), retry_in=retry, code=code)
                await tell(held.job, now=self._clock())
        except LeaseLost:
            _log.info("job %s failed, and is another's by now", held.job)

    async def _give_back(self, held: Lease) -> None:
        try:
            await jobs.give_back(held, now=self._clock())
        except (LeaseLost, *DATABASE_ERRORS) as err:
            _log.info("job %s is not given back: %s", held.job, err)


@dataclass(slots=True, kw_only=True)
class _Working:
    """What a kind sees of a job; see ``tenants.jobs.kinds.Running``."""

    job: UUID
    tenant: UUID
    payload: BaseModel
    attempt: int
    _told: tuple[float, str] | None = field(default=None, repr=False)

    def progress(self, fraction: float, message: str = "") -> None:
        """Tell how far it is."""
        self._told = (fraction, message)  # one assignment: whatever thread it comes from

    def take(self) -> tuple[float, str] | None:
        """Return what was told since."""
        told, self._told = self._told, None
        return told


async def _result_of(kind: JobKind[Any], working: _Working) -> Mapping[str, Any]:
    return await kind.do(working)


async def _ended(doing: "asyncio.Task[Mapping[str, Any]]") -> None:
    """Cancel what is being done, and wait until it has let go of everything."""
    doing.cancel()
    await asyncio.wait([doing])
    if not doing.cancelled():
        doing.exception()  # it was told, or is not wanted any more


def _tenant(held: Lease) -> UUID:
    if held.tenant is None:
        raise TypeError(f"job {held.job} belongs to nobody")
    return held.tenant
