"""Pieces: a laid-out text parted into what moves or changes by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core.media.painters.looks import has_speech
from core.media.painters.raster import Box
from core.media.painters.words import spoken_words, written_words
from core.media.text.fonts import FontLibrary
from core.media.text.layout import Glyph, TextLayout, lay_out
from core.timeline.sources import RevealUnit, TextRun, TextSource, TextStyle


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Glyphs that are drawn together; those of a spoken word lie on one line.

    ``lit`` are the glyphs it has while it is spoken, ``word`` its index; ``unit`` counts what is revealed one after
    another. ``room`` is a spoken word's place on its line: its advance by the letters' ascent and descent, in pixels
    of the layout.
    """

    glyphs: tuple[Glyph, ...]
    lit: tuple[Glyph, ...]
    word: int | None
    unit: int
    room: Box

    @property
    def middle(self) -> tuple[float, float]:
        """The point about which the piece grows."""
        return (self.room.left + self.room.right) / 2, (self.room.top + self.room.bottom) / 2


def part(layout: TextLayout, source: TextSource, fonts: FontLibrary, *, frame_height: float) -> tuple[Piece, ...]:
    """Part a layout as the source's animations need it, in writing order."""
    spans = spoken_words(layout.text, source.words) if has_speech(source) else []
    words = _owners(spans, len(layout.text))
    units = _owners(written_words(layout.text), len(layout.text))
    by = source.reveal.by if source.reveal else RevealUnit.LETTERS
    parted: dict[tuple[int | None, int, int], list[Glyph]] = {}
    for glyph in sorted(layout.glyphs, key=lambda each: each.char):
        word = words[glyph.char]
        unit = {RevealUnit.LETTERS: 0, RevealUnit.WORDS: units[glyph.char] or 0, RevealUnit.LINES: glyph.line}[by]
        parted.setdefault((word, unit, 0 if word is None else glyph.line), []).append(glyph)
    return tuple(
        Piece(
            glyphs=tuple(glyphs),
            lit=() if word is None else _lit(glyphs, layout.text, source.highlight, fonts, frame_height),
            word=word,
            unit=unit,
            room=_room(glyphs, layout.text),
        )
        for (word, unit, _), glyphs in parted.items()
    )


def _owners(spans: Sequence[tuple[int, int]], length: int) -> list[int | None]:
    """Return for each character the span it belongs to: what lies between two belongs to the first."""
    owners: list[int | None] = [None] * length
    starts = [(start, index) for index, (start, end) in enumerate(spans) if end > start]
    for (start, index), (following, _) in pairwise([*starts, (length, 0)]):
        owners[start:following] = [index] * (following - start)
    return owners


def _room(glyphs: Sequence[Glyph], text: str) -> Box:
    """Return the room of glyphs without the spaces that follow them."""
    letters = [glyph for glyph in glyphs if not text[glyph.char].isspace()] or glyphs
    return Box(
        left=min(glyph.left for glyph in letters),
        top=min(glyph.baseline - glyph.metrics.ascent * glyph.size for glyph in letters),
        right=max(glyph.right for glyph in letters),
        bottom=max(glyph.baseline + glyph.metrics.descent * glyph.size for glyph in letters),
    )


def _lit(
    glyphs: Sequence[Glyph], text: str, highlight: TextStyle | None, fonts: FontLibrary, frame_height: float
) -> tuple[Glyph, ...]:
    """Return a word's glyphs in the highlight's style; letters of another shape are centred where the word is."""
    if highlight is None:
        return tuple(glyphs)
    if all(_has_same_shape(glyph.style, highlight) for glyph in glyphs):
        return tuple(replace(glyph, style=highlight) for glyph in glyphs)
    start, end = glyphs[0].char, _last_char(glyphs, text)
    alone = lay_out([TextRun(text=text[start:end], style=highlight)], fonts, frame_height=frame_height)
    if not alone.glyphs:
        return tuple(glyphs)
    room, line = _room(glyphs, text), alone.lines[0]
    right, down = (room.left + room.right - line.left - line.right) / 2, glyphs[0].baseline - line.baseline
    first = min(glyph.first for glyph in glyphs)
    return tuple(
        replace(
            glyph,
            x=glyph.x + right,
            y=glyph.y + down,
            left=glyph.left + right,
            right=glyph.right + right,
            baseline=glyph.baseline + down,
            char=glyph.char + start,
            end=glyph.end + start,
            first=glyph.first + first,
            last=glyph.last + first,
            line=glyphs[0].line,
        )
        for glyph in alone.glyphs
    )


def _last_char(glyphs: Sequence[Glyph], text: str) -> int:
    """Return the end of the last letter that glyphs in writing order stand for, spaces left out."""
    start = glyphs[0].char
    end = max(glyph.end for glyph in glyphs)
    return start + len(text[start:end].rstrip())


def _has_same_shape(left: TextStyle, right: TextStyle) -> bool:
    """Tell whether two styles differ in their colours alone, so that letters keep their forms and places."""
    return all(
        getattr(left, name) == getattr(right, name) for name in ("font", "weight", "italic", "size", "letter_spacing")
    )
