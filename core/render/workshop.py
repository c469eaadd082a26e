"""The workshop: where renders are done. Here, in children of this process, or elsewhere, on any executor."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass

from core.api import Cancelled, ReelhouseError
from core.render.elsewhere import Elsewhere, Given
from core.render.errands import Errand, WorkerLost
from core.render.ledger import LedgerFailed
from core.render.parcels import Portable
from core.render.report import WorkReport
from core.render.station import Station
from core.render.stopping import Stop
from core.render.work import PictureRun, SoundRun, Still, WholeRun, Work

_log = logging.getLogger(__name__)

type OnKept = Callable[[Sequence[str]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """The station of this process, how many ``workers`` there are for its work, and where they are if not here."""

    station: Station
    workers: int
    elsewhere: Elsewhere | None = None

    def produce(self, work: Work, *, cancelled: Stop, on_kept: OnKept, on_frames: Callable[[int], None]) -> WorkReport:
        """Have work done and kept; see ``Station.produce``. Raise what it raises, and what the executor does."""
        if self.elsewhere is None or not isinstance(work, PictureRun | SoundRun | WholeRun | Still):
            return self.station.produce(work, cancelled=cancelled, on_kept=on_kept, on_frames=on_frames)
        return self._produce_elsewhere(self.elsewhere, work, cancelled, on_kept, on_frames)

    def _produce_elsewhere(
        self, elsewhere: Elsewhere, work: Portable, cancelled: Stop, on_kept: OnKept, on_frames: Callable[[int], None]
    ) -> WorkReport:
        """Do the same on the executor; what is finished is seen in the ledger."""
        cuts = deque(work.cuts if isinstance(work, PictureRun) else ())

        def tell_what_is_kept() -> None:
            while isinstance(work, PictureRun) and cuts:
                keys = tuple(work.keys_of(cuts[0]))
                if not all(self.station.ledger.get(key) for key in keys):
                    return
                on_frames(cuts.popleft().frames)
                on_kept(keys)

        given = _given(elsewhere, work)
        try:
            while not wait((given.doing,), elsewhere.look_seconds).done:
                tell_what_is_kept()
                if cancelled.is_set():
                    raise Cancelled("the work was cancelled")
            report = _result(given.doing)
        except BaseException:
            if not given.doing.done():
                given.doing.cancel()
                _stop(given.errand)  # some executors say that they cancel what goes on
            tell_what_is_kept()
            raise
        given.errand.close()
        tell_what_is_kept()
        if not isinstance(work, PictureRun):
            on_kept(work.keys)
        return report


def _given(elsewhere: Elsewhere, work: Portable) -> Given:
    """Give work away; what the executor itself raises is the end of a worker: it is closed, or broken."""
    try:
        return elsewhere.give(work)
    except ReelhouseError:
        raise
    except Exception as err:  # executors have errors of their own, each its own
        raise WorkerLost(f"a worker elsewhere can't be given work: {type(err).__name__}: {err}") from err


def _result(doing: Future[WorkReport]) -> WorkReport:
    """Return what work elsewhere came to; what the executor itself raises is the end of a worker."""
    try:
        return doing.result()
    except ReelhouseError:
        raise
    except Exception as err:  # executors have errors of their own, each its own
        raise WorkerLost(f"a worker elsewhere was lost: {type(err).__name__}: {err}") from err


def _stop(errand: Errand) -> None:
    """Ask a worker to stop; where that can't be noted, it goes on to the end of its work."""
    try:
        errand.stop()
    except (OSError, LedgerFailed) as err:
        _log.warning("a worker elsewhere can't be told to stop: %s", err)
