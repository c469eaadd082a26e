import pytest

from core.media.text.fonts import FontLibrary, FontProblem, FontWarning
from core.media.text.layout import TextLayout, lay_out
from core.timeline.sources import TextAlign, TextRun, TextStyle

SIZE = 0.1
HEIGHT = 1000


@pytest.fixture(scope="module")
def fonts() -> FontLibrary:
    return FontLibrary()


def layout(
    text: str,
    fonts: FontLibrary,
    *,
    max_width: float | None = None,
    align: TextAlign = TextAlign.LEFT,
    frame_height: float = HEIGHT,
    **style: object,
) -> TextLayout:
    runs = [TextRun(text=text, style=TextStyle(size=SIZE, **style))]
    return lay_out(runs, fonts, frame_height=frame_height, max_width=max_width, align=align)


def lines_of(laid_out: TextLayout) -> list[str]:
    """Return the letters of each line in reading order."""
    lines: list[dict[int, str]] = [{} for _ in laid_out.lines]
    for glyph in laid_out.glyphs:
        lines[glyph.line][glyph.char] = laid_out.text[glyph.char : glyph.end]
    return ["".join(line[char] for char in sorted(line)) for line in lines]


def test_pairs_are_kerned(fonts: FontLibrary) -> None:
    assert layout("AV", fonts).width < layout("A", fonts).width + layout("V", fonts).width - 1


def test_letters_take_their_exact_place_between_pixels(fonts: FontLibrary) -> None:
    places = [glyph.x for glyph in layout("lll", fonts).glyphs]
    assert places[1] != round(places[1])
    assert places[2] - places[1] == pytest.approx(places[1] - places[0])


def test_every_size_of_frame_lays_out_alike(fonts: FontLibrary) -> None:
    small = layout("Draft and final break at one place", fonts, frame_height=270, max_width=135)
    large = layout("Draft and final break at one place", fonts, frame_height=2160, max_width=1080)
    assert lines_of(small) == lines_of(large)
    assert large.width == pytest.approx(small.width * 8)


def test_a_line_is_as_high_as_its_font_size_times_the_line_height(fonts: FontLibrary) -> None:
    assert layout("x", fonts).height == pytest.approx(120)
    assert layout("x\n\ny", fonts).height == pytest.approx(360)


def test_an_empty_text_has_one_line_and_no_width(fonts: FontLibrary) -> None:
    for empty in (layout("", fonts), lay_out([], fonts, frame_height=HEIGHT)):
        assert (empty.width, len(empty.lines), empty.glyphs, empty.letters) == (0, 1, (), 0)
    assert layout("", fonts).height == pytest.approx(120)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\v"])
def test_line_ends_of_all_kinds_break(end: str, fonts: FontLibrary) -> None:
    assert lines_of(layout(f"one{end}two", fonts)) == ["one", "two"]


def test_control_characters_are_invisible_and_a_tab_is_a_space(fonts: FontLibrary) -> None:
    assert layout("a\x00\x1bb", fonts).width == pytest.approx(layout("ab", fonts).width)
    assert layout("a\tb", fonts).width == pytest.approx(layout("a b", fonts).width)


def test_words_wrap_at_spaces_which_hang(fonts: FontLibrary) -> None:
    width = layout("one two", fonts).width
    wrapped = layout("one two   three", fonts, max_width=width)
    assert lines_of(wrapped) == ["one two", "three"]
    assert wrapped.width == pytest.approx(width)


def test_a_line_that_just_fits_is_not_broken(fonts: FontLibrary) -> None:
    assert len(layout("one two", fonts, max_width=layout("one two", fonts).width).lines) == 1


def test_a_word_is_broken_inside_only_when_it_alone_is_too_wide(fonts: FontLibrary) -> None:
    width = layout("incompre", fonts).width
    assert lines_of(layout("in incomprehensible", fonts, max_width=width)) == ["in", "incompre", "hensible"]


def test_even_the_narrowest_line_holds_one_letter(fonts: FontLibrary) -> None:
    assert lines_of(layout("ae\u0301😀", fonts, max_width=1)) == ["a", "e\u0301", "😀"]


def test_a_soft_hyphen_shows_where_a_line_ends_and_nowhere_else(fonts: FontLibrary) -> None:
    whole = layout("extra\u00adordinary", fonts)
    assert whole.width == pytest.approx(layout("extraordinary", fonts).width, abs=1)
    broken = layout("extra\u00adordinary", fonts, max_width=layout("ordinary", fonts).width)
    assert len(broken.lines) == 2
    assert broken.lines[0].right == pytest.approx(layout("extra-", fonts).width)


def test_a_hyphen_that_would_not_fit_is_not_broken_at(fonts: FontLibrary) -> None:
    broken = layout("a extra\u00adordinary", fonts, max_width=layout("a extra", fonts).width + 1)
    assert lines_of(broken)[0] == "a"


