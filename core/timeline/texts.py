"""Texts of the document as the plan draws them: styles, spans, captions."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from core.api import Color
from core.timeline.document.assets import Background, LetterStyle, Reveal, TextAsset, TextLook
from core.timeline.document.clips import CaptionPreset, CaptionStyle
from core.timeline.plan import Cue, CueWord, Fit, Placement
from core.timeline.sources import (
    TextBackground,
    TextReveal,
    TextRun,
    TextShadow,
    TextSource,
    TextStyle,
    Word,
)

AMBER = Color(255, 179, 71)
INK = Color(12, 16, 22)
CAPTION_WIDTH = 0.86
CAPTION_Y = 0.85


REVEAL_SECONDS = Fraction(1)
"""How long a text takes to appear when only the unit is named; less in a shorter clip."""


def text_source(asset: TextAsset, duration: Fraction) -> TextSource:
    """Return a text asset as it is drawn in a clip of ``duration`` seconds."""
    base = style_of(asset, TextStyle())
    reveal = asset.animate
    if reveal is not None and not isinstance(reveal, Reveal):
        reveal = Reveal(by=reveal, duration=min(REVEAL_SECONDS, duration))
    return TextSource(
        runs=_runs(asset, base),
        align=asset.align,
        line_height=asset.line_height,
        max_width=asset.max_width,
        shadow=_shadow(asset),
        background=_background(asset.background),
        reveal=None if reveal is None else TextReveal(by=reveal.by, duration=reveal.duration),
    )


def style_of(look: LetterStyle, around: TextStyle) -> TextStyle:
    """Return a style: what ``look`` leaves out is taken from ``around``."""
    given = {
        name: getattr(look, name)
        for name in ("font", "italic", "size", "color", "letter_spacing", "underline")
        if getattr(look, name) is not None
    }
    if look.weight is not None:
        given["weight"] = round(look.weight)
    if look.stroke is not None:
        given |= {"stroke_color": look.stroke.color, "stroke_width": look.stroke.width}
    return replace(around, **given)


def _runs(asset: TextAsset, base: TextStyle) -> tuple[TextRun, ...]:
    """Cut a text where styles change; where spans overlap, the later one in the list wins."""
    edges = sorted({0, len(asset.text), *(edge for span in asset.spans for edge in (span.start, span.end))})
    runs: list[TextRun] = []
    for start, end in pairwise(edges):
        style = base
        for span in asset.spans:
            if span.start <= start and end <= span.end:
                style = style_of(span, style)
        if runs and runs[-1].style == style:
            runs[-1] = replace(runs[-1], text=runs[-1].text + asset.text[start:end])
        else:
            runs.append(TextRun(text=asset.text[start:end], style=style))
    return tuple(runs)


def _shadow(look: TextLook) -> TextShadow | None:
    part = look.shadow
    return None if part is None else TextShadow(color=part.color, x=part.x, y=part.y, blur=part.blur)


def _background(part: Background | None) -> TextBackground | None:
    return None if part is None else TextBackground(color=part.color, padding=part.padding, radius=part.radius)


SOFT_SHADOW = TextShadow(color=Color(0, 0, 0, 170), x=0.0, y=0.003, blur=0.006)
_PLAIN = TextStyle(weight=600, size=0.05)
_BOLD = TextStyle(weight=800, size=0.058, stroke_color=Color(12, 16, 22, 220), stroke_width=0.004)
PRESETS: dict[CaptionPreset, TextSource] = {
    CaptionPreset.PLAIN: TextSource(runs=(TextRun(text="", style=_PLAIN),), shadow=SOFT_SHADOW),
    CaptionPreset.BOXED: TextSource(
        runs=(TextRun(text="", style=_PLAIN),),
        background=TextBackground(color=Color(12, 16, 22, 190), padding=0.016, radius=0.016),
    ),
    CaptionPreset.KARAOKE: TextSource(
        runs=(TextRun(text="", style=_BOLD),),
        shadow=SOFT_SHADOW,
        highlight=replace(_BOLD, color=AMBER),
        keeps_highlight=True,
    ),
    CaptionPreset.POP: TextSource(
        runs=(TextRun(text="", style=_BOLD),),
        shadow=SOFT_SHADOW,
        highlight=replace(_BOLD, color=AMBER),
        pop=1.15,
    ),
}


def caption_source(cue: Cue, style: CaptionPreset | CaptionStyle) -> TextSource:
    """Return a cue as it is burned in; the words' times count from the cue's start."""
    look = style if isinstance(style, CaptionStyle) else CaptionStyle(preset=style)
    ground = PRESETS[look.preset]
    letters = style_of(look, ground.runs[0].style)
    highlight = ground.highlight
    if look.highlight is not None:
        highlight = style_of(look.highlight, replace(letters, color=AMBER))
    elif highlight is not None:
        highlight = replace(letters, color=highlight.color)
    return replace(
        ground,
        runs=(TextRun(text=cue.text, style=letters),),
        align=look.align if "align" in look.model_fields_set else ground.align,
        line_height=look.line_height,
        max_width=look.max_width if look.max_width is not None else CAPTION_WIDTH,
        shadow=_shadow(look) if look.shadow is not None else ground.shadow,
        background=_background(look.background) if look.background is not None else ground.background,
        highlight=highlight,
        highlight_background=_background(look.highlight.background) if look.highlight is not None else None,
        words=_words(cue) if highlight is not None else (),
    )


def caption_placement(style: CaptionPreset | CaptionStyle) -> Placement:
    """Return where captions lie: low in the middle unless the style says otherwise."""
    look = style if isinstance(style, CaptionStyle) else CaptionStyle()
    return Placement(
        fit=Fit.NONE,
        x=0.5 if look.x is None else look.x,
        y=CAPTION_Y if look.y is None else look.y,
    )


def _words(cue: Cue) -> tuple[Word, ...]:
    return tuple(
        Word(start=word.start - cue.start, end=word.end - cue.start, text=word.text)
        for word in (cue.words or spread_words(cue))
    )


def spread_words(cue: Cue) -> tuple[CueWord, ...]:
    """Give each word of a cue a share of its time by its length, for cues that come without words."""
    texts = cue.text.split()
    letters = sum(len(text) for text in texts)
    words, start = [], cue.start
    for text in texts:
        end = start + (cue.end - cue.start) * Fraction(len(text), letters)
        words.append(CueWord(start=start, end=end, text=text))
        start = end
    return tuple(words)
