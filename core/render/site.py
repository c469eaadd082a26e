"""A site: where another process finds what a station is made of, to do work for a render that runs elsewhere."""

import atexit
import os
import threading
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from core.cage import policy_of
from core.render.caged import CagedLauncher
from core.render.ledger import Ledger
from core.render.report import WorkReport
from core.render.scratch import scratch_folder
from core.render.station import Station
from core.render.stopping import StopFile
from core.render.work import PictureRun, Work

LEDGER, SCRATCH = "ledger", "rendering"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An installation's ``home`` and the owner of what is made. ``settings`` is the ``plugins.toml`` of its workers."""

    home: Path
    owner: str
    settings: Path | None = None

    def open_station(self, closing: ExitStack) -> Station:
        """Open a station in this process; it is closed with ``closing``.

        The environment decides what is asked of the kernel (``REELHOUSE_SANDBOX_WEAK``).
        """
        launcher = CagedLauncher(settings=self.settings, home=self.home, policy=policy_of(os.environ))
        closing.callback(launcher.close)
        folder = closing.enter_context(scratch_folder(self.home / SCRATCH))
        return Station(launcher=launcher, ledger=Ledger(self.home / LEDGER, owner=self.owner), folder=folder)


# A worker process does one piece of work after another for the same sites: what it opened stays open.
_stations: dict[tuple[int, Site], Station] = {}
_opening = threading.Lock()


def produce_at(site: Site, work: Work, stop: Path) -> WorkReport:
    """Do work in this process, which an executor chose; see ``Station.produce``. It ends when ``stop`` appears."""
    with _opening:
        here = os.getpid(), site
        if here not in _stations:
            closing = ExitStack()
            atexit.register(closing.close)
            _stations[here] = site.open_station(closing)
    station = _stations[here]
    if isinstance(work, PictureRun):  # an executor may give work again whose first worker died
        missing = (cut for cut in work.cuts if not all(station.ledger.get(key) for key in work.keys_of(cut)))
        work = replace(work, cuts=tuple(missing))
    return station.produce(work, cancelled=StopFile(stop))
