"""A face set to a weight and slant, ready to shape and draw."""

from dataclasses import dataclass, field
from functools import lru_cache

import uharfbuzz as hb

from core.media.text.faces import FontFace

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


@dataclass(frozen=True, slots=True, eq=False)
class Typeface:
    """A font at one weight, slant and optical size; unhinted, in font units. One owner, one thread."""

    face: FontFace
    font: hb.Font
    units: int
    """Font units to the em."""
    metrics: Metrics
    _covered: dict[int, bool] = field(default_factory=dict)

    def covers(self, codepoint: int) -> bool:
        """Tell whether there is a glyph for a character."""
        if codepoint not in self._covered:
            self._covered[codepoint] = self.font.get_nominal_glyph(codepoint) is not None
        return self._covered[codepoint]


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
    units = opened.upem
    extents = font.get_font_extents("ltr")

    def metric(tag: hb.OTMetricsTag) -> float:
        return float(font.get_metric_position_with_fallback(tag)) / units

    return Typeface(
        face,
        font,
        units,
        Metrics(
            ascent=extents.ascender / units,
            descent=-extents.descender / units,
            underline=-metric(hb.OTMetricsTag.UNDERLINE_OFFSET),
            underline_thickness=metric(hb.OTMetricsTag.UNDERLINE_SIZE),
        ),
    )
