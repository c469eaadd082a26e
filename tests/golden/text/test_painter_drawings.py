"""Every feature of drawn sources against a picture that a person looked at."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.api import Color, Rgb
from core.api.testing import assert_golden
from core.media.painters import DrawnSource, open_painter
from core.media.painters.premultiplied import lay_over
from core.media.text.fonts import FontLibrary
from core.timeline.sources import (
    ColorSource,
    GradientKind,
    GradientSource,
    RevealUnit,
    ShapeKind,
    ShapeSource,
    TextAlign,
    TextBackground,
    TextReveal,
    TextRun,
    TextShadow,
    TextSource,
    TextStyle,
    Word,
)

FOLDER = Path(__file__).parent
WIDTH, HEIGHT = 640, 160
FIELD = Color(44, 50, 66)
YELLOW, RED, BLUE, BLACK = Color(255, 210, 0), Color(214, 24, 56), Color(20, 110, 255), Color(0, 0, 0)

CAPTION = "Every word lights up in time"
CAPTION_STYLE = TextStyle(size=0.2, weight=700)
CAPTION_WORDS = tuple(
    Word(start=Fraction(index), end=Fraction(index + 1), text=word) for index, word in enumerate(CAPTION.split())
)
STAR = "M.5 0 L.79 .9 L.02 .35 H.98 L.21 .9Z"
LEAF = "m.1.9c0-.5.3-.8.8-.8 0 .5-.3.8-.8.8zM.4.5a.1.1 0 00.2 0 .1.1 0 00-.2 0"


def run(text: str, size: float = 0.25, **style: object) -> TextRun:
    return TextRun(text=text, style=TextStyle(size=size, **style))


def text(*runs: TextRun, **source: object) -> TextSource:
    return TextSource(runs=runs, **source)


def caption(**source: object) -> TextSource:
    return text(TextRun(text=CAPTION, style=CAPTION_STYLE), words=CAPTION_WORDS, **source)


def highlight(**style: object) -> TextStyle:
    return TextStyle(**{"size": 0.2, "weight": 700, "color": YELLOW, **style})


def shape(kind: ShapeKind, **source: object) -> ShapeSource:
    return ShapeSource(kind=kind, **{"fill": BLUE, **source})


PARAGRAPH = "The quick brown fox jumps over the lazy dog, twice — incomprehensibilities notwithstanding."
OUTLINED = run("Wavy gym", 0.4, weight=900, stroke_color=RED, stroke_width=0.03)
SHADOW = TextShadow(color=Color(0, 0, 0, 200), x=0.02, y=0.03, blur=0.02)
HALF = Fraction(1)

DRAWINGS: dict[str, tuple[DrawnSource, Fraction]] = {
    "kerning": (text(run("AVATAR To, Wave fi")), Fraction(0)),
    "weights": (text(*(run("Aa ", weight=weight) for weight in range(100, 1000, 100))), Fraction(0)),
    "families": (
        text(
            run("Playfair ", 0.2, font="Playfair Display"),
            run("italic ", 0.2, font="Playfair Display", italic=True),
            run("Mono ", 0.15, font="JetBrains Mono", weight=700),
            run("BEBAS ", font="Bebas Neue"),
            run("oblique", 0.2, font="JetBrains Mono", italic=True),
        ),
        Fraction(0),
    ),
    "spans": (
        text(
            run("Bold ", weight=800),
            run("italic ", italic=True, color=YELLOW),
            run("under", underline=True),
            run("line", underline=True, color=RED),
            run(" small", 0.12),
        ),
        Fraction(0),
    ),
    "letter-spacing": (text(run("SPACED fi", letter_spacing=0.3), run(" tight", letter_spacing=-0.05)), Fraction(0)),
    "stroke-and-shadow": (text(OUTLINED, shadow=SHADOW), Fraction(0)),
    "translucent-fill-over-stroke": (
        text(run("Glass", 0.5, weight=900, color=Color(255, 255, 255, 60), stroke_color=YELLOW, stroke_width=0.02)),
        Fraction(0),
    ),
    "background": (
        text(
            run("Made in the open", 0.2, weight=700),
            background=TextBackground(color=Color(10, 20, 60, 170), padding=0.1, radius=0.1),
        ),
        Fraction(0),
    ),
    "wrapped": (text(run(PARAGRAPH, 0.12), max_width=0.4, align=TextAlign.LEFT), Fraction(0)),
    "align-center": (text(run("One\nlonger line\ntwo", 0.2), align=TextAlign.CENTER), Fraction(0)),
    "align-right": (text(run("One\nlonger line\ntwo", 0.2), align=TextAlign.RIGHT), Fraction(0)),
    "align-start-mixed": (text(run("Left and long\nשלום לעולם\nends", 0.2), align=TextAlign.START), Fraction(0)),
    "arabic": (text(run("مرحبا بالعالم 42 (Reelhouse) لا")), Fraction(0)),
    "arabic-bold-wrapped": (
        text(run("بِسْمِ اللَّهِ نحن نصنع الفيديو في العلن، معًا.", 0.2, weight=800), max_width=0.5),
        Fraction(0),
    ),
    "hebrew-with-numbers": (text(run("שלום 123 world, עולם (4)!")), Fraction(0)),
    "devanagari-and-thai": (text(run("नमस्ते क्षत्रिय ", weight=600), run("สวัสดีที่นี่")), Fraction(0)),
    "combining": (text(run("e\u0301 n\u0303 a\u030a\u0301 q\u0308 ỗ ½ Ω Ж")), Fraction(0)),
    "emoji": (text(run("👨‍👩‍👧‍👦 🇫🇷 👍🏽 ❤️ 1️⃣ 😀 🏳️‍🌈")), Fraction(0)),
    "emoji-in-text": (
        text(run("Fun 🎬 now 😀!", 0.3, weight=700, stroke_color=BLACK, stroke_width=0.02)),
        Fraction(0),
    ),
    "missing-glyph": (text(run("a 中 b")), Fraction(0)),
    "typewriter": (text(run("Typewriter half"), reveal=TextReveal(by=RevealUnit.LETTERS, duration=HALF * 2)), HALF),
    "words": (text(run("Words rise one by one"), reveal=TextReveal(by=RevealUnit.WORDS, duration=HALF * 2)), HALF),
    "lines": (
        text(
            run("First line\nsecond line\nthird line", 0.2), reveal=TextReveal(by=RevealUnit.LINES, duration=HALF * 2)
        ),
        HALF,
    ),
    "karaoke": (caption(highlight=highlight(), keeps_highlight=True), Fraction(5, 2)),
    "spoken-word": (caption(highlight=highlight()), Fraction(5, 2)),
    "pop-grown": (caption(highlight=highlight(), pop=1.3, shadow=SHADOW), Fraction(5, 2)),
    "pop-growing": (caption(highlight=highlight(), pop=1.3), Fraction(203, 100)),
    "highlight-background": (
        caption(
            highlight=highlight(color=Color(20, 20, 20)),
            highlight_background=TextBackground(color=YELLOW, padding=0.02, radius=0.05),
        ),
        Fraction(3, 2),
    ),
    "highlight-of-another-shape": (caption(highlight=highlight(weight=900, italic=True)), Fraction(3, 2)),
    "color": (ColorSource(color=Color(200, 100, 50, 128)), Fraction(0)),
    "gradient-45": (
        GradientSource(
            kind=GradientKind.LINEAR,
            angle=45,
            stops=((0.0, Color(255, 0, 0)), (0.5, Color(255, 255, 0, 128)), (1.0, Color(0, 80, 255))),
        ),
        Fraction(0),
    ),
    "gradient-radial": (
        GradientSource(
            kind=GradientKind.RADIAL, angle=0, stops=((0.1, Color(255, 255, 255)), (1.0, Color(0, 80, 255, 0)))
        ),
        Fraction(0),
    ),
    "rectangle": (
        shape(ShapeKind.RECTANGLE, stroke_color=Color(255, 255, 255), stroke_width=0.05, radius=0.2),
        Fraction(0),
    ),
    "rectangle-square": (
        shape(ShapeKind.RECTANGLE, fill=Color(20, 110, 255, 128), stroke_color=YELLOW, stroke_width=0.04),
        Fraction(0),
    ),
    "ellipse": (shape(ShapeKind.ELLIPSE, stroke_color=Color(255, 255, 255), stroke_width=0.05), Fraction(0)),
    "path-star": (shape(ShapeKind.PATH, path=STAR, stroke_color=YELLOW, stroke_width=0.02), Fraction(0)),
    "path-leaf": (shape(ShapeKind.PATH, path=LEAF, fill=Color(90, 200, 120)), Fraction(0)),
    "path-open": (
        shape(ShapeKind.PATH, path="M0 .5Q.25 0 .5 .5T1 .5", fill=None, stroke_color=RED, stroke_width=0.06),
        Fraction(0),
    ),
}


@pytest.fixture(scope="module")
def fonts() -> FontLibrary:
    return FontLibrary()


def on_field(source: DrawnSource, time: Fraction, fonts: FontLibrary) -> Rgb:
    """Draw a source in the middle of a plain field."""
    painter = open_painter(source, frame_width=WIDTH, frame_height=HEIGHT, box_width=240, box_height=120, fonts=fonts)
    field = np.full((HEIGHT, WIDTH, 4), [FIELD.r, FIELD.g, FIELD.b, 255], np.uint8)
    left, top = (WIDTH - painter.width) // 2 - painter.bleed.left, (HEIGHT - painter.height) // 2 - painter.bleed.top
    lay_over(field, painter.draw(time, 1.0), left, top)
    return np.ascontiguousarray(field[:, :, :3])


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_looks_like_its_reference(name: str, fonts: FontLibrary) -> None:
    source, time = DRAWINGS[name]
    assert_golden(on_field(source, time, fonts), FOLDER / f"{name}.png", min_psnr=40)
