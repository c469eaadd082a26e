"""Progress of a render: how many frames are done, how fast, and how long it will take."""

import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.render.events import Progressed, RenderEvent

if TYPE_CHECKING:
    from core.render.passes import RenderPass

EVERY_SECONDS = 0.1


class Progress:
    """Turns counts of encoded frames into events, not more often than every tenth of a second."""

    def __init__(self, passes: Sequence["RenderPass"], on_event: Callable[[RenderEvent], None]) -> None:
        self._on_event = on_event
        self._frames = sum(each.frames for each in passes)
        self._ends: list[int] = []
        """The frame counts at which spans end, over all passes."""
        before = 0
        for each in passes:
            self._ends += [before + end for end in each.span_ends]
            before += each.frames
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
