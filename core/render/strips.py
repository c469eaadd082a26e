"""Strips: the thumbnails of one segment in a row, kept beside its piece, from which storyboards are put together."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.media.frames import Converter, new_frame, plane_view
from core.render.writing import write_picture
from core.timeline.plan import Plan

THUMBNAIL_WIDTH = 160
INTERVAL = Fraction(1, 2)
"""Seconds from one thumbnail to the next."""
MOST = 400
"""Thumbnails that a strip holds: a JPEG is at most 65,535 pixels wide. In a longer segment they lie farther apart."""
QUALITY = 85

type Picture = NDArray[np.uint8]
"""RGB, shape (height, width, 3)."""


def thumbnail_size(plan: Plan) -> tuple[int, int]:
    """Return the width and height of a plan's thumbnails, even numbers of pixels."""
    height = round(THUMBNAIL_WIDTH * plan.height / plan.width / 2) * 2
    return THUMBNAIL_WIDTH, max(2, height)


def thumbnail_frames(plan: Plan, frames: int) -> range:
    """Return which of a segment's frames, counted from its first, have a thumbnail."""
    return range(0, frames, max(1, round(INTERVAL * plan.fps), ceil(frames / MOST)))


class StripTap:
    """Looks at the frames of segments and makes their strips."""

    def __init__(self, plan: Plan) -> None:
        self._size = thumbnail_size(plan)
        self._plan = plan
        self._converter = Converter()
        self._pictures: list[Picture] = []

    def look_at(self, frame: av.VideoFrame, number: int, frames: int) -> None:
        """Take a frame, the ``number``-th of the ``frames`` of its segment."""
        if number in thumbnail_frames(self._plan, frames):
            self.add(self.thumbnail(frame))

    def add(self, picture: Picture) -> None:
        """Take a thumbnail as the next one."""
        self._pictures.append(picture)

    def write(self, path: Path) -> None:
        """Write the strip of what was taken since the last one."""
        write_picture(Image.fromarray(np.concatenate(self._pictures, axis=1)), path, "JPEG", quality=QUALITY)
        self._pictures.clear()

    def thumbnail(self, frame: av.VideoFrame) -> Picture:
        """Return a frame in a thumbnail's size."""
        width, height = self._size
        if frame.format.name == "rgba":
            rgb: Picture = cv2.resize(frame.to_ndarray()[:, :, :3], (width, height), interpolation=cv2.INTER_AREA)
            return rgb
        small = new_frame(width, height)
        for index in range(3):
            target = plane_view(small, index)
            target[:] = cv2.resize(plane_view(frame, index), target.shape[::-1], interpolation=cv2.INTER_AREA)
        return self._converter.frame_to_rgb(small)


def read_strip(path: Path, plan: Plan, frames: int) -> Sequence[Picture]:
    """Return the thumbnails of a segment's strip."""
    width, _ = thumbnail_size(plan)
    with Image.open(path, formats=("JPEG",)) as image:
        whole = np.asarray(image.convert("RGB"))
    return [whole[:, start * width : (start + 1) * width] for start in range(len(thumbnail_frames(plan, frames)))]
