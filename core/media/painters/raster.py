"""Coverage: how much of each pixel letters, polygons, strokes and boxes cover, anti-aliased."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor

import cv2
import numpy as np
import uharfbuzz as hb

from core.api import Plane, Rgba
from core.media.text.outlines import Contour

SAMPLINGS = ((8, 2**25), (4, 2**27))
"""Samples to the pixel's side for strokes, and the most samples that are worth their memory."""
FEWEST_SAMPLES = 2
FIXED_POINT_BITS = 4
# TrueType coordinates are 16 bit, and so is the step from one point to the next.
FARTHEST = 2**14 - 1
MOST_POINTS = 2**16 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Whole pixels, right and bottom not included."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle at any place between pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def grown(self, by: float) -> "Box":
        """Return the box reaching ``by`` further on every side."""
        return Box(left=self.left - by, top=self.top - by, right=self.right + by, bottom=self.bottom + by)

    def moved(self, x: float, y: float) -> "Box":
        """Return the box at another place."""
        return Box(left=self.left + x, top=self.top + y, right=self.right + x, bottom=self.bottom + y)

    def scaled(self, scale: float, x: float, y: float) -> "Box":
        """Return the box ``scale`` times as large, the point ``x``, ``y`` staying where it is."""
        return Box(
            left=x + (self.left - x) * scale,
            top=y + (self.top - y) * scale,
            right=x + (self.right - x) * scale,
            bottom=y + (self.bottom - y) * scale,
        )

    def joined(self, other: "Box") -> "Box":
        """Return the smallest box around both."""
        return Box(
            left=min(self.left, other.left),
            top=min(self.top, other.top),
            right=max(self.right, other.right),
            bottom=max(self.bottom, other.bottom),
        )

    def area(self) -> Area:
        """Return the pixels that are touched."""
        return Area(left=floor(self.left), top=floor(self.top), right=ceil(self.right), bottom=ceil(self.bottom))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedOutline:
    """A glyph of a font with its origin on the page; ``scale`` in pixels a font unit."""

    font: hb.Font
    glyph: int
    x: float
    y: float
    scale: float


def fill_outlines(outlines: Iterable[PlacedOutline], area: Area) -> Plane:
    """Return how glyphs cover an area, overlaps counted once (non-zero winding)."""
    drawing = hb.RasterDraw()
    drawing.extents = _extents(area)
    for outline in outlines:
        drawing.transform = (outline.scale, 0, 0, outline.scale, outline.x, -outline.y)
        drawing.draw_glyph(outline.font, outline.glyph)
    return _pixels(drawing.render(), area, 1)[:, :, 0]


def paint_outlines(outlines: Iterable[PlacedOutline], area: Area, foreground: hb.Color) -> Rgba:
    """Return glyphs of colour fonts over an area, premultiplied; ``foreground`` is the text's colour."""
    painting = hb.RasterPaint()
    painting.extents = _extents(area)
    painting.foreground = foreground
    for outline in outlines:
        painting.transform = (outline.scale, 0, 0, outline.scale, outline.x, -outline.y)
        painting.paint_glyph(outline.font, outline.glyph)
    return np.ascontiguousarray(_pixels(painting.render(), area, 4)[:, :, [2, 1, 0, 3]])


def place_bitmap(bitmap: Rgba, box: Box, area: Area) -> Rgba:
    """Return a premultiplied picture scaled into a box, over an area; it is averaged where it shrinks."""
    height, width = bitmap.shape[:2]
    across, down = (box.right - box.left) / width, (box.bottom - box.top) / height
    if across < 1 and down < 1:
        size = (max(1, ceil(box.right - box.left)), max(1, ceil(box.bottom - box.top)))
        bitmap = cv2.resize(bitmap, size, interpolation=cv2.INTER_AREA)
        across, down = (box.right - box.left) / size[0], (box.bottom - box.top) / size[1]
    # OpenCV counts from the middle of the first pixel.
    move = np.array(
        [
            [across, 0, box.left - area.left + (across - 1) / 2],
            [0, down, box.top - area.top + (down - 1) / 2],
        ]
    )
    return cv2.warpAffine(bitmap, move, (area.width, area.height), flags=cv2.INTER_LINEAR)


def _extents(area: Area) -> hb.RasterExtents:
    """Return an area for HarfBuzz, whose y runs upwards."""
    return hb.RasterExtents(area.left, -area.bottom, area.width, area.height, 0)


