from fractions import Fraction

import numpy as np
import pytest

from core.api import Color, Rgba
from core.media.painters import Bleed, Painter, open_painter
from core.media.text.fonts import FontLibrary, FontProblem, FontWarning
from core.timeline.sources import (
    RevealUnit,
    TextBackground,
    TextReveal,
    TextRun,
    TextShadow,
    TextSource,
    TextStyle,
    Word,
)

WIDTH, HEIGHT = 640, 200
START = Fraction(0)
YELLOW, RED, BLACK, GLASS = Color(255, 210, 0), Color(255, 0, 0), Color(0, 0, 0), Color(255, 255, 255, 100)
STYLE = TextStyle(size=0.2, weight=700)
WORDS = tuple(
    Word(start=Fraction(index), end=Fraction(index + 1), text=word) for index, word in enumerate(("one", "two", "six"))
)


@pytest.fixture(scope="module")
def fonts() -> FontLibrary:
    return FontLibrary()


def opened(fonts: FontLibrary, text: str = "one two six", style: TextStyle = STYLE, **source: object) -> Painter:
    return open_painter(
        TextSource(runs=(TextRun(text=text, style=style),), **source),
        frame_width=WIDTH,
        frame_height=HEIGHT,
        box_width=7,
        box_height=7,
        fonts=fonts,
    )


def caption(fonts: FontLibrary, **source: object) -> Painter:
    return opened(fonts, words=WORDS, highlight=TextStyle(size=0.2, weight=700, color=YELLOW), **source)


def draw(painter: Painter, time: Fraction | int = START, reveal: float = 1.0) -> Rgba:
    drawing = painter.draw(Fraction(time), reveal)
    bleed = painter.bleed
    assert drawing.dtype == np.uint8
    assert drawing.shape == (bleed.top + painter.height + bleed.bottom, bleed.left + painter.width + bleed.right, 4)
    assert (drawing[:, :, :3] <= drawing[:, :, 3:]).all()
    return drawing


def inked(drawing: Rgba) -> tuple[int, int]:
    """Return the first column with ink, and the one after the last."""
    columns = np.flatnonzero(drawing[:, :, 3].max(0))
    return int(columns[0]), int(columns[-1]) + 1


