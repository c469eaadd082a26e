"""Making: what a schedule lacks is given to workers, and the files are put together from what is kept."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from core.render.events import Planned, RenderEvent, Stage, StageStarted
from core.render.finishing import Finishing
from core.render.ingredients import Ingredients
from core.render.lack import Lack
from core.render.progress import Progress
from core.render.schedule import Schedule, Scheduler
from core.render.scratch import work_folder
from core.render.sounds import SoundFacts, read_facts
from core.render.stopping import LOOK_SECONDS, raise_if, stoppable_threads
from core.render.tally import Tally
from core.render.tray import Tray
from core.render.trying import Trying
from core.render.work import Work
from core.render.workshop import Workshop

BESIDE = 1
"""Pieces of work that are done beside those of the workers: sound and copies leave a processor half idle."""


class Making:
    """One render in the workshop. It has a folder of its own there, which goes when the render ends, however it ends.

    ``tally`` says what was done, ``sound`` what is known of the sound.
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
        wholes = [each for each in schedule.deliverables if each.key]
        bounds = [*(schedule.bounds(each) for each in wholes), *[(schedule.first, schedule.end)] * len(schedule.groups)]
        self._planned = Planned(
            frames=sum(end - first for first, end in bounds),
            segments=sum(len(group.segments[0]) for group in schedule.groups) + len(wholes),
        )
        self._scheduler = scheduler
        self._schedule = schedule
        self._ingredients = ingredients
        self._workshop = workshop
        self._on_event = on_event
        self._cancelled = cancelled
        self._stop = threading.Event()
        self._closing = ExitStack()
        self._progress = Progress(self._planned.frames, self._planned.segments, on_event)
        self.tally = Tally(self._progress)
        self.sound = SoundFacts()

    def __enter__(self) -> Self:
        station = self._workshop.station
        folder = self._closing.enter_context(work_folder(station.folder, "render-"))
        self._tray = Tray(folder=folder, station=station)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def make(self) -> tuple[tuple[Path, Path], ...]:
        """Make all that is missing and put the files together; pair each with where it belongs.

        Raise ``Cancelled`` soon after that is asked for, and what ``Trying.have_done`` and ``Finishing.finish`` do.
        """
        schedule = self._schedule
        self._on_event(self._planned)
        works = self._missing()
        trying = Trying(
            self._scheduler,
            schedule,
            self._workshop,
            self._tray,
            tally=self.tally,
            progress=self._progress,
            stop=self._stop,
        )
        self._run_all([partial(trying.have_done, work) for work in works])
        self._progress.tell()
        self._on_event(StageStarted(stage=Stage.ASSEMBLE))
        finishing = Finishing(schedule, self._tray, self._workshop, stop=self._stop)
        self._run_all([partial(self._finish, finishing, number) for number in range(len(schedule.deliverables))])
        if schedule.sound is not None:
            self.sound = read_facts((self._tray / schedule.sound.key).read_bytes())
        return tuple(finishing.files(self.sound))

    def _missing(self) -> Sequence[Work]:
        """Find what is to be made, and tell of what is there."""
        lack = Lack(self._schedule, self._ingredients, self._tray, self.tally)
        works: list[Work] = []
        if (sound := lack.sound()) is not None:
            self._on_event(StageStarted(stage=Stage.AUDIO))
            works.append(sound)
        if (poster := self._schedule.poster) is not None and not self._tray.take(poster.key):
            works.append(poster)
        self._on_event(StageStarted(stage=Stage.VIDEO))
        return [*works, *lack.pictures(workers=self._workshop.workers), *lack.wholes()]

    def _run_all(self, calls: Sequence[Callable[[], None]]) -> None:
        """Make all calls, one more at once than there are workers; raise what the first one that fails raises.

        Whatever happens, nothing runs any more when this returns.
        """
        with stoppable_threads(self._workshop.workers + BESIDE, self._stop, name="render") as pool:
            waiting: set[Future[None]] = {pool.submit(call) for call in calls}
            while waiting:
                done, waiting = wait(waiting, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
                for each in done:
                    each.result()
                raise_if(self._cancelled)

    def _finish(self, finishing: Finishing, number: int) -> None:
        for report in finishing.finish(number):
            self.tally.note(report)
