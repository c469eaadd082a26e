"""Drawn layers: text, shapes, colours and gradients, made by painters."""

from collections.abc import Callable, Hashable
from fractions import Fraction

import numpy as np

from core.api import Plane, Planes, Rgba
from core.media.cache import PictureCache
from core.media.frames import Converter
from core.media.kernels import EffectChain
from core.media.layers.layer import patch_bytes
from core.media.layers.masking import rounded_corners
from core.media.layers.pose import Placed, PoseTrack
from core.media.painters import Painter
from core.media.patch import Matrix, Patch, fade, place_rgba, warp_planes, warp_rgba
from core.media.still import extend_colours
from core.timeline.plan import Layer, Plan

CACHE_BYTES = 24 * 2**20

type OpenMask = Callable[[int, int], Callable[[Fraction], Plane]]


class DrawnLayer:
    """A clip that is drawn. What stays the same from frame to frame is drawn once.

    The painter works at ``oversampling`` times the output's size, so that a clip that grows stays sharp.
    """

    def __init__(
        self,
        layer: Layer,
        plan: Plan,
        *,
        track: PoseTrack,
        painter: Painter,
        oversampling: float,
        open_mask: OpenMask | None,
        effects: EffectChain | None,
    ) -> None:
        self.notes = tuple(f"{layer.path}: {warning}" for warning in painter.warnings)
        self._layer = layer
        self._plan = plan
        self._track = track
        self._painter = painter
        self._oversampling = oversampling
        self._effects = effects
        self._converter = Converter()
        bleed = painter.bleed
        self._size = (bleed.left + painter.width + bleed.right, bleed.top + painter.height + bleed.bottom)
        self._mask = open_mask(*self._size) if open_mask else None
        radius = layer.placement.radius * plan.height * oversampling
        self._corners = rounded_corners(*self._size, radius) if radius else None
        self._drawings: PictureCache[Rgba] = PictureCache(lambda drawing: drawing.nbytes, most_bytes=CACHE_BYTES)
        self._patches: PictureCache[Patch | None] = PictureCache(patch_bytes, most_bytes=CACHE_BYTES)

    def patch(self, frame: int) -> Patch | None:
        placed = self._track.at(frame)
        if placed.opacity <= 0:
            return None
        state = self._state(frame, placed)
        where = (placed.x, placed.y, placed.scale, placed.rotate)
        key = (state, where, self._is_whole(frame))
        patch = self._patches.get(key, lambda: self._place(frame, placed, state))
        if patch is None or placed.opacity >= 1:
            return patch
        faded = (key, round(placed.opacity, 4))
        return self._patches.get(faded, lambda: Patch(patch.x, patch.y, fade(patch.picture, placed.opacity)))

    def close(self) -> None:
        if self._effects:
            self._effects.close()

    def _state(self, frame: int, placed: Placed) -> Hashable:
        time = self._track.time(frame)
        effects = self._effects.state(frame - self._layer.first) if self._effects else None
        return (self._painter.state(time, placed.reveal), effects, time if self._mask else None)

    def _is_whole(self, frame: int) -> bool:
        """Tell whether the drawing can be laid down pixel by pixel."""
        return self._oversampling == 1 and not self._effects and self._track.is_still and self._track.is_resting(frame)

    def _place(self, frame: int, placed: Placed, state: Hashable) -> Patch | None:
        drawing = self._drawings.get(state, lambda: self._draw(frame, placed))
        matrix = self._matrix(placed)
        if self._is_whole(frame):
            x, y = matrix @ (0, 0, 1)
            return place_rgba(drawing, round(x), round(y))
        width, height = self._plan.width, self._plan.height
        if self._effects:
            planes = self._effects.apply(self._to_planes(drawing), frame - self._layer.first)
            return warp_planes(planes, matrix, width, height)
        return warp_rgba(drawing, matrix, width, height)

    def _draw(self, frame: int, placed: Placed) -> Rgba:
        time = self._track.time(frame)
        drawing = self._painter.draw(time, placed.reveal)
        for alpha in (self._corners, self._mask(time) if self._mask else None):
            if alpha is not None:
                drawing = np.rint(drawing * (alpha / np.float32(255))[:, :, None]).astype(np.uint8)
        return drawing

    def _matrix(self, placed: Placed) -> Matrix:
        """Return the transform from the drawing, bleed included, to the frame."""
        width, height = self._painter.width / self._oversampling, self._painter.height / self._oversampling
        to_box = np.array(
            [
                [1 / self._oversampling, 0, -self._painter.bleed.left / self._oversampling],
                [0, 1 / self._oversampling, -self._painter.bleed.top / self._oversampling],
                [0, 0, 1],
            ]
        )
        matrix: Matrix = placed.matrix(width, height, self._layer.placement.anchor) @ to_box
        return matrix

    def _to_planes(self, drawing: Rgba) -> Planes:
        """Turn a premultiplied drawing into straight planes of even size for the effects."""
        height, width = drawing.shape[:2]
        even_drawing = np.zeros((height + height % 2, width + width % 2, 4), np.uint8)
        even_drawing[:height, :width] = drawing
        alpha = even_drawing[:, :, 3:].astype(np.float32)
        colours = np.divide(
            even_drawing[:, :, :3] * np.float32(255), alpha, where=alpha > 0, out=np.zeros_like(alpha.repeat(3, 2))
        )
        straight = np.dstack((np.rint(np.clip(colours, 0, 255)).astype(np.uint8), even_drawing[:, :, 3]))
        return self._converter.rgba_to_planes(extend_colours(straight))
