"""A site: where another process finds what a station is made of, to do work for a render that runs elsewhere."""

import atexit
import os
import threading
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from core.api import ReelhouseError
from core.cage import policy_of
from core.render.caged import CagedLauncher
from core.render.errands import FolderErrand
from core.render.ledger import Ledger
from core.render.report import WorkReport
from core.render.scratch import scratch_folder
from core.render.segments import engine
from core.render.station import KeptPieces, Station
from core.render.work import PictureRun, Work

LEDGER, SCRATCH = "ledger", "rendering"


class WorkerDiffers(ReelhouseError):
    """A worker elsewhere has another version of the engine than the caller: its pixels might be others."""

    code = "worker_differs"
    status = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An installation's ``home`` and the owner of what is made. ``settings`` is the ``plugins.toml`` of its workers.

    ``version`` is that of the caller's engine.
    """

    home: Path
    owner: str
    version: str
    settings: Path | None = None

    def open_station(self, closing: ExitStack) -> Station:
        """Open a station in this process; it is closed with ``closing``."""
        return open_station_at(self, Ledger(self.home / LEDGER, owner=self.owner), closing)


def open_station_at(site: Site, ledger: KeptPieces, closing: ExitStack) -> Station:
    """Open a station at a site; it is closed with ``closing``.

    The environment decides what is asked of the kernel (``REELHOUSE_SANDBOX_WEAK``).
    """
    launcher = CagedLauncher(settings=site.settings, home=site.home, policy=policy_of(os.environ))
    closing.callback(launcher.close)
    folder = closing.enter_context(scratch_folder(site.home / SCRATCH))
    return Station(launcher=launcher, ledger=ledger, folder=folder)


def engine_version() -> str:
    """Return the version of Reelhouse here and of the libraries that it draws with."""
    return f"{version('reelhouse')} {engine()}"


def check_version(wanted: str) -> None:
    """Raise ``WorkerDiffers`` unless the engine of this process is the one that is wanted."""
    if engine_version() != wanted:
        raise WorkerDiffers(
            f"a worker elsewhere has Reelhouse {engine_version()} instead of {wanted}",
            hint="install the same on all machines",
        )


# A worker process does one piece of work after another for the same sites: what it opened stays open.
_stations: dict[tuple[int, Site], Station] = {}
_opening = threading.Lock()


def produce_at(site: Site, work: Work, errand: FolderErrand) -> WorkReport:
    """Do work in this process, which an executor chose; see ``Station.produce``. It ends when the errand is stopped.

    Raise ``WorkerDiffers`` when the engine here is another one.
    """
    check_version(site.version)
    errand.begin()
    with _opening:
        here = os.getpid(), site
        if here not in _stations:
            closing = ExitStack()
            atexit.register(closing.close)
            _stations[here] = site.open_station(closing)
    station = _stations[here]
    if isinstance(work, PictureRun):  # what was done by one who was lost is not done again
        missing = (cut for cut in work.cuts if not all(station.ledger.get(key) for key in work.keys_of(cut)))
        work = replace(work, cuts=tuple(missing))
    return station.produce(work, cancelled=errand)
