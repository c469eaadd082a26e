"""A face set to a weight and slant, ready to shape and draw."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import uharfbuzz as hb

from core.api import Rgba
from core.media.text.faces import FontFace
from core.media.text.outlines import Contour, trace

type Bounds = tuple[float, float, float, float]
"""Left, top, right and bottom of a glyph in em, from its origin, y downwards."""

SYNTHETIC_BOLD = 1 / 32
"""How much wider a stem becomes, in em, where a bold is asked of a face that has none."""
SYNTHETIC_SLANT = 0.2
BOLD_FROM = 600

REFERENCE_HEIGHT = 1080
"""Optical sizes are in pixels of a frame this high, so that every output size uses the same shapes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """A typeface's measures in em, all positive: ``underline`` is the distance of its top below the baseline."""

    ascent: float
    descent: float
    underline: float
    underline_thickness: float


class Typeface:
    """A font at one weight, slant and optical size; unhinted. One owner, one thread.

    ``units`` are font units to the em.
    """

    def __init__(self, face: FontFace, font: hb.Font) -> None:
        self.face = face
        self.font = font
        self.units: int = font.face.upem
        self.metrics = _measure(font)
        self._covered: dict[int, bool] = {}
        self._bounds: dict[int, Bounds | None] = {}
        self._contours: dict[int, tuple[Contour, ...]] = {}

    def covers(self, codepoint: int) -> bool:
        """Tell whether there is a glyph for a character."""
        if codepoint not in self._covered:
            self._covered[codepoint] = self.font.get_nominal_glyph(codepoint) is not None
        return self._covered[codepoint]

    def bounds(self, glyph: int) -> Bounds | None:
        """Return what a glyph's ink reaches; None when it is blank."""
        if glyph not in self._bounds:
            self._bounds[glyph] = self._measure_glyph(glyph)
        return self._bounds[glyph]

    def contours(self, glyph: int) -> tuple[Contour, ...]:
        """Return a glyph's closed contours as polygons in em, y downwards."""
        if glyph not in self._contours:
            flip = np.array([1.0, -1.0]) / self.units
            self._contours[glyph] = tuple(contour * flip for contour in trace(self.font, glyph))
        return self._contours[glyph]

    def bitmap(self, glyph: int) -> Rgba | None:
        """Return a glyph's picture as its font holds it, premultiplied; None when it is blank or can't be read."""
        png = self.font.get_glyph_color_png(glyph).data
        straight = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED) if png else None
        if straight is None or straight.dtype != np.uint8 or straight.ndim != 3 or straight.shape[2] != 4:
            return None
        alpha = straight[:, :, 3:]
        colors = np.rint(straight[:, :, 2::-1] * (alpha / np.float32(255))).astype(np.uint8)
        return np.dstack((colors, alpha))

    def _measure_glyph(self, glyph: int) -> Bounds | None:
        if self.face.is_color and not self.face.is_bitmap:
            # Extents of layered glyphs are those of their plain form: the whole em is taken instead.
            advance = self.font.get_glyph_h_advance(glyph) / self.units
            return 0.0, -self.metrics.ascent, max(advance, 1.0), self.metrics.descent
        extents = self.font.get_glyph_extents(glyph)
        if extents is None or not extents.width or not extents.height:
            return None
        left, top = extents.x_bearing / self.units, -extents.y_bearing / self.units
        return left, top, left + extents.width / self.units, top - extents.height / self.units


class TypefaceCache:
    """Opens typefaces and keeps them; the mapped files are shared between weights."""

    def __init__(self) -> None:
        self._open_face = lru_cache(maxsize=None)(FontFace.open)
        self._typefaces: dict[tuple[FontFace, float, bool, float], Typeface] = {}

    def typeface(self, face: FontFace, *, weight: float, is_italic: bool, size: float) -> Typeface:
        """Return a face at a weight (its nearest), slanted where it lacks an italic; ``size`` of the frame's height."""
        opened = self._open_face(face)
        optical = next((axis for axis in opened.axis_infos if axis.tag == "opsz"), None)
        optical_size = min(max(size * REFERENCE_HEIGHT, optical.min_value), optical.max_value) if optical else 0.0
        key = (face, weight, is_italic, round(optical_size, 1))
        if key not in self._typefaces:
            self._typefaces[key] = _make(face, opened, weight, is_italic, optical_size)
        return self._typefaces[key]


def _make(face: FontFace, opened: hb.Face, weight: float, is_italic: bool, optical_size: float) -> Typeface:
    font = hb.Font(opened)
    if opened.has_var_data:
        wanted = {"wght": min(max(weight, face.lightest), face.heaviest), "opsz": optical_size}
        axes = {axis.tag for axis in opened.axis_infos}
        font.set_variations({tag: value for tag, value in wanted.items() if tag in axes})
    if not face.is_color:
        if weight >= BOLD_FROM and face.heaviest < BOLD_FROM:
            font.synthetic_bold = SYNTHETIC_BOLD
        if is_italic and not face.is_italic:
            font.synthetic_slant = SYNTHETIC_SLANT
    return Typeface(face, font)


def _measure(font: hb.Font) -> Metrics:
    units = font.face.upem
    extents = font.get_font_extents("ltr")

    def metric(tag: hb.OTMetricsTag) -> float:
        return float(font.get_metric_position_with_fallback(tag)) / units

    return Metrics(
        ascent=extents.ascender / units,
        descent=-extents.descender / units,
        underline=-metric(hb.OTMetricsTag.UNDERLINE_OFFSET),
        underline_thickness=metric(hb.OTMetricsTag.UNDERLINE_SIZE),
    )
