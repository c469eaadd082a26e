from fractions import Fraction

import pytest

from core.media.painters.words import Speech, speech_at, spoken_words, written_words
from core.timeline.sources import Word


def words(*spoken: tuple[float, float, str]) -> tuple[Word, ...]:
    return tuple(Word(start=Fraction(start), end=Fraction(end), text=text) for start, end, text in spoken)


def cut(text: str, spans: list[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in spans]


def test_words_are_the_tokens_when_there_are_as_many() -> None:
    text = "“Hello,  wörld!”"
    assert cut(text, spoken_words(text, words((0, 1, "hello"), (1, 2, "world")))) == ["“Hello,", "wörld!”"]


def test_other_words_are_looked_for_in_order() -> None:
    text = "ice cream ice"
    assert spoken_words(text, words((0, 1, "ice cream "), (1, 2, "ice"))) == [(0, 9), (10, 13)]
    assert cut("日本語", spoken_words("日本語", words((0, 1, "日本"), (1, 2, "語")))) == ["日本", "語"]


def test_a_word_that_is_not_there_is_empty_and_harms_no_other() -> None:
    assert spoken_words("one two", words((0, 1, "one"), (1, 2, "uh"), (2, 3, "two"))) == [(0, 3), (3, 3), (4, 7)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one  two\nsix", ["one  ", "two\n", "six"]),
        ("well-known", ["well-known"]),
        ("日本。go", ["日", "本。", "go"]),
        ("  ", []),
    ],
)
def test_words_as_a_reader_sees_them(text: str, expected: list[str]) -> None:
    assert cut(text, written_words(text)) == expected


SPOKEN = words((1, 1.5, "a"), (1.75, 2, "b"), (3, 3.5, "c"))


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (0.5, None),
        (1, Speech(0, Fraction(0), Fraction(3, 4))),
        (1.625, Speech(0, Fraction(5, 8), Fraction(1, 8))),
        (1.75, Speech(1, Fraction(0), Fraction(1, 4))),
        (2, None),
        (3.25, Speech(2, Fraction(1, 4), Fraction(1, 4))),
        (3.5, None),
    ],
)
def test_a_word_lasts_until_the_next_over_a_short_pause_but_not_over_a_long_one(
    time: float, expected: Speech | None
) -> None:
    assert speech_at(SPOKEN, Fraction(time)) == expected
