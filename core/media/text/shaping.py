"""Shaping: from a stretch of one paragraph in one typeface, script and direction to glyphs."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import uharfbuzz as hb

from core.media.text.typeface import Typeface

COMMON_SCRIPT = "Zyyy"
# Scripts whose letters join: spacing would tear them apart (CSS Text 3, section 9.2.1).
CURSIVE_SCRIPTS = frozenset({"Arab", "Syrc", "Mong", "Nkoo", "Phag", "Mand", "Adlm", "Rohg", "Deva", "Beng", "Guru"})
UNLIGATED = {"liga": False, "clig": False, "dlig": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Characters ``start`` to ``end`` of a paragraph that are shaped together.

    ``size`` is a fraction of the frame's height, ``letter_spacing`` in em.
    """

    start: int
    end: int
    typeface: Typeface
    size: float
    letter_spacing: float
    script: str
    level: int

    @property
    def is_rtl(self) -> bool:
        """True when the letters run to the left."""
        return self.level % 2 == 1

    @property
    def spacing(self) -> float:
        """What is added after each letter, in em."""
        return 0.0 if self.script in CURSIVE_SCRIPTS else self.letter_spacing


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapedGlyph:
    """A glyph in its item, from left to right; lengths in em, ``y_offset`` upwards.

    It stands for characters ``start`` to ``end`` of the paragraph; several glyphs may stand for the same.
    """

    glyph: int
    x_offset: float
    y_offset: float
    advance: float
    start: int
    end: int


@lru_cache(maxsize=8192)
def script_of(char: str) -> str | None:
    """Return the ISO 15924 code of a character's script; None for those that any script uses."""
    buffer = hb.Buffer()
    buffer.add_str(char)
    buffer.guess_segment_properties()
    return buffer.script


def shape(text: str, item: Item) -> tuple[ShapedGlyph, ...]:
    """Shape an item of a paragraph; its neighbours are seen, so that letters join across items."""
    buffer = hb.Buffer()
    buffer.add_str(text, item.start, item.end - item.start)
    buffer.direction = "rtl" if item.is_rtl else "ltr"
    buffer.script = item.script
    buffer.language = "und"
    # Colour fonts join emoji by ligatures, and these stay one letter.
    is_unligated = item.spacing != 0 and not item.typeface.face.is_color
    hb.shape(item.typeface.font, buffer, UNLIGATED if is_unligated else None)
    return tuple(_spaced(buffer, item))


def _spaced(buffer: hb.Buffer, item: Item) -> Iterator[ShapedGlyph]:
    infos, positions = buffer.glyph_infos, buffer.glyph_positions
    starts = sorted({info.cluster for info in infos})
    ends = dict(zip(starts, [*starts[1:], item.end], strict=True))
    units = item.typeface.units
    for place, (info, position) in enumerate(zip(infos, positions, strict=True)):
        is_last = place + 1 == len(infos) or infos[place + 1].cluster != info.cluster
        yield ShapedGlyph(
            glyph=info.codepoint,
            x_offset=position.x_offset / units,
            y_offset=position.y_offset / units,
            advance=position.x_advance / units + (item.spacing if is_last else 0.0),
            start=info.cluster,
            end=ends[info.cluster],
        )
