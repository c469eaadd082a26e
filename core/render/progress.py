"""Progress of a render: how many frames and segments are done, how fast, and how long the rest will take."""

import threading
import time
from collections.abc import Callable

from core.render.events import Outcome, Progressed, RenderEvent, SegmentDone

EVERY_SECONDS = 0.1


class Progress:
    """Turns what workers tell into events; frames, and segments that were found, at most every tenth of a second.

    For any thread. What is told only grows, up to the whole: frames that are lost with their worker are not taken back,
    but count again once as many are drawn anew.
    """

    def __init__(
        self,
        frames: int,
        segments: int,
        on_event: Callable[[RenderEvent], None],
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._frames = frames
        self._segments = segments
        self._on_event = on_event
        self._now = now
        self._lock = threading.Lock()
        self._whole = self._rendered = self._ahead = self._most = self._segments_done = 0
        self._started = self._told = now()

    def ahead(self, frames: int) -> None:
        """Count frames that are drawn, but in no finished segment yet; a negative number when they no longer are."""
        with self._lock:
            self._ahead += frames
            self._tell_now_and_then()

    def segment_done(self, first: int, end: int, outcome: Outcome) -> None:
        """Count a segment and its frames."""
        with self._lock:
            self._segments_done += 1
            self._whole += end - first
            if outcome is Outcome.RENDERED:
                self._rendered += end - first
            self._on_event(
                SegmentDone(number=self._segments_done, segments=self._segments, first=first, end=end, outcome=outcome)
            )
            if outcome is Outcome.RENDERED:
                self._tell(self._now())  # it may be long until there is more to tell
            else:
                self._tell_now_and_then()

    def tell(self) -> None:
        """Tell where the render stands, however short ago that was."""
        with self._lock:
            self._tell(self._now())

    def _tell_now_and_then(self) -> None:
        now = self._now()
        if now - self._told >= EVERY_SECONDS:
            self._tell(now)

    def _tell(self, now: float) -> None:
        self._told = now
        self._most = min(max(self._most, self._whole + self._ahead), self._frames)
        speed = (self._rendered + self._ahead) / max(now - self._started, 1e-6)
        self._on_event(
            Progressed(
                done=self._most,
                frames=self._frames,
                segments_done=self._segments_done,
                segments=self._segments,
                fps=speed,
                left=_seconds_left(self._frames - self._most, speed),
            )
        )


def _seconds_left(frames: int, speed: float) -> float | None:
    if not frames:
        return 0.0
    return frames / speed if speed else None
