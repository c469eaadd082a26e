"""One pass over a plan's frames: drawn, looked at for poster and storyboard, encoded to one output."""

import time
from collections.abc import Iterator
from pathlib import Path

import av

from core.api import EncodeJob, Encoder
from core.media.audio import RenderedAudio
from core.media.audio.samples import RATE
from core.media.compositor import Compositor
from core.media.encode import open_session, write_sidecars
from core.media.layers.opening import Materials
from core.render.bundle import PictureTap
from core.render.pipeline import AudioFeed, encode
from core.render.progress import Progress
from core.render.report import SpanReport, clips_of, work_of
from core.timeline.plan import Plan, Span


class RenderPass:
    """A plan's frames ``[first, end)`` on their way to one file. ``run`` is called once."""

    def __init__(self, plan: Plan, output: Path, materials: Materials, *, first: int, end: int) -> None:
        self.plan = plan
        self.reports: list[SpanReport] = []
        self.notes: tuple[str, ...] = ()
        self._output = output
        self._materials = materials
        self._encoder: Encoder = materials.catalogue.encoders[plan.output.encoder]
        if self._encoder.is_still:
            poster_at = plan.output.poster_at
            first = first if poster_at is None else min(max(int(poster_at * plan.fps), first), end - 1)
            end = first + 1
        self._first, self._end = first, end

    @property
    def frames(self) -> int:
        """How many frames the pass draws; none for sound alone."""
        return self._end - self._first if self._draws else 0

    @property
    def spans(self) -> int:
        """How many spans the pass draws."""
        return len(self._drawn_spans()) if self._draws else 0

    @property
    def span_ends(self) -> list[int]:
        """The number of frames done when each span ends."""
        return [span.end - self._first for span in self._drawn_spans()] if self._draws else []

    @property
    def _draws(self) -> bool:
        return self._encoder.video is not None or self._encoder.open is not None

    def run(self, audio: RenderedAudio | None, progress: Progress) -> Iterator[Path]:
        """Draw and encode; yield the paths of the files written."""
        has_audio = audio is not None and self._encoder.audio is not None
        job = EncodeJob(
            path=self._output,
            width=self.plan.width,
            height=self.plan.height,
            fps=self.plan.fps if self._draws else None,
            frames=self.frames,
            has_audio=has_audio,
            values=self.plan.output.values,
            sample_rate=RATE,
        )
        tap = PictureTap(self.plan, first=self._first, end=self._end)
        session = open_session(self._encoder, job, captions=self.plan.captions)
        compositor = Compositor(self.plan, self._materials)
        feed = AudioFeed(session, audio.blocks(), RATE) if audio is not None and has_audio else None
        try:
            encode(
                session,
                tap.pass_by(self._drawn(compositor)),
                fps=self.plan.fps,
                audio=feed,
                on_encoded=progress.encoded,
            )
            session.close()
        except BaseException:
            session.abort()
            raise
        finally:
            self.notes = tuple(compositor.notes)
            compositor.close()
        progress.pass_done(self.frames)
        yield self._output
        stem = self._output.with_suffix("")
        yield from tap.write(stem)
        yield from write_sidecars(self.plan.captions, stem)

    def _drawn_spans(self) -> list[Span]:
        return [
            span.cut(self._first, self._end)
            for span in self.plan.spans
            if span.first < self._end and span.end > self._first
        ]

    def _drawn(self, compositor: Compositor) -> Iterator[av.VideoFrame]:
        """Draw span after span, noting what each cost."""
        if not self._draws:
            return
        draw = compositor.rgba_frame if self._encoder.has_alpha else compositor.frame
        for span in self._drawn_spans():
            started, cpu_started = time.perf_counter(), time.process_time()
            for number in range(span.first, span.end):
                yield draw(number)
            self.reports.append(
                SpanReport(
                    first=span.first,
                    end=span.end,
                    key=span.key,
                    clips=clips_of(self.plan.layers, span),
                    work=work_of(span),
                    seconds=time.perf_counter() - started,
                    cpu_seconds=time.process_time() - cpu_started,
                )
            )
