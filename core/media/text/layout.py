"""Layout: a text's lines, and every glyph's place in them. Done once; what is animated later moves nothing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core.media.text.bidi import visual_order
from core.media.text.breaking import break_opportunities
from core.media.text.fonts import FontLibrary, FontWarning
from core.media.text.itemizing import Paragraph, itemize
from core.media.text.shaping import ShapedGlyph, shape
from core.media.text.typeface import Metrics, Typeface
from core.timeline.sources import TextAlign, TextRun, TextStyle

LINE_END = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
SPACES = " \t\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u205f\u3000\u200b"
# Control characters are invisible; a tab is a space.
CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), "\u2060") | {ord("\t"): " "}
SOFT_HYPHEN = "\u00ad"
HYPHEN = "-"
# Widths are sums of rounded numbers: a line that fits exactly must not break.
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """A glyph in its place: its origin on the baseline, in pixels from the layout's top left, y downwards.

    ``size`` is the em in pixels, ``left`` to ``right`` the room its letters take on the line, ``metrics`` the
    measures of the typeface that its style names (not of a fallback). It stands for the letters ``first`` to ``last``
    (counted over the whole text, ``last`` not included), which are characters ``char`` to ``end`` of the text.
    """

    glyph: int
    typeface: Typeface
    size: float
    x: float
    y: float
    left: float
    right: float
    baseline: float
    style: TextStyle
    metrics: Metrics
    char: int
    end: int
    first: int
    last: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line: its extent without hanging spaces, in pixels of the layout."""

    left: float
    right: float
    top: float
    baseline: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLayout:
    """A laid-out text: as wide as its widest line, as high as all of them; ``letters`` counts grapheme clusters."""

    width: float
    height: float
    lines: tuple[Line, ...]
    glyphs: tuple[Glyph, ...]
    letters: int
    text: str
    warnings: frozenset[FontWarning]


