from itertools import pairwise

import pytest

from core.media.text.breaking import break_opportunities


def segments(text: str) -> list[str]:
    starts = [0, *(index for index, may in enumerate(break_opportunities(text)) if may), len(text)]
    return [text[start:end] for start, end in pairwise(starts)]


@pytest.mark.parametrize(
    "expected",
    [
        ["The ", "quick ", "(brown) ", "fox ", "can’t ", "jump ", "32.3 ", "feet, ", "right?"],
        ["well-", "known ", "-5 ", "foo", "—", "bar"],
        ["日", "本", "語", "の", "「テ", "ス", "ト」。"],
        ["$100 ", "50% ", "a/", "b ", "“quoted ", "text” ", "b"],
        ["non\u00a0breaking ", "soft\u00ad", "hyphen ", "zero\u200b", "width"],
        ["👩\u200d👩\u200d👧", "👍🏽", "🇫🇷", "🇩🇪"],
        ["한", "국", "어 ", "שלום ", "123"],
        ["« bonjour » ", "dit-", "il !"],
        ["e\u0301e\u0301 ", "a\u2060-\u2060b"],
        ["สวัสดีครับ ", "ok"],
    ],
)
def test_lines_break_between_these(expected: list[str]) -> None:
    assert segments("".join(expected)) == expected


def test_a_break_never_parts_a_closing_mark_from_what_it_closes() -> None:
    assert segments("語」。") == ["語」。"]