def test_east_asian_letters_break_anywhere(fonts: FontLibrary) -> None:
    one = layout("中", fonts).width
    assert lines_of(layout("中文字", fonts, max_width=one * 2.1)) == ["中文", "字"]


@pytest.mark.parametrize(
    ("align", "text", "share"),
    [
        (TextAlign.LEFT, "a", 0),
        (TextAlign.CENTER, "a", 0.5),
        (TextAlign.RIGHT, "a", 1),
        (TextAlign.START, "a", 0),
        (TextAlign.END, "a", 1),
        (TextAlign.START, "א", 1),
        (TextAlign.END, "א", 0),
        (TextAlign.LEFT, "א", 0),
    ],
)
def test_short_lines_lie_where_they_are_aligned(align: TextAlign, text: str, share: float, fonts: FontLibrary) -> None:
    laid_out = layout(f"{text}\nmuch longer", fonts, align=align)
    short = laid_out.lines[0]
    assert short.left == pytest.approx((laid_out.width - (short.right - short.left)) * share)


def test_right_to_left_words_run_to_the_left_and_numbers_in_them_to_the_right(fonts: FontLibrary) -> None:
    glyphs = sorted(layout("אב 12", fonts).glyphs, key=lambda glyph: glyph.x)
    assert [glyph.char for glyph in glyphs] == [3, 4, 2, 1, 0]


def test_arabic_letters_join(fonts: FontLibrary) -> None:
    joined = {glyph.glyph for glyph in layout("بب", fonts).glyphs}
    assert len(joined) > 1
    assert joined.isdisjoint(glyph.glyph for glyph in layout("ب", fonts).glyphs if glyph.x == 0 and glyph.y == 0)


def test_letters_join_and_kern_across_runs_of_other_colours(fonts: FontLibrary) -> None:
    runs = [TextRun(text=text, style=TextStyle(size=SIZE, underline=text == "ب")) for text in ("ب", "بA", "V")]
    plain = lay_out([TextRun(text="ببAV", style=TextStyle(size=SIZE))], fonts, frame_height=HEIGHT)
    assert lay_out(runs, fonts, frame_height=HEIGHT).width == pytest.approx(plain.width)


def test_an_emoji_sequence_is_one_glyph_and_one_letter(fonts: FontLibrary) -> None:
    for emoji in ("👨‍👩‍👧‍👦", "🇫🇷", "👍🏽", "1️⃣"):
        laid_out = layout(emoji, fonts, letter_spacing=0.2)
        assert (len(laid_out.glyphs), laid_out.letters) == (1, 1)


def test_letters_are_counted_over_all_lines(fonts: FontLibrary) -> None:
    laid_out = layout("ab\ncd", fonts)
    assert laid_out.letters == 4
    assert [glyph.last for glyph in laid_out.glyphs] == [1, 2, 3, 4]


def test_letter_spacing_lies_between_letters_and_undoes_ligatures(fonts: FontLibrary) -> None:
    plain, spaced = layout("abc", fonts), layout("abc", fonts, letter_spacing=0.5)
    assert spaced.width == pytest.approx(plain.width + 2 * 0.5 * SIZE * HEIGHT, abs=1)
    assert len(layout("fi", fonts, font="Playfair Display", letter_spacing=0.1).glyphs) == 2


def test_letter_spacing_does_not_tear_arabic_apart(fonts: FontLibrary) -> None:
    assert layout("مرحبا", fonts, letter_spacing=0.5).width == pytest.approx(layout("مرحبا", fonts).width)


def test_a_larger_run_makes_its_line_higher_and_shares_its_baseline(fonts: FontLibrary) -> None:
    runs = [
        TextRun(text="a", style=TextStyle(size=SIZE)),
        TextRun(text="b\nc", style=TextStyle(size=2 * SIZE)),
    ]
    laid_out = lay_out(runs, fonts, frame_height=HEIGHT)
    assert [line.bottom - line.top for line in laid_out.lines] == pytest.approx([240, 240])
    assert laid_out.glyphs[0].baseline == laid_out.glyphs[1].baseline


def test_a_fallback_font_does_not_push_lines_apart(fonts: FontLibrary) -> None:
    assert layout("a\n😀ب\nb", fonts).height == pytest.approx(360)


def test_unknown_families_and_missing_letters_are_told(fonts: FontLibrary) -> None:
    assert layout("a中", fonts, font="Papyrus").warnings == {
        FontWarning(FontProblem.UNKNOWN_FAMILY, "Papyrus"),
        FontWarning(FontProblem.MISSING_GLYPH, "中"),
    }
    assert layout("plain", fonts).warnings == frozenset()
