"""An installation in a folder, in which documents are rendered again and again."""

import hashlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import Executor
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


class Studio:
    """An installation in a folder, in which documents are rendered again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[RenderEvent] = []

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
        """Render a document whose files lie in the folder; what is written lies in ``out``."""
        home = self.folder / "home"
        self.events = []
        with (
            open_workshop(home, owner="tests", workers=workers, executor=executor) as workshop,
            PluginHost.load(home=home) as host,
        ):
            prepared = prepare(
                json.dumps(document), root=self.folder, home=home, host=host, probe=Prober(workshop.station).probe
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

            return render(job, workshop, hear, cancelled=cancelled)

    @property
    def ledger(self) -> list[Path]:
        """All pieces that are kept."""
        return sorted((self.folder / "home" / "ledger").glob(f"*/*/{PIECE}"))


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
