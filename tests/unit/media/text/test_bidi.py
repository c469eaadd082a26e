import bidi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.media.text.bidi import levels, paragraph_level, visual_order

# Every class that appears in written text; formatting characters are tested by themselves.
WRITTEN = "abאבגجده12٣٤ .,+-%$()[]\u0301\u0591/:!"
MIRRORED = str.maketrans(")]", "([")


def displayed(text: str, base: int) -> str:
    """Reorder a line as this module has it; mirrored brackets are made alike."""
    return "".join(text[index] for index in visual_order(levels(text, base))).translate(MIRRORED)


@settings(deadline=None, max_examples=300)
@given(st.text(WRITTEN, min_size=1, max_size=16), st.sampled_from([0, 1]))
def test_the_visual_order_is_that_of_an_independent_implementation(text: str, base: int) -> None:
    assert displayed(text, base) == str(bidi.get_display(text, base_dir="LR"[base])).translate(MIRRORED)


@pytest.mark.parametrize(
    ("text", "level"),
    [("abc", 0), ("אבג", 1), ("123 אבג", 1), ("", 0), ("123", 0), ("\u2067אבג\u2069 abc", 0), ("مرحبا", 1)],
)
def test_the_first_strong_letter_outside_isolates_gives_the_direction(text: str, level: int) -> None:
    assert paragraph_level(text) == level


def test_numbers_keep_their_direction_inside_right_to_left_text() -> None:
    assert levels("א12 ג", 1) == [1, 2, 2, 1, 1]


def test_isolates_embeddings_and_overrides_set_levels() -> None:
    assert levels("a\u2067b\u2069c", 0) == [0, 0, 2, 0, 0]
    assert levels("a\u202bb\u202cc", 0) == [0, 0, 2, 2, 0]
    assert levels("\u202eab\u202c", 0) == [0, 1, 1, 1]
    assert levels("א\u2068abc\u2069", 1) == [1, 1, 2, 2, 2, 1]


def test_spaces_at_the_end_take_the_paragraphs_level() -> None:
    assert levels("abc אבג  ", 0)[-2:] == [0, 0]


def test_embeddings_deeper_than_the_standard_allows_are_ignored() -> None:
    assert max(levels("\u202b" * 500 + "a", 0)) <= 126


def test_runs_are_reversed_from_the_highest_level_down() -> None:
    assert visual_order([1, 2, 2, 1]) == [3, 1, 2, 0]
    assert visual_order([0, 0]) == [0, 1]
    assert visual_order([]) == []
