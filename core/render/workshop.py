"""The workshop: where renders are done. Here, in children of this process, or elsewhere, on any executor."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from uuid import uuid4

from core.api import Cancelled, ReelhouseError
from core.cage import CageEnd
from core.render.report import WorkReport
from core.render.site import Site, produce_at
from core.render.station import Station
from core.render.stopping import Stop
from core.render.work import PictureRun, Work

LOOK_SECONDS = 0.2
"""How often it is looked what workers elsewhere have finished."""

type OnKept = Callable[[Sequence[str]], None]


class WorkerLost(CageEnd):
    """The executor lost the process that did the work, or could not run it."""

    code = "worker_lost"
    status = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """An executor whose workers can reach the same ledger and files: they find both at the ``site``."""

    executor: Executor
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """The station of this process, how many ``workers`` there are for its work, and where they are if not here."""

    station: Station
    workers: int
    elsewhere: Elsewhere | None = None

    def produce(self, work: Work, *, cancelled: Stop, on_kept: OnKept, on_frames: Callable[[int], None]) -> WorkReport:
        """Have work done and kept; see ``Station.produce``. Raise what it raises, and what the executor does."""
        if self.elsewhere is None:
            return self.station.produce(work, cancelled=cancelled, on_kept=on_kept, on_frames=on_frames)
        return self._produce_elsewhere(self.elsewhere, work, cancelled, on_kept, on_frames)

    def _produce_elsewhere(
        self, elsewhere: Elsewhere, work: Work, cancelled: Stop, on_kept: OnKept, on_frames: Callable[[int], None]
    ) -> WorkReport:
        """Do the same on the executor; what is finished is seen in the ledger."""
        stop = self.station.folder / f"stop-{uuid4()}"
        cuts = deque(work.cuts if isinstance(work, PictureRun) else ())

        def tell_what_is_kept() -> None:
            while isinstance(work, PictureRun) and cuts:
                keys = tuple(work.keys_of(cuts[0]))
                if not all(self.station.ledger.get(key) for key in keys):
                    return
                on_frames(cuts.popleft().frames)
                on_kept(keys)

        doing = elsewhere.executor.submit(produce_at, elsewhere.site, work, stop)
        try:
            while not wait((doing,), LOOK_SECONDS).done:
                tell_what_is_kept()
                if cancelled.is_set():
                    raise Cancelled("the work was cancelled")
            report = _result(doing)
        except BaseException:
            doing.cancel()
            stop.touch()
            tell_what_is_kept()
            raise
        tell_what_is_kept()
        if not isinstance(work, PictureRun):
            on_kept(work.keys)
        return report


def _result(doing: Future[WorkReport]) -> WorkReport:
    """Return what work elsewhere came to; what the executor itself raises is the end of a worker."""
    try:
        return doing.result()
    except ReelhouseError:
        raise
    except Exception as err:  # executors have errors of their own, each its own
        raise WorkerLost(f"a worker elsewhere was lost: {type(err).__name__}: {err}") from err
