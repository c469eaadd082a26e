"""Lettering: a handful of laid-out glyphs drawn with their fills, strokes, underlines and emoji."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import uharfbuzz as hb

from core.api import Color, Plane, Rgba
from core.media.painters.premultiplied import lay_over, replace_covered, tint
from core.media.painters.raster import (
    Area,
    Box,
    PlacedOutline,
    fill_box,
    fill_outlines,
    paint_outlines,
    place_bitmap,
    stroke_polylines,
)
from core.media.text.layout import Glyph
from core.media.text.outlines import Contour
from core.timeline.sources import TextStyle


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where glyphs are drawn: scaled about a point of the layout, then moved; in pixels."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0
    right: float = 0.0
    down: float = 0.0

    def box(self, box: Box) -> Box:
        """Return where a box of the layout comes to lie."""
        return box.scaled(self.scale, self.x, self.y).moved(self.right, self.down)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the layout comes to lie."""
        return self.x + (x - self.x) * self.scale + self.right, self.y + (y - self.y) * self.scale + self.down


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A premultiplied picture and where its top left pixel lies."""

    left: int
    top: int
    picture: Rgba


def ink(glyphs: Sequence[Glyph], frame_height: float) -> Box | None:
    """Return what glyphs cover, strokes and underlines included; None for spaces and nothing."""
    found: Box | None = None
    for glyph in glyphs:
        box = _glyph_ink(glyph)
        if glyph.style.underline:
            line = _underline(glyph)
            box = box.joined(line) if box else line
        if box and glyph.style.stroke_color:
            box = box.grown(glyph.style.stroke_width * frame_height)
        if box:
            found = found.joined(box) if found else box
    return found


def draw_letters(glyphs: Sequence[Glyph], pose: Pose, frame_height: float) -> Drawing | None:
    """Draw glyphs, all strokes below all fills; None when there is nothing to see."""
    covered = ink(glyphs, frame_height)
    if covered is None:
        return None
    # Rasterisers round: a pixel more on each side loses nothing.
    area = pose.box(covered).grown(1).area()
    by_style: dict[TextStyle, list[Glyph]] = {}
    for glyph in glyphs:
        by_style.setdefault(glyph.style, []).append(glyph)
    layers = [(style, members, _fill(members, pose, area)) for style, members in by_style.items()]
    picture: Rgba | None = None
    for style, members, fill in layers:
        if style.stroke_color and style.stroke_width > 0:
            outer = np.maximum(fill, _stroke(members, style.stroke_width * frame_height, pose, area))
            stroke = tint(outer, style.stroke_color)
            picture = _laid_over(picture, stroke)
    for style, members, fill in layers:
        if picture is None:
            picture = tint(fill, style.color)
        else:
            replace_covered(picture, fill, style.color)
        for emoji in _emoji(members, pose, area):
            picture = _laid_over(picture, emoji)
    return Drawing(left=area.left, top=area.top, picture=picture) if picture is not None else None


def _emoji(glyphs: Sequence[Glyph], pose: Pose, area: Area) -> Iterator[Rgba]:
    """Yield what glyphs of colour fonts show, premultiplied: layered ones in one go, pictures each by itself."""
    layered = [glyph for glyph in glyphs if glyph.typeface.face.is_color and not glyph.typeface.face.is_bitmap]
    if layered:
        yield paint_outlines([_outline(glyph, pose) for glyph in layered], area, _foreground(layered[0].style.color))
    for glyph in glyphs:
        bitmap = glyph.typeface.bitmap(glyph.glyph) if glyph.typeface.face.is_bitmap else None
        box = _glyph_ink(glyph)
        if bitmap is not None and box:
            yield place_bitmap(bitmap, pose.box(box), area)


def _laid_over(below: Rgba | None, picture: Rgba) -> Rgba:
    if below is None:
        return picture
    lay_over(below, picture, 0, 0)
    return below


def _foreground(color: Color) -> hb.Color:
    return hb.Color(color.r, color.g, color.b, color.a)


def _outline(glyph: Glyph, pose: Pose) -> PlacedOutline:
    x, y = pose.point(glyph.x, glyph.y)
    scale = glyph.size / glyph.typeface.units * pose.scale
    return PlacedOutline(font=glyph.typeface.font, glyph=glyph.glyph, x=x, y=y, scale=scale)


def _fill(glyphs: Sequence[Glyph], pose: Pose, area: Area) -> Plane:
    coverage = fill_outlines([_outline(glyph, pose) for glyph in glyphs if not glyph.typeface.face.is_color], area)
    for line in _underlines(glyphs):
        coverage = np.maximum(coverage, fill_box(pose.box(line), area))
    return coverage


def _stroke(glyphs: Sequence[Glyph], width: float, pose: Pose, area: Area) -> Plane:
    """Return what lies within ``width`` of the letters' edges."""
    polylines: list[Contour] = []
    for glyph in glyphs:
        if not glyph.typeface.face.is_color:
            origin = np.array(pose.point(glyph.x, glyph.y))
            size = glyph.size * pose.scale
            polylines += [origin + contour * size for contour in glyph.typeface.contours(glyph.glyph)]
    for line in _underlines(glyphs):
        box = pose.box(line)
        corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
        polylines.append(np.array(corners))
    return stroke_polylines(polylines, 2 * width * pose.scale, area)


def _underlines(glyphs: Sequence[Glyph]) -> list[Box]:
    """Return the lines under glyphs, neighbours in one piece."""
    lines: list[Box] = []
    for glyph in sorted((glyph for glyph in glyphs if glyph.style.underline), key=lambda each: (each.line, each.left)):
        box = _underline(glyph)
        if lines and abs(lines[-1].right - box.left) < 0.01 and abs(lines[-1].top - box.top) < 0.01:
            box = lines.pop().joined(box)
        elif lines and lines[-1] == box:
            continue
        lines.append(box)
    return lines


def _underline(glyph: Glyph) -> Box:
    metrics = glyph.metrics
    top = glyph.baseline + metrics.underline * glyph.size
    return Box(left=glyph.left, top=top, right=glyph.right, bottom=top + metrics.underline_thickness * glyph.size)


def _glyph_ink(glyph: Glyph) -> Box | None:
    bounds = glyph.typeface.bounds(glyph.glyph)
    if bounds is None:
        return None
    left, top, right, bottom = (edge * glyph.size for edge in bounds)
    return Box(left=glyph.x + left, top=glyph.y + top, right=glyph.x + right, bottom=glyph.y + bottom)
