"""Progress of a render: how many frames are done, how fast, and how long it will take."""

import time
from bisect import bisect_right
from collections.abc import Callable, Sequence

from core.render.events import Progressed, RenderEvent

EVERY_SECONDS = 0.1


class Progress:
    """Turns counts of encoded frames into events, not more often than every tenth of a second."""

    def __init__(self, span_ends: Sequence[Sequence[int]], on_event: Callable[[RenderEvent], None]) -> None:
        """Take, for each pass, the number of frames done when each of its spans ends."""
        self._on_event = on_event
        self._ends: list[int] = []
        for ends in span_ends:
            before = self._ends[-1] if self._ends else 0
            self._ends += [before + end for end in ends]
        self._frames = self._ends[-1] if self._ends else 0
        self._before = 0
        self._started = self._told = time.monotonic()

    def encoded(self, done_in_pass: int) -> None:
        """Take the number of frames that the current pass has encoded."""
        now = time.monotonic()
        done = self._before + done_in_pass
        if now - self._told < EVERY_SECONDS and done < self._frames:
            return
        self._told = now
        speed = done / max(now - self._started, 1e-6)
        self._on_event(
            Progressed(
                done=done,
                frames=self._frames,
                span=min(bisect_right(self._ends, done - 1) + 1, len(self._ends)),
                spans=len(self._ends),
                fps=speed,
                left=(self._frames - done) / speed if done else None,
            )
        )

    def pass_done(self, frames: int) -> None:
        """Go on to the next pass."""
        self._before += frames
