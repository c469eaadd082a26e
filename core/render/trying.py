"""Trying: work is had done, and where its worker comes to a bad end, what is left of it is given to another one."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.api import MediaError, ReelhouseError
from core.cage import CageEnd, CageRefused, ForbiddenCall, LimitExceeded
from core.render.events import Outcome
from core.render.failures import failure_in
from core.render.progress import Progress
from core.render.schedule import Schedule, Scheduler
from core.render.stopping import Stop
from core.render.tally import Tally
from core.render.tray import Tray
from core.render.work import PictureRun, WholeRun, Work
from core.render.workshop import Workshop

TRIES = 3
HOPELESS = (CageRefused, LimitExceeded, ForbiddenCall)
"""Ends that come again however often work is tried."""


class Trying:
    """Has the work of one render done in the workshop; what is finished is taken to the tray and counted."""

    def __init__(
        self,
        scheduler: Scheduler,
        schedule: Schedule,
        workshop: Workshop,
        tray: Tray,
        *,
        tally: Tally,
        progress: Progress,
        stop: Stop,
    ) -> None:
        self._scheduler = scheduler
        self._schedule = schedule
        self._workshop = workshop
        self._tray = tray
        self._tally = tally
        self._progress = progress
        self._stop = stop

    def have_done(self, work: Work) -> None:
        """Have work done, for any thread.

        Raise ``SegmentFailed`` when a segment can't be made, the ``CageEnd`` itself when other work can't, and what
        ``Workshop.produce`` raises besides.
        """
        ahead = 0  # frames that are drawn and not kept yet

        def set_ahead(frames: int) -> None:
            nonlocal ahead
            self._progress.ahead(frames - ahead)
            ahead = frames

        def drawn(frames: int) -> None:
            set_ahead(min(ahead + frames, _frames_of(work)))  # whatever a worker says

        def kept(keys: Sequence[str]) -> None:
            set_ahead(0)
            self._kept(work, keys)

        waiting, tries = deque([work]), 0
        while waiting:
            now = waiting.popleft()
            try:
                report = self._workshop.produce(now, cancelled=self._stop, on_kept=kept, on_frames=drawn)
            except CageEnd as end:
                set_ahead(0)
                tries += 1
                is_hopeless = isinstance(end, HOPELESS)
                rest = self._rest_of(now)
                parts = _parts_of(rest)
                if len(parts) == 1 and (is_hopeless or tries == TRIES):
                    raise self._failure(rest, end, tries) from end
                # It may have drawn ahead of the first segment that is missing: one by one, the one at fault is found.
                is_last = is_hopeless or tries == TRIES - 1
                waiting.extendleft(reversed(parts) if is_last else [rest] if parts else [])
            else:
                self._tally.note(report)

    def _kept(self, work: Work, keys: Sequence[str]) -> None:
        """Take what is kept now, and count the segment that it makes whole."""
        if not self._tray.take_all(keys):
            raise MediaError("the ledger is too small for one piece of this video", hint="give it more room")
        if isinstance(work, PictureRun):
            for cut in work.cuts:
                if not set(keys).isdisjoint(cut.keys):
                    self._tally.segment_done(cut.first, cut.end, keys[0], Outcome.RENDERED)
        elif isinstance(work, WholeRun):
            self._tally.segment_done(work.first, work.end, work.key, Outcome.RENDERED)

    def _rest_of(self, work: Work) -> Work:
        """Return what is not done yet of a piece of work."""
        if not isinstance(work, PictureRun):
            return work
        cuts = tuple(cut for cut in work.cuts if not all(self._tray.has(key) for key in work.keys_of(cut)))
        return replace(work, cuts=cuts)

    def _failure(self, work: Work, end: CageEnd, tries: int) -> CageEnd:
        """Say what could not be made, with a picture of what was there before it."""
        if not isinstance(work, PictureRun):
            return end
        failure = failure_in(work, work.cuts[0], end, tries)
        before = work.cuts[0].first - 1
        if before >= self._schedule.first:
            failure.last_frame = self._last_frame(work, before)
        return failure

    def _last_frame(self, work: PictureRun, frame: int) -> Path | None:
        still = self._scheduler.still(work.plan, frame)
        try:
            return self._workshop.station.kept(still.key, still, cancelled=self._stop)
        except ReelhouseError:  # the clip that fails may be in it: then there is no picture to show
            return None


def _parts_of(work: Work) -> Sequence[Work]:
    """Part a run into segments, none if it has none left; other work is one part."""
    return [replace(work, cuts=(cut,)) for cut in work.cuts] if isinstance(work, PictureRun) else [work]


def _frames_of(work: Work) -> int:
    """Return how many frames are drawn for a piece of work that tells of them."""
    match work:
        case PictureRun():
            return work.frames
        case WholeRun():
            return work.end - work.first
    return 0
