"""Pictures of a run: neighbouring segments drawn by one compositor, each encoded into pieces of its own."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path

import av

from core.api import EncodeJob, EncodeSession
from core.media.compositor import Compositor
from core.media.encode import open_session
from core.media.frames import EXACT
from core.media.layers.opening import Materials
from core.render.pipeline import encode
from core.render.report import SpanReport, clips_of, work_of
from core.render.segments import spans_between
from core.render.strips import StripTap
from core.render.work import Cut, Message, PictureRun, Target, strip_key
from core.timeline.plan import Plan

ENCODER_THREADS = 2
"""How many threads encode a piece: with the one that draws they keep two processors busy."""

TELL_SECONDS = 0.1
"""How often it is told how many frames are done: each message costs host and worker a wake-up."""

type Tell = Callable[[Message], None]
"""Takes what a worker has to say while it works."""


def draw_run(run: PictureRun, materials: Materials, folder: Path, tell: Tell) -> Message:
    """Draw and encode a run into ``folder``.

    Tells ``{"frames": n}`` for frames that are done and ``{"cut": i}`` when all pieces of a cut lie there whole.
    Returns the notes of its clips and what each span cost.
    """
    has_alpha = any(materials.catalogue.encoders[target.encoder].has_alpha for target in run.targets)
    drawing = Drawing(run.plan, Compositor(run.plan, materials), has_alpha=has_alpha)
    pieces = _Pieces(run, materials, folder, tell)
    try:
        frames = chain.from_iterable(drawing.frames(cut.first, cut.end) for cut in run.cuts)
        encode(pieces.write, frames, fps=run.plan.fps, audio=None, on_encoded=lambda _done: None)
    except BaseException:
        pieces.abort()
        raise
    finally:
        drawing.close()
    return drawing.report()


class Drawing:
    """Draws a plan's frames in order, noting what each span cost."""

    def __init__(self, plan: Plan, compositor: Compositor, *, has_alpha: bool) -> None:
        self._plan = plan
        self._compositor = compositor
        self._draw = compositor.rgba_frame if has_alpha else compositor.frame
        self._spans: list[SpanReport] = []

    def frames(self, first: int, end: int) -> Iterator[av.VideoFrame]:
        """Draw the frames ``[first, end)``."""
        for span in spans_between(self._plan, first, end):
            started, cpu_started = time.perf_counter(), time.process_time()
            for number in range(span.first, span.end):
                yield self._draw(number)
            self._spans.append(
                SpanReport(
                    first=span.first,
                    end=span.end,
                    key=span.key,
                    clips=clips_of(self._plan.layers, span),
                    work=work_of(span),
                    seconds=time.perf_counter() - started,
                    cpu_seconds=time.process_time() - cpu_started,
                )
            )

    def report(self) -> Message:
        """Return the notes of the clips and what each span cost, as plain values."""
        return {"notes": list(self._compositor.notes), "spans": [asdict(span) for span in self._spans]}

    def close(self) -> None:
        """Release all layers."""
        self._compositor.close()


class _Pieces:
    """Takes the frames of all cuts one after another, as one session would, and closes a piece when its cut ends."""

    def __init__(self, run: PictureRun, materials: Materials, folder: Path, tell: Tell) -> None:
        self._cuts = iter(run.cuts)
        self._targets = [_Encoding(target, run.plan, materials) for target in run.targets]
        self._folder = folder
        self._tell = tell
        self._open: list[tuple[_Encoding, EncodeSession]] = []
        self._left = 0
        self._number = -1
        self._cut: Cut | None = None
        self._strip = run.strip
        self._tap = StripTap(run.plan)
        self._untold = 0
        self._told_at = time.monotonic()

    def write(self, frame: av.VideoFrame) -> None:
        """Take the next frame of the run."""
        if not self._left:
            self._begin(next(self._cuts))
        assert self._cut is not None, "a cut has begun"
        number = self._cut.end - self._cut.first - self._left
        for encoding, session in self._open:
            scaled = encoding.scaled(frame)
            scaled.pts = number
            session.write_video(scaled)
        if self._strip is not None:
            self._tap.look_at(frame, number, self._cut.end - self._cut.first)
        self._left -= 1
        self._untold += 1
        if not self._left:
            self._end()
        elif time.monotonic() - self._told_at > TELL_SECONDS:
            self._tell_frames()

    def abort(self) -> None:
        """Remove what is unfinished."""
        for _, session in self._open:
            session.abort()
        self._open = []

    def _begin(self, cut: Cut) -> None:
        self._cut, self._left, self._number = cut, cut.end - cut.first, self._number + 1
        for encoding, key in zip(self._targets, cut.keys, strict=True):
            if key is not None:
                self._open.append((encoding, encoding.open(self._folder, key, self._left)))

    def _end(self) -> None:
        for _, session in self._open:
            session.close()
        self._open = []
        assert self._cut is not None, "a cut has begun"
        if self._strip is not None and (key := self._cut.keys[self._strip]) is not None:
            self._tap.write(self._folder / strip_key(key))
        self._tell_frames()
        self._tell({"cut": self._number})

    def _tell_frames(self) -> None:
        self._tell({"frames": self._untold})
        self._untold, self._told_at = 0, time.monotonic()


class _Encoding:
    """One target's way from a drawn frame to a piece."""

    def __init__(self, target: Target, plan: Plan, materials: Materials) -> None:
        self._target = target
        self._plan = plan
        self._materials = materials
        # A piece is a picture alone; what the container is told for the whole file does not fit it.
        whole = materials.catalogue.encoders[target.encoder]
        self._encoder = replace(whole, audio=None, container_options={})

    def open(self, folder: Path, key: str, frames: int) -> EncodeSession:
        """Open a piece, with as many threads on every machine: its bytes may depend on them."""
        job = EncodeJob(
            path=folder / key,
            width=self._target.width,
            height=self._target.height,
            fps=self._plan.fps,
            frames=frames,
            has_audio=False,
            values=self._target.values,
            threads=ENCODER_THREADS,
        )
        return open_session(self._encoder, job, catalogue=self._materials.catalogue)

    def scaled(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Return a frame in the target's size."""
        width, height = self._target.width, self._target.height
        if (frame.width, frame.height) == (width, height):
            return frame
        return frame.reformat(width, height, interpolation=EXACT)
