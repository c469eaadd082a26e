"""Texts: titles and captions, laid out once and drawn piece by piece."""

from collections.abc import Hashable
from fractions import Fraction
from math import ceil, floor

import cv2
import numpy as np

from core.api import Rgba
from core.media.cache import PictureCache
from core.media.painters.lettering import Drawing, Pose, draw_letters, ink
from core.media.painters.looks import PHASES, POP_STEPS, RISE, SETTLED, Entrance, Look, has_speech, look_at
from core.media.painters.painter import Bleed
from core.media.painters.pieces import Piece, part
from core.media.painters.premultiplied import faded, lay_over, tint
from core.media.painters.raster import Area, Box, fill_box
from core.media.text.fonts import FontLibrary, FontWarning
from core.media.text.layout import lay_out
from core.timeline.sources import RevealUnit, TextBackground, TextShadow, TextSource

CACHE_BYTES = 16 * 2**20

SHADOW_REACH = 3
"""Standard deviations after which a shadow is invisible."""
TOLERANCE = 1e-6


class TextPainter:
    """Draws a ``TextSource``. A piece is drawn once for every look it takes; pieces are laid together per state."""

    def __init__(self, source: TextSource, *, frame_width: int, frame_height: int, fonts: FontLibrary) -> None:
        self._source = source
        self._frame_height = frame_height
        layout = lay_out(
            source.runs,
            fonts,
            frame_height=frame_height,
            max_width=None if source.max_width is None else source.max_width * frame_width,
            align=source.align,
            line_height=source.line_height,
        )
        padding = source.background.padding * frame_height if source.background else 0.0
        self.width = max(1, ceil(layout.width + 2 * padding - TOLERANCE))
        self.height = max(1, ceil(layout.height + 2 * padding - TOLERANCE))
        self.is_static = source.reveal is None and not has_speech(source)
        self.warnings: tuple[FontWarning, ...] = tuple(sorted(layout.warnings, key=str))
        # The layout lies in the middle of the whole pixels that hold it.
        self._x, self._y = (self.width - layout.width) / 2, (self.height - layout.height) / 2
        self._letters = layout.letters
        self._pieces = part(layout, source, fonts, frame_height=frame_height)
        self._unit_sizes = _unit_sizes(self._pieces)
        self._drawings: PictureCache[Drawing | None] = PictureCache(_bytes, most_bytes=CACHE_BYTES)
        self._area = self._whole_area()
        self.bleed = Bleed(
            left=-self._area.left,
            top=-self._area.top,
            right=self._area.right - self.width,
            bottom=self._area.bottom - self.height,
        )

    def state(self, time: Fraction, reveal: float) -> Hashable:
        return self._look(time, reveal)

    def draw(self, time: Fraction, reveal: float) -> Rgba:
        look = self._look(time, reveal)
        letters = np.zeros((self._area.height, self._area.width, 4), np.uint8)
        # The spoken word lies on top: it may have grown over its neighbours.
        for number in sorted(range(len(self._pieces)), key=lambda number: self._is_spoken(self._pieces[number], look)):
            unit = self._pieces[number].unit
            entrance = look.entrances[unit] if look.entrances else SETTLED
            drawing = self._drawing(number, look, entrance)
            if drawing and entrance.opacity:
                left, top = drawing.left - self._area.left, drawing.top - self._area.top
                lay_over(letters, faded(drawing.picture, entrance.opacity), left, top + entrance.below // PHASES)
        return self._over_backdrop(letters, look)

    def _look(self, time: Fraction, reveal: float) -> Look:
        return look_at(self._source, time, reveal, letters=self._letters, unit_sizes=self._unit_sizes)

    def _is_spoken(self, piece: Piece, look: Look) -> bool:
        return piece.word is not None and piece.word == look.spoken

    def _drawing(self, number: int, look: Look, entrance: Entrance) -> Drawing | None:
        piece = self._pieces[number]
        is_spoken = self._is_spoken(piece, look)
        is_lit = is_spoken or (piece.word is not None and piece.word < look.begun)
        pop = look.pop if is_spoken else 0
        glyphs = tuple(glyph for glyph in (piece.lit if is_lit else piece.glyphs) if glyph.last <= look.letters)
        phase = entrance.below % PHASES
        return self._drawings.get(
            (number, is_lit, len(glyphs), pop, phase),
            lambda: draw_letters(glyphs, self._pose(piece, pop, phase / PHASES), self._frame_height),
        )

    def _pose(self, piece: Piece, pop: int, down: float = 0.0) -> Pose:
        """Return how a piece is drawn on the box: its middle stays where it is while it grows."""
        x, y = piece.middle
        return Pose(scale=self._scale(pop), x=x, y=y, right=self._x, down=self._y + down)

    def _scale(self, pop: int) -> float:
        return 1 + (self._source.pop - 1) * pop / POP_STEPS

    def _over_backdrop(self, letters: Rgba, look: Look) -> Rgba:
        """Lay the letters over their background, their shadow and the box behind the spoken word."""
        source = self._source
        marked = [piece for piece in self._pieces if self._is_spoken(piece, look)]
        if not source.background and not source.shadow and not (source.highlight_background and marked):
            return letters
        canvas = np.zeros_like(letters)
        if source.background:
            box = Box(left=0, top=0, right=self.width, bottom=self.height)
            self._lay_box(canvas, box, source.background, source.background.radius * self._frame_height)
        if source.shadow:
            self._lay_shadow(canvas, letters, source.shadow)
        if source.highlight_background:
            radius = source.highlight_background.radius * self._frame_height * self._scale(look.pop)
            for piece in marked:
                self._lay_box(canvas, self._mark(piece, look.pop), source.highlight_background, radius)
        lay_over(canvas, letters, 0, 0)
        return canvas

    def _mark(self, piece: Piece, pop: int) -> Box:
        """Return the box behind a spoken word."""
        padding = self._source.highlight_background.padding if self._source.highlight_background else 0.0
        return self._pose(piece, pop).box(piece.room.grown(padding * self._frame_height))

    def _lay_box(self, canvas: Rgba, box: Box, background: TextBackground, radius: float) -> None:
        lay_over(canvas, tint(fill_box(box, self._area, radius), background.color), 0, 0)

    def _lay_shadow(self, canvas: Rgba, letters: Rgba, shadow: TextShadow) -> None:
        right, down = shadow.x * self._frame_height, shadow.y * self._frame_height
        coverage = np.ascontiguousarray(letters[:, :, 3])
        across, along = right - floor(right), down - floor(down)
        if across or along:
            coverage = cv2.sepFilter2D(
                coverage,
                -1,
                np.array([across, 1 - across]),
                np.array([along, 1 - along]),
                anchor=(1, 1),
                borderType=cv2.BORDER_CONSTANT,
            )
        deviation = shadow.blur * self._frame_height
        if deviation > 0:
            coverage = cv2.GaussianBlur(coverage, (0, 0), deviation, borderType=cv2.BORDER_CONSTANT)
        lay_over(canvas, tint(coverage, shadow.color), floor(right), floor(down))

    def _whole_area(self) -> Area:
        """Return all pixels that any look touches, from the box's top left."""
        whole = Box(left=0, top=0, right=self.width, bottom=self.height)
        is_rising = self._source.reveal is not None and self._source.reveal.by is not RevealUnit.LETTERS
        for piece in self._pieces:
            rise = max(glyph.size for glyph in piece.glyphs) * RISE if is_rising else 0.0
            for glyphs, pop in ((piece.glyphs, 0), (piece.lit, 0), (piece.lit, POP_STEPS)):
                covered = ink(glyphs, self._frame_height)
                if covered:
                    letters = self._pose(piece, pop).box(covered).grown(1)
                    letters = letters.joined(letters.moved(0, rise))
                    whole = whole.joined(letters)
                    if self._source.shadow:
                        whole = whole.joined(self._shadow(letters, self._source.shadow))
            if piece.word is not None and self._source.highlight_background:
                whole = whole.joined(self._mark(piece, 0)).joined(self._mark(piece, POP_STEPS))
        return whole.area()

    def _shadow(self, letters: Box, shadow: TextShadow) -> Box:
        reach = ceil(SHADOW_REACH * shadow.blur * self._frame_height)
        return letters.moved(shadow.x * self._frame_height, shadow.y * self._frame_height).grown(reach)


def _unit_sizes(pieces: tuple[Piece, ...]) -> list[float]:
    """Return the largest font size of each unit, in pixels."""
    sizes = [0.0] * (1 + max((piece.unit for piece in pieces), default=-1))
    for piece in pieces:
        sizes[piece.unit] = max(sizes[piece.unit], *(glyph.size for glyph in piece.glyphs))
    return sizes


def _bytes(drawing: Drawing | None) -> int:
    return drawing.picture.nbytes if drawing else 0