def lay_out(
    runs: Sequence[TextRun],
    fonts: FontLibrary,
    *,
    frame_height: float,
    max_width: float | None = None,
    align: TextAlign = TextAlign.CENTER,
    line_height: float = 1.2,
) -> TextLayout:
    """Lay a text out; ``max_width`` in pixels. A text without runs has one empty line of the default style."""
    rows = [
        _Row(paragraph=paragraph, start=start, end=end, offset=offset, letter=letter, letter_of=letter_of)
        for paragraph, offset, letter in _paragraphs(runs, fonts)
        for letter_of in (_letter_index(paragraph),)
        for start, end in _wrap(paragraph, frame_height, max_width)
    ]
    placed = [_place_row(row, number, fonts, frame_height, line_height) for number, row in enumerate(rows)]
    width = max(line.right for line, _ in placed)
    lines: list[Line] = []
    glyphs: list[Glyph] = []
    top = 0.0
    for row, (line, row_glyphs) in zip(rows, placed, strict=True):
        x = (width - line.right) * _share_left(align, is_rtl=row.paragraph.is_rtl)
        lines.append(
            Line(left=x, right=x + line.right, top=top, baseline=top + line.baseline, bottom=top + line.bottom)
        )
        glyphs += [
            replace(
                glyph,
                x=glyph.x + x,
                y=glyph.y + top + line.baseline,
                left=glyph.left + x,
                right=glyph.right + x,
                baseline=top + line.baseline,
            )
            for glyph in row_glyphs
        ]
        top += line.bottom
    last = rows[-1]
    return TextLayout(
        width=width,
        height=top,
        lines=tuple(lines),
        glyphs=tuple(glyphs),
        letters=last.letter + len(last.paragraph.letters),
        text="".join(run.text for run in runs),
        warnings=frozenset().union(*(row.paragraph.warnings for row in rows)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """Characters of a paragraph that make a line; the paragraph begins at ``offset`` and ``letter`` of the text.

    ``letter_of`` tells for each character of the paragraph the number of its letter.
    """

    paragraph: Paragraph
    start: int
    end: int
    offset: int
    letter: int
    letter_of: Sequence[int]


def _paragraphs(runs: Sequence[TextRun], fonts: FontLibrary) -> Iterator[tuple[Paragraph, int, int]]:
    """Yield each paragraph with the index of its first character and of its first letter."""
    text = "".join(run.text for run in runs)
    styles = [run.style for run in runs for _ in run.text]
    last_style = runs[-1].style if runs else TextStyle()
    letter = start = 0
    ends = [(found.start(), found.end()) for found in LINE_END.finditer(text)]
    for end, following in [*ends, (len(text), len(text))]:
        # An empty line is as high as the letters around it would be.
        own_styles = styles[start:end] or [styles[min(start, len(styles) - 1)] if styles else last_style]
        paragraph = itemize(text[start:end].translate(CONTROLS), own_styles, fonts)
        yield paragraph, start, letter
        letter += len(paragraph.letters)
        start = following


def _share_left(align: TextAlign, *, is_rtl: bool) -> float:
    """Return how much of a line's free room lies on its left."""
    match align:
        case TextAlign.CENTER:
            return 0.5
        case TextAlign.LEFT:
            return 0.0
        case TextAlign.RIGHT:
            return 1.0
        case TextAlign.START:
            return 1.0 if is_rtl else 0.0
        case TextAlign.END:
            return 0.0 if is_rtl else 1.0


def _wrap(paragraph: Paragraph, frame_height: float, max_width: float | None) -> Iterator[tuple[int, int]]:
    """Yield the lines of a paragraph: as much as fits, broken inside a word only when it alone is too wide."""
    text = paragraph.text
    if max_width is None or not text:
        yield 0, len(text)
        return
    advances = _advances(paragraph, frame_height)
    letters = set(paragraph.letters)
    opportunities = [may and index in letters for index, may in enumerate(break_opportunities(text))]
    start, last_break, width = 0, 0, 0.0
    index = 0
    while index < len(text):
        if opportunities[index]:
            hyphen = _hyphen(paragraph, index - 1, frame_height)
            if not hyphen or width + hyphen <= max_width + TOLERANCE:
                last_break = index
        is_hanging = text[index] in SPACES
        spacing = _trailing_spacing(paragraph, index) * frame_height
        if not is_hanging and width + advances[index] - spacing > max_width + TOLERANCE and index > start:
            end = last_break if last_break > start else (index if index in letters else None)
            if end is not None:
                yield start, end
                start = last_break = index = end
                width = 0.0
                continue
        width += advances[index]
        index += 1
    yield start, len(text)


def _hyphen(paragraph: Paragraph, index: int, frame_height: float) -> float:
    """Return the width of the hyphen that a soft one becomes at a line's end."""
    if paragraph.text[index] != SOFT_HYPHEN:
        return 0.0
    item = next(item for item in paragraph.items if item.start <= index < item.end)
    return shape(HYPHEN, replace(item, start=0, end=1))[0].advance * item.size * frame_height


def _trailing_spacing(paragraph: Paragraph, index: int) -> float:
    """Return the letter spacing after a character, in fractions of the frame's height: it hangs over a line's end."""
    style = paragraph.styles[index]
    return style.letter_spacing * style.size


def _advances(paragraph: Paragraph, frame_height: float) -> list[float]:
    """Return the width each character adds to a line, in pixels; that of a cluster lies on its first letter."""
    advances = [0.0] * len(paragraph.text)
    for item in paragraph.items:
        for glyph in shape(paragraph.text, item):
            advances[glyph.start] += glyph.advance * item.size * frame_height
    return advances


def _place_row(
    row: _Row, number: int, fonts: FontLibrary, frame_height: float, line_height: float
) -> tuple[Line, list[Glyph]]:
    """Place a line's glyphs with its left end and baseline at 0; the line's top is 0, so its bottom is its height."""
    paragraph = row.paragraph
    end = row.start + len(paragraph.text[row.start : row.end].rstrip(SPACES))
    text = paragraph.text
    if text[row.start : end].endswith(SOFT_HYPHEN) and row.end < len(text):
        text = text[: end - 1] + HYPHEN + text[end:]
    items = [
        replace(item, start=max(item.start, row.start), end=min(item.end, end))
        for item in paragraph.items
        if item.start < end and item.end > row.start
    ]
    letter_of = row.letter_of
    glyphs: list[Glyph] = []
    x = right = 0.0
    for item in (items[index] for index in visual_order([item.level for item in items])):
        size = item.size * frame_height
        for group in _clusters(shape(text, item)):
            left = x
            for glyph in group:
                style = paragraph.styles[glyph.start]
                glyphs.append(
                    Glyph(
                        glyph=glyph.glyph,
                        typeface=item.typeface,
                        size=size,
                        x=x + glyph.x_offset * size,
                        y=-glyph.y_offset * size,
                        left=left,
                        right=left + sum(each.advance for each in group) * size,
                        baseline=0.0,
                        style=style,
                        metrics=_metrics(style, fonts),
                        char=row.offset + glyph.start,
                        end=row.offset + glyph.end,
                        first=row.letter + letter_of[glyph.start],
                        last=row.letter + letter_of[glyph.end - 1] + 1,
                        line=number,
                    )
                )
                x += glyph.advance * size
        # Spacing follows each letter but not the line's last one.
        right = x - item.spacing * size
    above, below = _extent(paragraph.styles[row.start : max(end, row.start + 1)], fonts, frame_height, line_height)
    return Line(left=0.0, right=max(right, 0.0), top=0.0, baseline=above, bottom=above + below), glyphs


def _clusters(glyphs: Sequence[ShapedGlyph]) -> Iterator[list[ShapedGlyph]]:
    """Group neighbouring glyphs that stand for the same letters."""
    group: list[ShapedGlyph] = []
    for glyph in glyphs:
        if group and group[0].start != glyph.start:
            yield group
            group = []
        group.append(glyph)
    if group:
        yield group


def _letter_index(paragraph: Paragraph) -> list[int]:
    """Return for each character the number of the letter it belongs to."""
    indices: list[int] = []
    for number, (start, end) in enumerate(pairwise([*paragraph.letters, len(paragraph.text)])):
        indices += [number] * (end - start)
    return indices


def _extent(
    styles: Sequence[TextStyle], fonts: FontLibrary, frame_height: float, line_height: float
) -> tuple[float, float]:
    """Return how far a line reaches above and below its baseline: the letters' own, with half the leading each way.

    Fallback fonts have no say, so that an emoji does not push lines apart.
    """
    above = below = 0.0
    for style in set(styles):
        metrics = _metrics(style, fonts)
        size = style.size * frame_height
        leading = line_height - (metrics.ascent + metrics.descent)
        above = max(above, (metrics.ascent + leading / 2) * size)
        below = max(below, (metrics.descent + leading / 2) * size)
    return above, below


def _metrics(style: TextStyle, fonts: FontLibrary) -> Metrics:
    return fonts.find(style.font, weight=style.weight, is_italic=style.italic, size=style.size).metrics
