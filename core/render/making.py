"""Making: what a schedule lacks is given to workers, and the files are put together from what is kept."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from core.api import Cancelled, MediaError, ReelhouseError
from core.cage import CageEnd, CageRefused, ForbiddenCall, LimitExceeded
from core.render.events import Outcome, Planned, RenderEvent, Stage, StageStarted
from core.render.failures import failure_in
from core.render.finishing import Finishing
from core.render.progress import Progress
from core.render.report import SegmentReport, SpanReport, WorkReport
from core.render.runs import runs_of
from core.render.schedule import Deliverable, Schedule, Scheduler
from core.render.scratch import work_folder
from core.render.sounds import SoundFacts, read_facts
from core.render.work import (
    Cut,
    Ingredients,
    PictureRun,
    SoundRun,
    StripRun,
    WholeRun,
    Work,
    strip_key,
)
from core.render.workshop import Workshop

TRIES = 3
HOPELESS = (CageRefused, LimitExceeded, ForbiddenCall)
"""Ends that come again however often work is tried."""
BESIDE = 1
"""Pieces of work that are done beside those of the workers: sound and copies leave a processor half idle."""
EVERY = 0.2
"""Seconds after which a cancelled render is noticed at the latest."""


class Making:
    """One render in the workshop. It has a folder of its own there, which goes when the render ends, however it ends.

    What is kept in the ledger is linked into it, so that nothing can take it away meanwhile.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        schedule: Schedule,
        ingredients: Ingredients,
        workshop: Workshop,
        on_event: Callable[[RenderEvent], None],
        cancelled: threading.Event,
    ) -> None:
        self._scheduler = scheduler
        self._schedule = schedule
        self._ingredients = ingredients
        self._workshop = workshop
        self._on_event = on_event
        self._cancelled = cancelled
        self._stop = threading.Event()
        self._closing = ExitStack()
        self._lock = threading.Lock()
        self.cpu_seconds = 0.0
        self.peak_memory = 0
        self.segments: list[SegmentReport] = []
        self.spans: list[SpanReport] = []
        self.sound = SoundFacts()
        self._notes: dict[str, None] = {}

    def __enter__(self) -> Self:
        self._folder = self._closing.enter_context(work_folder(self._workshop.station.folder, "render-"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def make(self) -> tuple[tuple[Path, Path], ...]:
        """Make all that is missing and put the files together; pair each with where it belongs."""
        schedule = self._schedule
        wholes = [each for each in schedule.deliverables if each.key]
        segments = sum(len(group.segments[0]) for group in schedule.groups) + len(wholes)
        frames = (schedule.end - schedule.first) * len(schedule.groups) + sum(self._frames(each) for each in wholes)
        self._on_event(Planned(frames=frames, segments=segments))
        self._progress = Progress(frames, segments, self._on_event)
        works = [*self._sound_work(), *self._poster_work()]
        self._on_event(StageStarted(stage=Stage.VIDEO))
        works += [*self._picture_work(), *self._whole_work(wholes)]
        self._run_all([partial(self._produce, work) for work in works])
        self._progress.tell()
        self._on_event(StageStarted(stage=Stage.ASSEMBLE))
        finishing = Finishing(schedule, self._folder, self._workshop, take=self._take, stop=self._stop)
        self._run_all([partial(self._finish, finishing, number) for number in range(len(schedule.deliverables))])
        sound = schedule.sound
        if sound is not None:
            self.sound = read_facts((self._folder / sound.key).read_bytes())
        return tuple(finishing.files(self.sound))

    @property
    def notes(self) -> tuple[str, ...]:
        """What clips had to say, each once."""
        return (*self.sound.notes, *self._notes)

    # What is missing

    def _sound_work(self) -> Iterator[Work]:
        sound = self._schedule.sound
        if sound is not None:
            self._drop_unreadable(sound)
            if not self._take_all(sound.keys):
                self._on_event(StageStarted(stage=Stage.AUDIO))
                yield sound

    def _drop_unreadable(self, sound: SoundRun) -> None:
        """Drop what is kept of a sound if it can't be read: then it is found out anew."""
        place = self._folder / sound.key
        if self._take(sound.key):
            try:
                read_facts(place.read_bytes())
            except MediaError:
                place.unlink()
                self._workshop.station.drop(sound.key)

    def _poster_work(self) -> Iterator[Work]:
        poster = self._schedule.poster
        if poster is not None and not self._take(poster.key):
            yield poster

    def _picture_work(self) -> Iterator[Work]:
        main = self._schedule.deliverables[0]
        coming: set[str] = set()
        for group in self._schedule.groups:
            has_strip = self._schedule.has_storyboard and main in group.deliverables
            strip = group.deliverables.index(main) if has_strip else None
            cuts = []
            for segments in zip(*group.segments, strict=True):
                [first, *_] = segments
                if first.copy is not None:
                    self._segment_done(first.first, first.end, first.key, Outcome.COPIED)
                    key = strip_key(first.key)
                    if has_strip and not self._take(key):
                        yield StripRun(plan=group.plan, piece=self._schedule.taken(first.copy), key=key)
                    continue
                missing = tuple(
                    None
                    if segment.key in coming or self._is_had(segment.key, has_strip=place == strip)
                    else segment.key
                    for place, segment in enumerate(segments)
                )
                coming |= {key for key in missing if key is not None}
                if not any(missing):
                    self._segment_done(first.first, first.end, first.key, Outcome.CACHED)
                cuts.append(Cut(first=first.first, end=first.end, keys=missing))
            yield from runs_of(group, cuts, self._ingredients, workers=self._workshop.workers, strip=strip)

    def _is_had(self, key: str, *, has_strip: bool) -> bool:
        """Tell whether a piece is there, and its strip if it should have one."""
        return self._take_all((key, strip_key(key)) if has_strip else (key,))

    def _whole_work(self, wholes: Sequence[Deliverable]) -> Iterator[Work]:
        coming: set[str] = set()
        for each in wholes:
            first, end = self._schedule.bounds(each)
            work = WholeRun(
                plan=replace(each.plan, renditions=()),
                ingredients=self._ingredients,
                key=each.key,
                first=first,
                end=end,
                has_sound=each.sound is not None,
                has_strip=self._schedule.has_storyboard and each is self._schedule.deliverables[0],
            )
            if each.key in coming or self._take_all(work.keys):
                self._segment_done(first, end, each.key, Outcome.CACHED)
            else:
                coming.add(each.key)
                yield work

    def _take_all(self, keys: Sequence[str]) -> bool:
        """Take all that is there of some keys; tell whether none is missing."""
        return [self._take(key) for key in keys].count(False) == 0

    def _take(self, key: str) -> bool:
        """Take what the ledger keeps under a key into the render's folder; tell whether it is there."""
        place = self._folder / key
        return place.exists() or self._workshop.station.ledger.take(key, place)

    # Work

    def _run_all(self, calls: Sequence[Callable[[], None]]) -> None:
        """Make all calls, one more at once than there are workers; raise what the first one that fails raises.

        Whatever happens, nothing runs any more when this returns.
        """
        with ThreadPoolExecutor(self._workshop.workers + BESIDE, thread_name_prefix="render") as pool:
            waiting: set[Future[None]] = {pool.submit(call) for call in calls}
            try:
                while waiting:
                    done, waiting = wait(waiting, timeout=EVERY, return_when=FIRST_COMPLETED)
                    for each in done:
                        each.result()
                    if self._cancelled.is_set():
                        raise Cancelled("the render was cancelled")
            except BaseException:
                self._stop.set()
                pool.shutdown(cancel_futures=True)
                raise

    def _produce(self, work: Work) -> None:
        """Have work done; where its worker comes to a bad end, have what is left of it done again, by another one."""
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
                self._note(report)

    def _kept(self, work: Work, keys: Sequence[str]) -> None:
        """Take what is kept now, and count the segment that it makes whole."""
        for key in keys:
            if not self._take(key):
                raise MediaError("the ledger is too small for one piece of this video", hint="give it more room")
        if isinstance(work, PictureRun):
            for cut in work.cuts:
                if not set(keys).isdisjoint(cut.keys):
                    self._segment_done(cut.first, cut.end, keys[0], Outcome.RENDERED)
        elif isinstance(work, WholeRun):
            self._segment_done(work.first, work.end, work.key, Outcome.RENDERED)

    def _finish(self, finishing: Finishing, number: int) -> None:
        for report in finishing.finish(number):
            self._note(report)

    def _rest_of(self, work: Work) -> Work:
        """Return what is not done yet of a piece of work."""
        if not isinstance(work, PictureRun):
            return work
        cuts = tuple(cut for cut in work.cuts if not all((self._folder / key).exists() for key in work.keys_of(cut)))
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

    # What is done

    def _frames(self, deliverable: Deliverable) -> int:
        first, end = self._schedule.bounds(deliverable)
        return end - first

    def _segment_done(self, first: int, end: int, key: str, outcome: Outcome) -> None:
        with self._lock:
            self.segments.append(SegmentReport(first=first, end=end, key=key, outcome=outcome))
        self._progress.segment_done(first, end, outcome)

    def _note(self, done: WorkReport) -> None:
        with self._lock:
            self.cpu_seconds += done.cpu_seconds
            self.peak_memory = max(self.peak_memory, done.peak_memory)
            self._notes |= dict.fromkeys(done.notes)
            self.spans += done.spans


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
