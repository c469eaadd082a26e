"""Progress of a render: how many frames and segments are done, how fast, and how long the rest will take."""

import threading
import time
from collections.abc import Callable

from core.render.events import Outcome, Progressed, RenderEvent, SegmentDone

EVERY_SECONDS = 0.1


class Progress:
    """Turns what workers tell into events; frames not more often than every tenth of a second. For any thread."""

    def __init__(self, frames: int, segments: int, on_event: Callable[[RenderEvent], None]) -> None:
        self._frames = frames
        self._segments = segments
        self._on_event = on_event
        self._lock = threading.Lock()
        self._found = self._drawn = self._segments_done = 0
        self._started = self._told = time.monotonic()

    def drawn(self, frames: int) -> None:
        """Count frames that were drawn and encoded, or take some back that are lost (a negative number)."""
        with self._lock:
            self._drawn += frames
            now = time.monotonic()
            if now - self._told >= EVERY_SECONDS or self._found + self._drawn >= self._frames:
                self._told = now
                self._tell(now)

    def segment_done(self, first: int, end: int, outcome: Outcome) -> None:
        """Count a segment; the frames of one that was not drawn are counted with it."""
        with self._lock:
            self._segments_done += 1
            if outcome is not Outcome.RENDERED:
                self._found += end - first
            self._on_event(
                SegmentDone(number=self._segments_done, segments=self._segments, first=first, end=end, outcome=outcome)
            )

    def _tell(self, now: float) -> None:
        done = self._found + self._drawn
        speed = self._drawn / max(now - self._started, 1e-6)
        self._on_event(
            Progressed(
                done=done,
                frames=self._frames,
                segments_done=self._segments_done,
                segments=self._segments,
                fps=speed,
                left=(self._frames - done) / speed if self._drawn > 0 else None,
            )
        )