def yellow(drawing: Rgba) -> np.ndarray:
    """Return where ink is yellow."""
    return (drawing[:, :, 3] > 128) & (drawing[:, :, 2] < drawing[:, :, 3] // 3)


def test_the_box_is_the_layouts_own_size_and_takes_no_notice_of_the_clips(fonts: FontLibrary) -> None:
    painter = opened(fonts, "x")
    assert painter.height == 48
    assert 15 < painter.width < 30
    assert painter.is_static
    assert painter.warnings == ()


def test_a_background_adds_its_padding_and_fills_the_box(fonts: FontLibrary) -> None:
    plain = opened(fonts)
    padded = opened(fonts, background=TextBackground(color=RED, padding=0.1))
    assert (padded.width - plain.width, padded.height - plain.height) == (40, 40)
    assert padded.bleed == Bleed()
    drawing = draw(padded)
    assert (drawing[:20] == [255, 0, 0, 255]).all()
    assert drawing[:, :, 3].min() == 255


def test_a_rounded_background_leaves_its_corners(fonts: FontLibrary) -> None:
    drawing = draw(opened(fonts, background=TextBackground(color=RED, padding=0.1, radius=0.1)))
    assert drawing[0, 0, 3] == 0
    assert drawing[0, drawing.shape[1] // 2, 3] == 255


def test_a_text_of_spaces_is_transparent(fonts: FontLibrary) -> None:
    for text in ("", "   ", "\n"):
        assert draw(opened(fonts, text)).max() == 0


def test_letters_that_hang_over_their_box_are_not_cut(fonts: FontLibrary) -> None:
    painter = opened(fonts, "jfjf", TextStyle(size=0.5, font="Playfair Display", italic=True), line_height=0.5)
    drawing = draw(painter)
    assert painter.bleed.left > 0
    assert max(drawing[0, :, 3].max(), drawing[-1, :, 3].max(), drawing[:, 0, 3].max(), drawing[:, -1, 3].max()) == 0


def test_a_stroke_surrounds_the_letters_by_its_width(fonts: FontLibrary) -> None:
    plain = draw(opened(fonts, "l"))
    outlined = draw(opened(fonts, "l", TextStyle(size=0.2, weight=700, stroke_color=RED, stroke_width=0.02)))

    def width(drawing: Rgba) -> float:
        return float(drawing[drawing.shape[0] // 2, :, 3].sum()) / 255

    assert width(outlined) == pytest.approx(width(plain) + 8, abs=0.4)


def test_a_stroke_under_translucent_letters_does_not_show_through(fonts: FontLibrary) -> None:
    style = TextStyle(size=0.6, weight=900, color=GLASS, stroke_color=RED, stroke_width=0.02)
    drawing = draw(opened(fonts, "l", style))
    middle = drawing[drawing.shape[0] // 2]
    centre = middle[sum(inked(drawing)) // 2]
    assert centre.tolist() == [100, 100, 100, 100]


def test_a_shadow_lies_below_and_beside_and_is_never_cut(fonts: FontLibrary) -> None:
    painter = opened(fonts, "l", shadow=TextShadow(color=BLACK, x=0.1, y=0.1, blur=0.02))
    drawing = draw(painter)
    assert painter.bleed.right > 20
    assert painter.bleed.bottom > 10
    shadow = (drawing[:, :, 3] > 0) & (drawing[:, :, 0] == 0)
    assert shadow.sum() > 100
    assert max(drawing[0, :, 3].max(), drawing[-1, :, 3].max(), drawing[:, 0, 3].max(), drawing[:, -1, 3].max()) <= 2


def test_a_sharp_shadow_is_a_copy_of_the_letters(fonts: FontLibrary) -> None:
    letters = draw(opened(fonts, "x"))
    painter = opened(fonts, "x", shadow=TextShadow(color=BLACK, x=0.5, y=0, blur=0))
    drawing = draw(painter)
    left, right = inked(letters)
    shift = painter.bleed.left - opened(fonts, "x").bleed.left + 100
    shadow = drawing[painter.bleed.top :, shift + left : shift + right, 3][: letters.shape[0]]
    assert np.array_equal(shadow, letters[: shadow.shape[0], left:right, 3])


def test_reveal_shows_a_share_of_the_letters_from_the_first(fonts: FontLibrary) -> None:
    painter = opened(fonts, "abcd")
    ends = [inked(draw(painter, reveal=share))[1] for share in (0.25, 0.5, 0.75, 1)]
    assert ends == sorted(set(ends))
    assert draw(painter, reveal=0).max() == 0
    whole = draw(painter)
    half = draw(painter, reveal=0.5)
    end = inked(half)[1]
    assert np.array_equal(half[:, : end - 2], whole[:, : end - 2])


def test_right_to_left_text_is_revealed_from_the_right(fonts: FontLibrary) -> None:
    half, whole = (inked(draw(opened(fonts, "שלום"), reveal=share)) for share in (0.5, 1))
    assert half[1] == whole[1]
    assert half[0] > whole[0]


def test_reveal_never_shows_part_of_a_letter(fonts: FontLibrary) -> None:
    painter = opened(fonts, "e\u0301👨‍👩‍👧")
    assert len({painter.state(START, share / 20) for share in range(21)}) == 3


def test_equal_states_have_equal_pixels_and_others_differ(fonts: FontLibrary) -> None:
    painter = opened(fonts, "one two", reveal=TextReveal(by=RevealUnit.WORDS, duration=Fraction(1)))
    drawings: dict[object, bytes] = {}
    for step in range(61):
        time = Fraction(step, 40)
        pixels = draw(painter, time).tobytes()
        assert drawings.setdefault(painter.state(time, 1.0), pixels) == pixels
    assert len(set(drawings.values())) == len(drawings) > 30


def test_a_typewriters_letters_appear_at_once_and_are_all_there_at_its_end(fonts: FontLibrary) -> None:
    painter = opened(fonts, "abcd", reveal=TextReveal(by=RevealUnit.LETTERS, duration=Fraction(2)))
    assert not painter.is_static
    states = [painter.state(Fraction(step, 10), 1.0) for step in range(25)]
    assert len(set(states)) == 5
    assert states[19] != states[20] == states[24]
    assert draw(painter, 0).max() == 0
    assert np.array_equal(draw(painter, 2), draw(opened(fonts, "abcd")))


def test_the_clips_own_reveal_and_the_texts_are_combined(fonts: FontLibrary) -> None:
    painter = opened(fonts, "abcd", reveal=TextReveal(by=RevealUnit.LETTERS, duration=Fraction(2)))
    assert painter.state(Fraction(1), 1.0) == painter.state(Fraction(2), 0.5)
    assert painter.state(Fraction(1), 0.25) == painter.state(Fraction(1, 2), 1.0)


def test_words_fade_in_and_rise_one_after_another(fonts: FontLibrary) -> None:
    painter = opened(fonts, "one two", reveal=TextReveal(by=RevealUnit.WORDS, duration=Fraction(3)))
    early, settled = draw(painter, Fraction(1)), draw(painter, 3)
    assert inked(early)[1] < inked(settled)[1]
    assert 0 < early[:, :, 3].max() < 255
    rows = [int(np.flatnonzero(drawing[:, : inked(early)[1], 3].max(1))[0]) for drawing in (early, settled)]
    assert rows[0] > rows[1]
    assert np.array_equal(
        settled[painter.bleed.top : painter.bleed.top + painter.height], draw(opened(fonts, "one two"))[:48]
    )


def test_lines_come_in_whole(fonts: FontLibrary) -> None:
    painter = opened(fonts, "one two\nsix", reveal=TextReveal(by=RevealUnit.LINES, duration=Fraction(3)))
    drawing = draw(painter, Fraction(1))
    first, second = drawing[: painter.height // 2], drawing[painter.height // 2 + 12 :]
    assert inked(first) == pytest.approx(inked(draw(painter, 3)), abs=1)
    assert second.max() == 0


def test_a_reveal_without_length_shows_all_at_once(fonts: FontLibrary) -> None:
    for unit in RevealUnit:
        painter = opened(fonts, reveal=TextReveal(by=unit, duration=Fraction(0)))
        assert painter.state(START, 1.0) == painter.state(Fraction(9), 1.0)


def test_the_spoken_word_alone_is_highlighted_and_nothing_moves(fonts: FontLibrary) -> None:
    painter = caption(fonts)
    before, first, second = (draw(painter, time) for time in (-1, Fraction(1, 2), Fraction(3, 2)))
    assert not yellow(before).any()
    left, right = (np.flatnonzero(yellow(drawing).any(0)) for drawing in (first, second))
    assert left.max() < right.min()
    assert np.array_equal(before[:, :, 3], first[:, :, 3])
    assert np.array_equal(before[:, :, 3], second[:, :, 3])


def test_after_the_last_word_none_is_highlighted(fonts: FontLibrary) -> None:
    assert not yellow(draw(caption(fonts), 4)).any()


def test_karaoke_keeps_what_was_sung(fonts: FontLibrary) -> None:
    painter = caption(fonts, keeps_highlight=True)
    amounts = [int(yellow(draw(painter, time)).sum()) for time in (-1, Fraction(1, 2), Fraction(3, 2), 4)]
    assert amounts[0] == 0
    assert amounts == sorted(set(amounts))


def test_a_popping_word_grows_about_its_middle_and_shrinks_again(fonts: FontLibrary) -> None:
    painter = caption(fonts, pop=1.5)
    extents = []
    for time in (Fraction(1), Fraction(106, 100), Fraction(3, 2), Fraction(199, 100)):
        columns = np.flatnonzero(yellow(draw(painter, time)).any(0))
        extents.append((int(columns[0]), int(columns[-1])))
    widths = [right - left for left, right in extents]
    assert widths[0] < widths[1] < widths[2] > widths[3]
    assert widths[2] == pytest.approx(widths[0] * 1.5, abs=2)
    assert sum(extents[2]) == pytest.approx(sum(extents[0]), abs=2)
    grown = draw(painter, Fraction(5, 2))
    assert grown[:, -1, 3].max() == 0


def test_a_box_lies_behind_the_spoken_word_alone(fonts: FontLibrary) -> None:
    painter = caption(fonts, highlight_background=TextBackground(color=RED, padding=0.02, radius=0.02))
    second = draw(painter, Fraction(3, 2))
    box = (second[:, :, 0] == 255) & (second[:, :, 1] == 0)
    assert inked(draw(painter, -1))[0] < np.flatnonzero(box.any(0))[0]
    assert not ((draw(painter, -1)[:, :, 0] == 255) & (draw(painter, -1)[:, :, 1] == 0)).any()


def test_a_highlight_of_another_weight_is_drawn_where_the_word_was(fonts: FontLibrary) -> None:
    painter = opened(fonts, words=WORDS, highlight=TextStyle(size=0.2, weight=300, color=YELLOW))
    thin, bold = draw(painter, Fraction(3, 2)), draw(caption(fonts), Fraction(3, 2))
    middles = [
        np.flatnonzero(yellow(drawing).any(0))[[0, -1]].mean() - bleed.left
        for drawing, bleed in ((thin, painter.bleed), (bold, caption(fonts).bleed))
    ]
    assert middles[0] == pytest.approx(middles[1], abs=1.5)
    assert yellow(thin).sum() < yellow(bold).sum()


def test_unknown_fonts_and_letters_are_told(fonts: FontLibrary) -> None:
    assert opened(fonts, "中", TextStyle(font="Papyrus")).warnings == (
        FontWarning(FontProblem.UNKNOWN_FAMILY, "Papyrus"),
        FontWarning(FontProblem.MISSING_GLYPH, "中"),
    )


def test_an_underline_runs_through_spaces_in_one_piece(fonts: FontLibrary) -> None:
    drawing = draw(opened(fonts, "a b", TextStyle(size=0.2, underline=True)))
    plain = draw(opened(fonts, "a b", TextStyle(size=0.2)))
    rows = np.flatnonzero((drawing[:, :, 3].astype(int).sum(1) - plain[:, :, 3].astype(int).sum(1)) > 2000)
    assert len(rows)
    assert (drawing[rows[0], 3:-3, 3] == drawing[rows[0], drawing.shape[1] // 2, 3]).all()
