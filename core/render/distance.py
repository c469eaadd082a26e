"""Distance: workers on machines with homes of their own. Files go to them, and pieces come back, through a store."""

import asyncio
import atexit
import os
import threading
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.api import Storage
from core.host.home import home_folder
from core.host.host import PluginHost
from core.render.errands import ROOM, StoredErrand
from core.render.ledger import Ledger, SharedFiles, StoredLedger
from core.render.ledger.shelf import Shelf
from core.render.parcels import Parcel, unpack
from core.render.report import WorkReport
from core.render.scratch import work_folder
from core.render.site import LEDGER, Site, check_version, open_station_at
from core.render.station import Station
from core.render.work import PictureRun

NOTES_KEPT = timedelta(days=1)
"""How old the notes of errands get: no work lasts that long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DistantSite:
    """What caller and workers have in common: the store with this id, which each opens with its own settings.

    ``owner`` is whose the files and pieces are, ``version`` that of the caller's engine.
    """

    store: str
    owner: str
    version: str
    settings: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """A store as one process uses it: its station keeps pieces there, ``files`` brings sources, ``notes`` errands."""

    station: Station
    files: SharedFiles
    notes: Shelf


def open_depot(site: DistantSite, home: Path, closing: ExitStack) -> Depot:
    """Open the store in this process, with copies of what is used in ``home``; it is closed with ``closing``.

    Raise ``NotFound`` for a store that is not installed, and what opening it raises.
    """
    storage = _open_store(site, home, closing)
    folder = home / LEDGER
    ledger = StoredLedger(storage, folder, owner=site.owner)
    at_home = Site(home=home, owner=site.owner, version=site.version, settings=site.settings)
    return Depot(
        station=open_station_at(at_home, ledger, closing),
        files=SharedFiles(storage, folder, owner=site.owner),
        notes=Shelf(storage, Ledger(folder, owner=site.owner), room=ROOM, owner=site.owner),
    )


def sweep_notes(notes: Shelf, now: datetime | None = None) -> None:
    """Remove the notes of errands whose caller did not come to do so."""
    oldest = (now or datetime.now(UTC)) - NOTES_KEPT
    for name, stored in notes.files().items():
        if stored.modified < oldest:
            notes.delete(name)


# A worker process does one piece of work after another for the same sites: what it opened stays open.
_depots: dict[tuple[int, DistantSite], Depot] = {}
_opening = threading.Lock()


def produce_at_distance(site: DistantSite, parcel: Parcel, errand: str) -> WorkReport:
    """Do work in this process, which an executor chose; see ``Station.produce``. The home is this machine's own.

    Raise ``WorkerDiffers`` when the engine here is another one.
    """
    check_version(site.version)
    with _opening:
        here = os.getpid(), site
        if here not in _depots:
            closing = ExitStack()
            atexit.register(closing.close)
            _depots[here] = open_depot(site, home_folder(), closing)
    depot = _depots[here]
    coming = StoredErrand(depot.notes, errand)
    coming.begin()
    station = depot.station
    with work_folder(station.folder, "parcel-") as folder:
        work = unpack(parcel, depot.files, folder)
        if isinstance(work, PictureRun):  # what was done by one who was lost is not done again
            missing = (cut for cut in work.cuts if not all(station.ledger.get(key) for key in work.keys_of(cut)))
            work = replace(work, cuts=tuple(missing))
        return station.produce(work, cancelled=coming)


def _open_store(site: DistantSite, home: Path, closing: ExitStack) -> Storage:
    host = closing.enter_context(PluginHost.load(site.settings, home=home))
    storage = asyncio.run(host.open_storage(site.store))
    closing.callback(lambda: asyncio.run(storage.close()))
    return storage
