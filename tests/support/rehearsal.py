"""Rehearsals: renders whose workers write what they should and draw nothing, for tests of what happens around them."""

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.api import Catalogue
from core.media.layers.opening import Materials
from core.media.text.fonts import FontLibrary
from core.render.events import RenderEvent
from core.render.ingredients import Ingredients
from core.render.ledger import Ledger
from core.render.making import Making
from core.render.schedule import Schedule, Scheduler
from core.render.station import Station
from core.render.work import Assembly, Examination, Finishing, Message, PictureRun, SoundRun, Work
from core.render.worker import VIDEO
from core.render.workshop import Workshop
from core.timeline.plan import MediaFile
from tests.support.timelines import MEDIA, plan_of_document
from tests.support.workshop import DONE, Script, Scripted

type Json = Any

FACTS = {"loudness": -16.0, "true_peak": -1.5, "notes": [], "waveform": [[-0.5, 0.5]]}
OUTPUT = Path("/out/video.mp4")


def play(work: Work | Finishing, folder: Path, tell: Callable[[Message], None]) -> Message:
    """Do as an honest worker does: write something under each key, and tell of each cut."""
    match work:
        case PictureRun():
            for number, cut in enumerate(work.cuts):
                for key in work.keys_of(cut):
                    (folder / key).write_text(f"pictures {cut.first} to {cut.end}")
                tell({"frames": cut.frames})
                tell({"cut": number})
        case Assembly():
            (folder / VIDEO).write_text("video")
        case Examination():
            pass
        case _:
            for key in work.keys:
                (folder / key).write_text("made")
            if isinstance(work, SoundRun):
                (folder / work.key).write_text(json.dumps(FACTS))
    return DONE


class Rehearsal:
    """One installation in a folder, in which documents are rendered by scripted workers.

    ``given`` is the work of the last render, ``events`` what it told, ``files`` what it made: contents by file name.
    """

    def __init__(
        self,
        folder: Path,
        catalogue: Catalogue,
        *,
        ledger: Ledger | None = None,
        media: Mapping[str, MediaFile] = MEDIA,
    ) -> None:
        self.folder = folder
        self.ledger = ledger or Ledger(folder / "ledger", owner="tests")
        self.materials = Materials(media=media, catalogue=catalogue, fonts=FontLibrary())
        self.events: list[RenderEvent] = []
        self.given: list[Work | Finishing] = []
        self.files: dict[str, str] = {}
        self.cancelled = threading.Event()

    def schedule(self, document: Json) -> Schedule:
        """Schedule a document; nothing is copied from its sources."""
        plan = plan_of_document(document, self.materials.catalogue, media=self.materials.media)
        return Scheduler(self.materials).schedule(plan, OUTPUT, None, lambda _plan, _encoder: {})

    def render(self, document: Json, script: Script = play, *, workers: int = 1) -> Making:
        """Render a document, as far as its files are finished; what comes after that would give them their names."""
        launcher = Scripted(script)
        self.given = launcher.performed
        self.events = []
        station = Station(launcher=launcher, ledger=self.ledger, folder=self.folder / "rendering")
        workshop = Workshop(station=station, workers=workers)
        scheduler = Scheduler(self.materials)
        ingredients = Ingredients.of(self.materials)
        with Making(
            scheduler, self.schedule(document), ingredients, workshop, self.events.append, self.cancelled
        ) as making:
            self.files = {place.name: _content(path) for path, place in making.make()}
        return making


def _content(path: Path) -> str:
    """Return what a file holds, or the names in a folder."""
    return " ".join(sorted(each.name for each in path.iterdir())) if path.is_dir() else path.read_text()
