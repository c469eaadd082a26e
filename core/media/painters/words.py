"""Words of a text: where they lie, and which one is being spoken."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.media.text.breaking import break_opportunities
from core.timeline.sources import Word

TOKEN = re.compile(r"\S+")
# Between words a speaker pauses without a caption flickering.
LONGEST_BREATH = Fraction(3, 10)


def spoken_words(text: str, words: Sequence[Word]) -> list[tuple[int, int]]:
    """Return the characters (first, and after the last) of each caption word.

    Words are the text's tokens between spaces when there are as many, else they are looked for in order; one that is
    not found lies empty where the search stood.
    """
    tokens = [found.span() for found in TOKEN.finditer(text)]
    if len(tokens) == len(words):
        return tokens
    places = []
    cursor = 0
    for word in words:
        wanted = word.text.strip()
        start = text.find(wanted, cursor)
        if start < 0 or not wanted:
            places.append((cursor, cursor))
            continue
        cursor = start + len(wanted)
        places.append((start, cursor))
    return places


def written_words(text: str) -> list[tuple[int, int]]:
    """Return the characters of each word as a reader sees them: between spaces, or each East Asian letter."""
    opportunities = break_opportunities(text)
    starts = [
        index
        for index, char in enumerate(text)
        if not char.isspace()
        and (
            index == 0
            or text[index - 1].isspace()
            or (opportunities[index] and (_is_wide(char) or _is_wide(text[index - 1])))
        )
    ]
    return list(zip(starts, [*starts[1:], len(text)], strict=True)) if starts else []


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in {"W", "F"}


@dataclass(frozen=True, slots=True)
class Speech:
    """A word while it is spoken: its index, and the seconds since it began and until it ends."""

    word: int
    since: Fraction
    until: Fraction


def speech_at(words: Sequence[Word], time: Fraction) -> Speech | None:
    """Return the word spoken at a time; it stays until the next one when that follows soon."""
    begun = words_begun(words, time)
    if not begun:
        return None
    word = words[begun - 1]
    end = word.end
    if begun < len(words) and words[begun].start - end <= LONGEST_BREATH:
        end = words[begun].start
    return Speech(begun - 1, time - word.start, end - time) if time < end else None


def words_begun(words: Sequence[Word], time: Fraction) -> int:
    """Return how many words have begun by a time."""
    return sum(word.start <= time for word in words)
