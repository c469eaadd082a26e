"""Plain colours and gradients, as large as their box."""

from collections.abc import Hashable
from fractions import Fraction
from math import cos, radians, sin

import numpy as np

from core.api import Rgba
from core.media.painters.painter import Bleed
from core.media.text.fonts import FontWarning
from core.timeline.sources import ColorSource, GradientKind, GradientSource

STEPS = 4096
"""Offsets at which a gradient's colours are worked out."""
# An ordered dither (Bayer, 8×8) keeps slow gradients from showing bands.
_PAIR = np.array([[0, 2], [3, 1]])
_FOUR = np.block([[4 * _PAIR, 4 * _PAIR + 2], [4 * _PAIR + 3, 4 * _PAIR + 1]])
TABLE_STARTS = np.block([[4 * _FOUR, 4 * _FOUR + 2], [4 * _FOUR + 3, 4 * _FOUR + 1]]).astype(np.int32) * STEPS


class _StillPainter:
    """What colours and gradients share: one picture for all times."""

    is_static = True
    bleed = Bleed()
    warnings: tuple[FontWarning, ...] = ()

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height

    def state(self, time: Fraction, reveal: float) -> Hashable:  # noqa: ARG002 - it never changes
        return None


class ColorPainter(_StillPainter):
    """Draws a ``ColorSource``."""

    def __init__(self, source: ColorSource, *, width: int, height: int) -> None:
        super().__init__(width, height)
        self._color = source.color

    def draw(self, time: Fraction, reveal: float) -> Rgba:  # noqa: ARG002 - it never changes
        color = self._color
        pixel = [round(channel * color.a / 255) for channel in (color.r, color.g, color.b)]
        return np.full((self.height, self.width, 4), [*pixel, color.a], np.uint8)


class GradientPainter(_StillPainter):
    """Draws a ``GradientSource`` as CSS Images 3 has it, colours mixed premultiplied.

    A radial gradient is an ellipse of the box's proportions that meets its corners.
    """

    def __init__(self, source: GradientSource, *, width: int, height: int) -> None:
        super().__init__(width, height)
        self._source = source

    def draw(self, time: Fraction, reveal: float) -> Rgba:  # noqa: ARG002 - it never changes
        places = np.clip(self._offsets() * np.float32(STEPS - 1) + np.float32(0.5), 0, STEPS - 1).astype(np.int32)
        rows, columns = -(-self.height // 8), -(-self.width // 8)
        places += np.tile(TABLE_STARTS, (rows, columns))[: self.height, : self.width]
        pixels = np.take(_tables(self._source), places)
        return pixels.view(np.uint8).reshape(self.height, self.width, 4)

    def _offsets(self) -> np.ndarray:
        """Return each pixel's offset along the gradient, 0 to 1, shape (height, width)."""
        x = (np.arange(self.width, dtype=np.float32) + 0.5 - self.width / 2)[None, :]
        y = (np.arange(self.height, dtype=np.float32) + 0.5 - self.height / 2)[:, None]
        if self._source.kind is GradientKind.RADIAL:
            return np.hypot(x / np.float32(self.width / 2), y / np.float32(self.height / 2)) / np.float32(2**0.5)
        angle = radians(self._source.angle)
        right, down = sin(angle), -cos(angle)
        length = abs(self.width * right) + abs(self.height * down)
        return (x * np.float32(right) + y * np.float32(down)) / np.float32(length) + np.float32(0.5)


def _tables(source: GradientSource) -> np.ndarray:
    """Return the pixel for each threshold and offset as one number, shape (64 * STEPS,).

    One threshold serves all channels of a pixel, so that none comes to exceed its alpha.
    """
    at = [offset for offset, _ in source.stops]
    colors = np.array([[color.r, color.g, color.b, 255] for _, color in source.stops], np.float64)
    stops = colors * np.array([[color.a / 255] for _, color in source.stops])
    offsets = np.linspace(0, 1, STEPS)
    shades = np.stack([np.interp(offsets, at, channel) for channel in stops.T], axis=1)
    thresholds = (np.arange(64) + 0.5) / 64
    return np.floor(shades + thresholds[:, None, None]).astype(np.uint8).view(np.uint32).reshape(-1)
