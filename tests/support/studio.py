"""An installation in a folder, in which documents are rendered again and again."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from core.host.host import PluginHost
from core.render.events import RenderEvent
from core.render.job import RenderJob, render
from core.render.ledger import PIECE
from core.render.opening import open_workshop
from core.render.preparing import prepare
from core.render.probing import Prober
from core.render.report import RenderReport
from core.render.workshop import Workshop

HOME = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStudio:
    """An installation that stays open: all renders share its workers. ``events`` are those of the latest one."""

    folder: Path
    workshop: Workshop
    host: PluginHost
    events: list[RenderEvent]

    def render(
        self,
        document: Any,
        *,
        name: str = "out",
        on_event: Callable[[RenderEvent], None] = lambda _event: None,
        cancelled: threading.Event | None = None,
    ) -> RenderReport:
        """Render a document whose files lie in the folder; what is written lies in ``out``."""
        self.events.clear()
        prepared = prepare(
            json.dumps(document),
            root=self.folder,
            home=self.folder / HOME,
            host=self.host,
            probe=Prober(self.workshop.station).probe,
        )
        job = RenderJob(
            plan=prepared.plan,
            output=self.folder / "out" / f"{name}{prepared.plan.output.extension}",
            materials=prepared.materials,
            assets=prepared.assets,
        )

        def hear(event: RenderEvent) -> None:
            self.events.append(event)
            on_event(event)

        return render(job, self.workshop, hear, cancelled=cancelled)


class Studio:
    """An installation in a folder, in which documents are rendered again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[RenderEvent] = []

    @contextmanager
    def open(self, *, workers: int = 1, executor: Executor | None = None) -> Iterator[OpenStudio]:
        """Open the installation for several renders."""
        home = self.folder / HOME
        with (
            open_workshop(home, owner="tests", workers=workers, executor=executor) as workshop,
            PluginHost.load(home=home) as host,
        ):
            yield OpenStudio(folder=self.folder, workshop=workshop, host=host, events=self.events)

    def render(
        self,
        document: Any,
        *,
        workers: int = 1,
        executor: Executor | None = None,
        name: str = "out",
        on_event: Callable[[RenderEvent], None] = lambda _event: None,
        cancelled: threading.Event | None = None,
    ) -> RenderReport:
        """Open the installation for one render; see ``OpenStudio.render``."""
        with self.open(workers=workers, executor=executor) as studio:
            return studio.render(document, name=name, on_event=on_event, cancelled=cancelled)

    @property
    def ledger(self) -> list[Path]:
        """All pieces that are kept."""
        return sorted((self.folder / HOME / "ledger").glob(f"*/*/{PIECE}"))


def content_of(path: str | Path) -> list[object]:
    """Return a digest of each frame with its time, and of each packet of sound: what is seen and heard of a video.

    Not its bytes: with several threads x264 sometimes pads a tiny picture with three bytes that mean nothing.
    """
    with av.open(str(path)) as container:
        seen = [
            (frame.pts, hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest()) for frame in container.decode(video=0)
        ]
    with av.open(str(path)) as container:
        heard = [
            (packet.pts, hashlib.sha256(bytes(packet)).hexdigest())
            for packet in (container.demux(audio=0) if container.streams.audio else ())
        ]
    return [*seen, *heard]
