"""Itemising: splitting a paragraph into stretches that are shaped together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core.media.text.bidi import levels, paragraph_level
from core.media.text.clusters import cluster_starts
from core.media.text.fonts import FontLibrary, FontProblem, FontWarning
from core.media.text.shaping import COMMON_SCRIPT, Item, script_of
from core.media.text.typeface import Typeface
from core.timeline.sources import TextStyle


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph's characters with their items, in logical order. ``letters`` are the starts of its clusters."""

    text: str
    styles: tuple[TextStyle, ...]
    is_rtl: bool
    letters: tuple[int, ...]
    items: tuple[Item, ...]
    warnings: frozenset[FontWarning]


def itemize(text: str, styles: Sequence[TextStyle], fonts: FontLibrary) -> Paragraph:
    """Split a paragraph, given the style of each character."""
    base = paragraph_level(text)
    embedding = levels(text, base)
    letters = cluster_starts(text)
    chooser = _Chooser(fonts)
    items: list[Item] = []
    for start, end, script in _clusters(text, letters):
        style = styles[start]
        item = Item(
            start=start,
            end=end,
            typeface=chooser.choose(text[start:end], style),
            size=style.size,
            letter_spacing=style.letter_spacing,
            script=script,
            level=embedding[start],
        )
        if items and _belong_together(items[-1], item):
            item = replace(item, start=items.pop().start)
        items.append(item)
    return Paragraph(
        text=text,
        styles=tuple(styles),
        is_rtl=base == 1,
        letters=tuple(letters),
        items=tuple(items),
        warnings=frozenset(chooser.warnings),
    )


def _clusters(text: str, letters: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """Yield each cluster's start, end and script; those that any script uses take the one before them."""
    script = COMMON_SCRIPT
    for start, end in pairwise([*letters, len(text)]):
        script = next((found for char in text[start:end] if (found := script_of(char))), script)
        yield start, end, script


def _belong_together(left: Item, right: Item) -> bool:
    return (
        left.typeface is right.typeface
        and (left.size, left.letter_spacing) == (right.size, right.letter_spacing)
        and left.level == right.level
        and (left.script == right.script or left.script == COMMON_SCRIPT)
    )


class _Chooser:
    """Chooses typefaces and notes what was missing."""

    def __init__(self, fonts: FontLibrary) -> None:
        self._fonts = fonts
        self._chosen: dict[tuple[str, TextStyle], Typeface] = {}
        self.warnings: set[FontWarning] = set()

    def choose(self, cluster: str, style: TextStyle) -> Typeface:
        key = (cluster, style)
        if key not in self._chosen:
            self._chosen[key] = self._find(cluster, style)
        return self._chosen[key]

    def _find(self, cluster: str, style: TextStyle) -> Typeface:
        if not self._fonts.has_family(style.font):
            self.warnings.add(FontWarning(FontProblem.UNKNOWN_FAMILY, style.font))
        if found := find_typeface(cluster, style, self._fonts):
            return found
        self.warnings.add(FontWarning(FontProblem.MISSING_GLYPH, cluster))
        return self._fonts.find(style.font, weight=style.weight, is_italic=style.italic, size=style.size)


def find_typeface(cluster: str, style: TextStyle, fonts: FontLibrary) -> Typeface | None:
    """Return the typeface that a cluster is drawn with; its first character decides where no font has all of it."""
    for part in (cluster, cluster[:1]):
        found = fonts.find_for(part, style.font, weight=style.weight, is_italic=style.italic, size=style.size)
        if found:
            return found
    return None
