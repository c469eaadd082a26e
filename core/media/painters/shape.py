"""Shapes: rectangles, ellipses and paths, filled and stroked."""

from collections.abc import Callable, Hashable
from fractions import Fraction
from math import pi

import numpy as np

from core.api import Color, Plane, Rgba
from core.media.painters.painter import Bleed
from core.media.painters.premultiplied import lay_over, tint
from core.media.painters.raster import Area, Box, fill_box, fill_polygons, stroke_polylines
from core.media.painters.svg_path import Polyline, flatten
from core.media.text.fonts import FontWarning
from core.timeline.sources import ShapeKind, ShapeSource

ELLIPSE_POINTS = 512


class ShapePainter:
    """Draws a ``ShapeSource``: the stroke lies astride the edge and above the fill, its joins are round."""

    is_static = True
    warnings: tuple[FontWarning, ...] = ()

    def __init__(self, source: ShapeSource, *, width: int, height: int, frame_height: int) -> None:
        self.width = width
        self.height = height
        self._source = source
        self._thickness = source.stroke_width * frame_height if source.stroke_color else 0.0
        self._radius = source.radius * frame_height
        self._polylines = _polylines(source, width, height)
        self._area = _reach(self._polylines, width, height).grown(self._thickness / 2).area()
        self.bleed = Bleed(
            left=-self._area.left,
            top=-self._area.top,
            right=self._area.right - width,
            bottom=self._area.bottom - height,
        )

    def state(self, time: Fraction, reveal: float) -> Hashable:  # noqa: ARG002 - it never changes
        return None

    def draw(self, time: Fraction, reveal: float) -> Rgba:  # noqa: ARG002 - it never changes
        drawing = np.zeros((self._area.height, self._area.width, 4), np.uint8)
        stroke = self._source.stroke_color if self._thickness > 0 else None
        self._lay(drawing, self._fill, self._source.fill)
        self._lay(drawing, self._stroke, stroke)
        return drawing

    def _lay(self, drawing: Rgba, cover: Callable[[], Plane], color: Color | None) -> None:
        if color:
            lay_over(drawing, tint(cover(), color), 0, 0)

    def _fill(self) -> Plane:
        if self._source.kind is ShapeKind.RECTANGLE:
            return fill_box(self._box(), self._area, self._radius)
        return fill_polygons([line.points for line in self._polylines], self._area)

    def _stroke(self) -> Plane:
        if self._source.kind is not ShapeKind.RECTANGLE:
            return _stroke_all(self._polylines, self._thickness, self._area)
        half = self._thickness / 2
        inner = self._box().grown(-half)
        # A square corner stays square outside; a round one is followed at the stroke's distance.
        outer = fill_box(self._box().grown(half), self._area, self._radius + half if self._radius else 0.0)
        if inner.right <= inner.left or inner.bottom <= inner.top:
            return outer
        return outer - np.minimum(fill_box(inner, self._area, max(self._radius - half, 0.0)), outer)

    def _box(self) -> Box:
        return Box(left=0, top=0, right=self.width, bottom=self.height)


def _polylines(source: ShapeSource, width: int, height: int) -> tuple[Polyline, ...]:
    match source.kind:
        case ShapeKind.RECTANGLE:
            return ()
        case ShapeKind.ELLIPSE:
            angles = np.arange(ELLIPSE_POINTS) * (2 * pi / ELLIPSE_POINTS)
            circle = np.stack([np.cos(angles) + 1, np.sin(angles) + 1], axis=1)
            return (Polyline(circle * (width / 2, height / 2), is_closed=True),)
        case ShapeKind.PATH:
            return flatten(source.path, width, height)


def _reach(polylines: tuple[Polyline, ...], width: int, height: int) -> Box:
    """Return the box, made larger where a path leaves it, by half its size at most: the rest is cut off."""
    points = np.concatenate([np.zeros((1, 2)), *(line.points for line in polylines)])
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return Box(
        left=max(float(left), -width / 2),
        top=max(float(top), -height / 2),
        right=max(min(float(right), width * 1.5), float(width)),
        bottom=max(min(float(bottom), height * 1.5), float(height)),
    )


def _stroke_all(polylines: tuple[Polyline, ...], thickness: float, area: Area) -> Plane:
    coverage = np.zeros((area.height, area.width), np.uint8)
    for is_closed in (True, False):
        lines = [line.points for line in polylines if line.is_closed is is_closed]
        if lines:
            coverage = np.maximum(coverage, stroke_polylines(lines, thickness, area, is_closed=is_closed))
    return coverage
