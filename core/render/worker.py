"""The worker: the media work of a render, done in a process of its own.

It takes plain values and a folder to write into, and returns plain values; what it has to say meanwhile it tells.
Nothing here knows the ledger, the output's place, or who asked.
"""

import json
import resource
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import assert_never

from core.api import MediaError, ReelhouseError
from core.host.host import PluginHost
from core.media.audio import measure_loudness
from core.media.probe import probe
from core.render.assembly import assemble
from core.render.bundle import draw_still, write_storyboard
from core.render.copied_strips import draw_strip
from core.render.copying.index import NOTHING, index_source
from core.render.examining import examine
from core.render.pictures import draw_run
from core.render.probes import write_probe
from core.render.sounds import mix_run
from core.render.wholes import make_whole
from core.render.work import (
    Assembly,
    Examination,
    Finishing,
    Indexing,
    Inspection,
    Message,
    PictureRun,
    SoundRun,
    Still,
    Storyboard,
    StripRun,
    WholeRun,
    Work,
)
from core.render.writing import room_hint

VIDEO = "video"
"""The name of a file that is put together."""


class Worker:
    """A process's own plugins, and what is done with them."""

    def __init__(self, host: PluginHost) -> None:
        self._host = host

    def perform(self, work: Work | Finishing, folder: Path, tell: Callable[[Message], None]) -> Message:
        """Do a piece of work, writing into ``folder``, which is its alone.

        Tells ``{"frames": n}`` when frames are done and ``{"cut": i}`` when all pieces of a run's cut are. Returns
        ``notes`` and ``spans`` where something was drawn, and what it cost: ``cpu_seconds``, ``peak_memory`` in bytes.
        When the disk is full it raises ``MediaError`` with a hint, whoever's code wrote.
        """
        started = time.process_time()
        try:
            done = self._perform(work, folder, tell)
        except (OSError, ReelhouseError) as err:
            hint = room_hint(err)
            if hint is None:
                raise
            raise MediaError(str(err), hint=hint) from err
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return done | {"cpu_seconds": time.process_time() - started, "peak_memory": peak}

    def _perform(self, work: Work | Finishing, folder: Path, tell: Callable[[Message], None]) -> Message:
        match work:
            case PictureRun():
                return draw_run(work, work.ingredients.materials(self._host), folder, tell)
            case SoundRun():
                mix_run(work, work.ingredients.materials(self._host), folder)
            case WholeRun():
                return make_whole(work, work.ingredients.materials(self._host), folder, tell)
            case Still():
                draw_still(work, work.ingredients.materials(self._host), folder)
            case Inspection(is_heard=True):
                (folder / work.key).write_text(json.dumps(asdict(measure_loudness(work.path))))
            case Inspection():
                (folder / work.key).write_bytes(write_probe(probe(work.path)))
            case Indexing():
                index = index_source(work.path)
                (folder / work.key).write_bytes(NOTHING if index is None else index.to_json())
            case StripRun():
                draw_strip(work, folder)
            case Assembly():
                catalogue = self._host.catalogue(frozenset({work.target.encoder}))
                assemble(work, catalogue.encoders[work.target.encoder], folder / VIDEO)
            case Examination():
                examine(work)
            case Storyboard():
                write_storyboard(work, *(folder / key for key in work.keys))
            case _:
                assert_never(work)
        return {}
