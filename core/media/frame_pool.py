"""A pool of drawn frames: what nobody holds any more is drawn into again, instead of asking the system for pages."""

import sys

import av

from core.media.frames import new_frame

MOST = 16
"""Frames that are kept. More than a pipeline holds at a time."""
OURS = 3
"""References to a frame that nobody else holds: the pool's, the loop's, and the one that counting takes."""


class FramePool:
    """Frames of one size in ``yuv420p``, tagged BT.709. For one thread; others may hold and let go of its frames."""

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height
        self._frames: list[av.VideoFrame] = []

    def take(self) -> av.VideoFrame:
        """Return a frame with undefined content that only the caller holds.

        Views of its planes hold it too, and so do encoders: then its memory is another one when it is taken again.
        """
        for frame in self._frames:
            if sys.getrefcount(frame) == OURS:
                frame.make_writable()
                return frame
        fresh = new_frame(self._width, self._height)
        if len(self._frames) < MOST:
            self._frames.append(fresh)
        return fresh