def _pixels(image: hb.RasterImage | None, area: Area, channels: int) -> Rgba:
    if image is None:
        raise MemoryError("no memory for a drawing")
    extents = image.extents
    if not extents.width:
        return np.zeros((area.height, area.width, channels), np.uint8)
    rows = np.frombuffer(image.buffer, np.uint8).reshape(extents.height, extents.stride)
    return rows[::-1, : extents.width * channels].reshape(extents.height, extents.width, channels)


def fill_polygons(contours: Sequence[Contour], area: Area) -> Plane:
    """Return how closed polygons cover an area (non-zero winding). They have at most ``MOST_POINTS`` points.

    They become a glyph, so that one rasteriser draws everything.
    """
    if not contours:
        return np.zeros((area.height, area.width), np.uint8)
    points = np.concatenate(contours)
    middle = (points.min(0) + points.max(0)) / 2
    scale = float(np.abs(points - middle).max()) / FARTHEST or 1.0
    font = hb.Font(_face_of([np.rint((contour - middle) * (1, -1) / scale) for contour in contours]))
    return fill_outlines([PlacedOutline(font=font, glyph=0, x=middle[0], y=middle[1], scale=scale)], area)


def _face_of(contours: Sequence[Contour]) -> hb.Face:
    """Make a TrueType face whose only glyph has the given contours, in whole font units (OpenType 1.9, ``glyf``)."""
    points = np.concatenate(contours)
    steps = np.diff(points, axis=0, prepend=[(0, 0)])
    ends = np.cumsum([len(contour) for contour in contours]) - 1
    glyph = b"".join(
        [
            struct.pack(">5h", len(contours), *points.min(0).astype(int), *points.max(0).astype(int)),
            ends.astype(">u2").tobytes(),
            struct.pack(">H", 0),
            b"\x01" * len(points),
            steps[:, 0].astype(">i2").tobytes(),
            steps[:, 1].astype(">i2").tobytes(),
        ]
    )
    glyph += b"\0" * (-len(glyph) % 4)
    tables = {
        "head": struct.pack(">4I2H2Q4h2H3h", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, FARTHEST, *[0] * 7, 8, 2, 1, 0),
        "hhea": struct.pack(">I15hH", 0x10000, *[0] * 15, 1),
        "hmtx": struct.pack(">Hh", 0, int(points[:, 0].min())),
        "maxp": struct.pack(">I14H", 0x10000, 1, len(points), len(contours), *[0] * 11),
        "loca": struct.pack(">2I", 0, len(glyph)),
        "glyf": glyph,
    }
    return hb.Face.create_for_tables(lambda _face, tag, _data: tables.get(tag), None)


def stroke_polylines(polylines: Iterable[Contour], thickness: float, area: Area, *, is_closed: bool = True) -> Plane:
    """Return how thick lines with round joins and ends cover an area; crossing lines count once."""
    size = area.width * area.height
    samples = next((side for side, most in SAMPLINGS if size * side**2 <= most), FEWEST_SAMPLES)
    canvas = np.zeros((area.height * samples, area.width * samples), np.uint8)
    origin = np.array([area.left, area.top])
    # A sample's centre lies half a sample from its corner, where OpenCV counts from.
    points = [
        np.rint(((line - origin) * samples - 0.5) * 2**FIXED_POINT_BITS).astype(np.int32).reshape(-1, 1, 2)
        for line in polylines
    ]
    cv2.polylines(canvas, points, is_closed, 255, thickness=max(1, round(thickness * samples)), shift=FIXED_POINT_BITS)
    return cv2.resize(canvas, (area.width, area.height), interpolation=cv2.INTER_AREA)


def fill_box(box: Box, area: Area, radius: float = 0.0) -> Plane:
    """Return how a box with rounded corners covers an area: exact along straight edges."""
    columns = np.arange(area.left, area.right, dtype=np.float32)
    rows = np.arange(area.top, area.bottom, dtype=np.float32)[:, None]
    radius = min(radius, (box.right - box.left) / 2, (box.bottom - box.top) / 2)
    across = np.clip(np.minimum(columns + 1, box.right) - np.maximum(columns, box.left), 0, 1)
    down = np.clip(np.minimum(rows + 1, box.bottom) - np.maximum(rows, box.top), 0, 1)
    coverage = across * down
    if radius > 0:
        x, y = columns + 0.5, rows + 0.5
        beyond_x = np.maximum(np.maximum(box.left + radius - x, x - (box.right - radius)), 0)
        beyond_y = np.maximum(np.maximum(box.top + radius - y, y - (box.bottom - radius)), 0)
        corner = np.clip(radius + 0.5 - np.hypot(beyond_x, beyond_y), 0, 1)
        coverage = np.where((beyond_x > 0) & (beyond_y > 0), corner, coverage)
    return np.rint(coverage * 255).astype(np.uint8)
