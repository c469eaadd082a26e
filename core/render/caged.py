"""Workers in the cage: each piece of work is done in a locked child of its own."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from core.api import Cancelled, JsonValue, MediaError, ReelhouseError
from core.cage import PROBE, RENDER, Cage, CagedJob, CageEnd, Policy, Profile, tell
from core.host.host import PluginHost
from core.host.kinds import DRAWN_WITH
from core.media.memory import give_large_blocks_back
from core.render.stopping import Stop
from core.render.work import Finishing, Inspection, Message, PictureRun, Still, WholeRun, Work
from core.render.worker import Worker

STALL_SECONDS = 120
"""How long a worker may say nothing before it counts as hung."""
SECONDS_A_FRAME = 20
"""How long a frame may take at most, on average: the slowest settings for 4K take less."""
LOOK_SECONDS = 0.1
"""How often a running worker is looked after."""

_workers: list[Worker] = []


class WorkerHung(CageEnd):
    """A worker did nothing for too long, and was ended."""

    code = "worker_hung"
    status = 504


def warm_up(settings: Path | None, home: Path) -> None:
    """Make the worker of this process ready, once: plugins it may need are imported, so that nothing is read later."""
    give_large_blocks_back()
    host = PluginHost.load(settings, home=home)
    host.catalogue(kinds=DRAWN_WITH)
    _workers.append(Worker(host))


def perform(work: Work | Finishing, folder: Path) -> Message:
    """Do a piece of work in the child; see ``Worker.perform``."""
    [worker] = _workers
    return worker.perform(work, folder, tell)


class CagedLauncher:
    """Lets each piece of work be done in a child of a cage's warm process. For any thread."""

    def __init__(self, *, settings: Path | None, home: Path, policy: Policy) -> None:
        """Take where ``plugins.toml`` lies (see ``PluginHost.load``) and what is asked of the kernel."""
        self._cage = Cage(f"{__name__}:warm_up", settings, home, policy=policy)

    def warm(self) -> None:
        """Start to warm up; return at once."""
        self._cage.warm()

    def close(self) -> None:
        """End all workers."""
        self._cage.close()

    def perform(
        self,
        work: Work | Finishing,
        folder: Path,
        *,
        inputs: Sequence[Path],
        on_message: Callable[[Message], None],
        cancelled: Stop,
    ) -> Message:
        """Do a piece of work in a child. Raise what it raises, or a ``CageEnd`` that says what became of it."""
        heard = [time.monotonic()]

        def listen(message: JsonValue) -> None:
            heard[0] = time.monotonic()
            on_message(_plain(message))

        job = self._cage.start(
            perform, work, folder, profile=_profile(work), folder=folder, read_only=inputs, on_message=listen
        )
        try:
            return _plain(_result(job, heard, cancelled, is_talkative=isinstance(work, PictureRun)))
        except WorkerHung as hung:
            hung.log = _end(job)
            raise
        except BaseException:
            _end(job)
            raise


def _result(job: CagedJob, heard: Sequence[float], cancelled: Stop, *, is_talkative: bool) -> JsonValue:
    """Wait for a job, as long as it is wanted and says something now and then."""
    while True:
        try:
            return job.result(LOOK_SECONDS)
        except TimeoutError:
            if cancelled.is_set():
                raise Cancelled("the work was cancelled") from None
            if is_talkative and time.monotonic() - heard[0] > STALL_SECONDS:
                raise WorkerHung(f"a worker said nothing for {STALL_SECONDS} s") from None


def _end(job: CagedJob) -> str:
    """Kill a job and wait until nothing is left of it; return the tail of what it printed."""
    job.kill()
    try:
        job.result()
    except CageEnd as end:
        return end.log
    except ReelhouseError:  # it came to an end of its own before
        pass
    return ""


def _plain(message: JsonValue) -> Message:
    if not isinstance(message, dict):
        raise MediaError("a worker said what it should not")
    return message


def _profile(work: Work | Finishing) -> Profile:
    """Return what a piece of work may use: memory for its frames beside its own, and time for as many as it has."""
    match work:
        case Inspection(is_heard=False):
            return PROBE
        case PictureRun():
            pixels = sum(target.width * target.height for target in work.targets)
            return _for_frames(work.frames).for_pixels(work.plan.width * work.plan.height + pixels)
        case WholeRun():
            return _for_frames(work.end - work.first).for_pixels(work.plan.width * work.plan.height)
        case Still():
            return RENDER.for_pixels(work.plan.width * work.plan.height)
    return RENDER


def _for_frames(frames: int) -> Profile:
    seconds = RENDER.deadline + frames * SECONDS_A_FRAME
    return replace(RENDER, deadline=seconds, cpu_seconds=max(RENDER.cpu_seconds, round(seconds)))
