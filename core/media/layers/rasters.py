"""Rasters: the pixels of a clip's source at a time, cropped and scaled for one layer."""

from collections.abc import Callable, Hashable
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import cv2
import numpy as np

from core.api import Planes
from core.media.frames import Converter, planes_view
from core.media.intake import reading
from core.media.normalize import Normalizer, Shape
from core.media.still import read_still
from core.media.video import VideoReader
from core.timeline.plan import Probe
from core.timeline.sources import Playback

type Crop = tuple[float, float, float, float]
"""What is seen of the source: x, y, width, height in its pixels."""


class Raster(Protocol):
    """A source opened for one layer, delivering planes of one even size. One owner, one thread."""

    is_still: bool

    def state(self, time: Fraction) -> Hashable:
        """Return what tells two pictures apart: equal states have equal pixels."""

    def planes(self, time: Fraction) -> Planes:
        """Return the picture at a time of the clip, straight alpha; nobody may write into it."""

    def frame(self, time: Fraction) -> av.VideoFrame | None:
        """Return the opaque picture as a frame of its own, for passing on untouched; None where there is none."""

    def close(self) -> None:
        """Release what is open."""


class VideoRaster:
    """The moving picture of a file."""

    is_still = False

    def __init__(self, path: Path, probe: Probe, playback: Playback, crop: Crop, width: int, height: int) -> None:
        self._path = path
        self._reader = VideoReader(path, has_alpha=probe.has_alpha, deinterlace=probe.is_interlaced)
        self._playback = playback
        self._normalizer = Normalizer(
            Shape(
                size=(probe.width, probe.height),
                crop=crop,
                width=width,
                height=height,
                has_alpha=probe.has_alpha,
                rotation=probe.rotation,
            )
        )
        self._is_opaque = not probe.has_alpha

    def state(self, time: Fraction) -> Hashable:
        return self._decoded(time).pts

    def planes(self, time: Fraction) -> Planes:
        return planes_view(self._normalized(time))

    def frame(self, time: Fraction) -> av.VideoFrame | None:
        return self._normalized(time) if self._is_opaque else None

    def close(self) -> None:
        self._normalizer.close()
        self._reader.close()

    def _normalized(self, time: Fraction) -> av.VideoFrame:
        with reading(self._path):
            return self._normalizer.normalize(self._decoded(time))

    def _decoded(self, time: Fraction) -> av.VideoFrame:
        source_time = self._playback.source_time(time)
        if self._playback.reverse:
            return self._reader.frame_before(source_time)
        return self._reader.frame_at(source_time)


class StillRaster:
    """A still picture of a file, scaled once."""

    is_still = True

    def __init__(self, path: Path, crop: Crop, width: int, height: int) -> None:
        pixels = read_still(path)
        left, top = min(round(crop[0]), pixels.shape[1] - 1), min(round(crop[1]), pixels.shape[0] - 1)
        right, bottom = left + max(1, round(crop[2])), top + max(1, round(crop[3]))
        seen = pixels[top:bottom, left:right]
        shrinks = width * height < seen.shape[0] * seen.shape[1]
        sized = cv2.resize(seen, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
        converter = Converter()
        self._planes = (
            converter.rgba_to_planes(sized) if sized.shape[2] == 4 else converter.to_planes(np.ascontiguousarray(sized))
        )

    def state(self, time: Fraction) -> Hashable:  # noqa: ARG002 - a still is the same at all times
        return 0

    def planes(self, time: Fraction) -> Planes:  # noqa: ARG002
        return self._planes

    def frame(self, time: Fraction) -> av.VideoFrame | None:  # noqa: ARG002
        return None

    def close(self) -> None:
        pass


class NestedRaster:
    """The picture of a nested timeline, drawn by a compositor of its own."""

    is_still = False

    def __init__(
        self,
        draw: Callable[[int], Planes],
        close: Callable[[], None],
        *,
        frame_at: Callable[[Fraction], int],
        playback: Playback,
        crop: Crop,
        width: int,
        height: int,
    ) -> None:
        """Take how to draw a frame of the nested plan, and how its times become frames."""
        self._draw = draw
        self._close = close
        self._frame_at = frame_at
        self._playback = playback
        self._crop = tuple(round(length / 2) * 2 for length in crop)
        self._size = (width, height)

    def state(self, time: Fraction) -> Hashable:
        return self._frame_at(self._playback.source_time(time))

    def planes(self, time: Fraction) -> Planes:
        whole = self._draw(self._frame_at(self._playback.source_time(time)))
        left, top, width, height = self._crop
        if (left, top, width, height) == (0, 0, whole.width, whole.height) and self._size == (width, height):
            return whole
        shrinks = self._size[0] * self._size[1] < width * height
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC

        def sized(plane: np.ndarray, subsampling: int) -> np.ndarray:
            seen = plane[
                top // subsampling : (top + height) // subsampling, left // subsampling : (left + width) // subsampling
            ]
            size = (self._size[0] // subsampling, self._size[1] // subsampling)
            return cv2.resize(seen, size, interpolation=interpolation)

        alpha = None if whole.a is None else sized(whole.a, 1)
        return Planes(sized(whole.y, 1), sized(whole.u, 2), sized(whole.v, 2), alpha)

    def frame(self, time: Fraction) -> av.VideoFrame | None:  # noqa: ARG002 - it is drawn, not decoded
        return None

    def close(self) -> None:
        self._close()
