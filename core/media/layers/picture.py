"""Picture layers: clips of video, stills and nested timelines."""

from collections.abc import Callable, Hashable
from fractions import Fraction

import numpy as np

from core.api import Plane, Planes
from core.media.cache import PictureCache
from core.media.frames import canvas_view
from core.media.kernels import EffectChain
from core.media.layers.fitting import Fitting
from core.media.layers.layer import even, patch_bytes
from core.media.layers.masking import rounded_corners, with_alpha
from core.media.layers.pose import Placed, PoseTrack
from core.media.layers.rasters import Crop, Raster
from core.media.patch import Matrix, Patch, fade, halve, premultiply, warp_planes
from core.timeline.curves import value_at
from core.timeline.plan import Layer, Plan

STILL_OVERSAMPLING = 1.5
"""How many pixels a moving still keeps for each output pixel, each way: interpolation then stays sharp."""
CACHE_BYTES = 48 * 2**20

type OpenRaster = Callable[[Crop, int, int], Raster]
type OpenMask = Callable[[int, int], Callable[[Fraction], Plane]]


class PictureLayer:
    """A clip with pixels of its own: rastered once a frame, given its effects and its outline, then placed.

    A layer that lies still is scaled straight to its place, whole even pixels. One that is moved, turned or zoomed
    keeps the pixels of its source and is drawn through an affine transform at sub-pixel precision.
    """

    def __init__(
        self,
        layer: Layer,
        plan: Plan,
        *,
        track: PoseTrack,
        fitting: Fitting,
        is_still: bool,
        open_raster: OpenRaster,
        open_mask: OpenMask | None,
        effects: EffectChain | None,
    ) -> None:
        """Take the layer with its place and its opened parts; the layer owns and closes them."""
        self.notes: tuple[str, ...] = ()
        self._layer = layer
        self._plan = plan
        self._track = track
        self._fitting = fitting
        self._effects = effects
        width, height = fitting.width, fitting.height
        if track.is_still:
            scale = value_at(layer.placement.scale, Fraction(0))
            width, height = width * scale, height * scale
        elif effects is None:
            wanted = track.largest_scale() * (STILL_OVERSAMPLING if is_still else 1.0)
            share = min(1.0, wanted * width / fitting.crop[2], wanted * height / fitting.crop[3])
            width, height = fitting.crop[2] * share, fitting.crop[3] * share
        self._width, self._height = even(width), even(height)
        self._raster = open_raster(fitting.crop, self._width, self._height)
        self._mask = open_mask(self._width, self._height) if open_mask else None
        self._corners = self._round_corners()
        self._cache: PictureCache[Patch | None] = PictureCache(
            patch_bytes, most_bytes=CACHE_BYTES if self._raster.is_still else 0
        )

    def patch(self, frame: int) -> Patch | None:
        placed = self._track.at(frame)
        if placed.opacity <= 0:
            return None
        time = self._track.time(frame)
        is_resting = self._track.is_still and self._track.is_resting(frame)
        if is_resting and (untouched := self._untouched(placed, time)):
            return untouched
        key: Hashable = (self._state(frame, time), is_resting or (placed.x, placed.y, placed.scale, placed.rotate))
        patch = self._cache.get(key, lambda: self._draw(frame, time, placed, is_resting=is_resting))
        if patch is None or placed.opacity >= 1:
            return patch
        return Patch(patch.x, patch.y, fade(patch.picture, placed.opacity))

    def close(self) -> None:
        self._raster.close()
        if self._effects:
            self._effects.close()

    def _untouched(self, placed: Placed, time: Fraction) -> Patch | None:
        """Return the source's own frame where nothing changes its pixels."""
        if self._effects or self._mask or self._corners is not None or placed.opacity < 1:
            return None
        frame = self._raster.frame(time)
        if frame is None:
            return None
        x, y = self._corner(placed)
        return Patch(x, y, canvas_view(frame), frame)

    def _state(self, frame: int, time: Fraction) -> Hashable:
        effects = self._effects.state(frame - self._layer.first) if self._effects else None
        return (self._raster.state(time), effects, time if self._mask else None)

    def _draw(self, frame: int, time: Fraction, placed: Placed, *, is_resting: bool) -> Patch | None:
        planes = self._raster.planes(time)
        if self._effects:
            planes = self._effects.apply(planes, frame - self._layer.first)
        if self._corners is not None:
            planes = with_alpha(planes, self._corners)
        if self._mask:
            planes = with_alpha(planes, self._mask(time))
        if is_resting:
            return Patch(*self._corner(placed), premultiply(planes))
        return self._warp(planes, placed)

    def _corner(self, placed: Placed) -> tuple[int, int]:
        """Return the top left of the picture at rest, even pixels."""
        x, y = self._matrix(placed) @ (0, 0, 1)
        return round(x / 2) * 2, round(y / 2) * 2

    def _matrix(self, placed: Placed) -> Matrix:
        """Return the transform from the raster to the frame."""
        box_width = self._layer.placement.width * self._plan.width
        box_height = self._layer.placement.height * self._plan.height
        to_frame = placed.matrix(box_width, box_height, self._layer.placement.anchor)
        to_box = np.array(
            [
                [self._fitting.width / self._width, 0, self._fitting.x],
                [0, self._fitting.height / self._height, self._fitting.y],
                [0, 0, 1],
            ]
        )
        return to_frame @ to_box

    def _warp(self, planes: Planes, placed: Placed) -> Patch | None:
        matrix = self._matrix(placed)
        while abs(np.linalg.det(matrix[:, :2])) < 0.25 and min(planes.width, planes.height) >= 8:
            planes = _half_size(planes)
            matrix = matrix @ np.diag((2.0, 2.0, 1.0))
        return warp_planes(planes, matrix, self._plan.width, self._plan.height)

    def _round_corners(self) -> Plane | None:
        radius = self._layer.placement.radius * self._plan.height * self._width / self._fitting.width
        if not radius:
            return None
        return rounded_corners(self._width, self._height, radius)


def _half_size(planes: Planes) -> Planes:
    """Shrink planes to half, cropped to a multiple of four so that chroma stays aligned."""
    width, height = planes.width // 4 * 4, planes.height // 4 * 4
    y, u, v = planes.y[:height, :width], planes.u[: height // 2, : width // 2], planes.v[: height // 2, : width // 2]
    alpha = None if planes.a is None else halve(planes.a[:height, :width])
    return Planes(halve(y), halve(u), halve(v), alpha)
