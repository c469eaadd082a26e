"""Which phoneme belongs to which word: words phonemised alone, laid over their sentence phonemised as a whole.

eSpeak joins words ("of the" becomes one), spells numbers out and weakens vowels, so that blanks in the phonemes tell
little. The cheapest alignment of the two strings (Needleman and Wunsch, 1970) tells which is which.
"""

from collections.abc import Sequence

import numpy as np

SILENT_MARKS = frozenset("ˈˌːˑ'\"")
BREAK = " "
LETTER_FOR_LETTER = 1.0
LETTER_LEFT_OUT = 1.0
BREAK_LEFT_OUT = 0.4
BREAK_FOR_LETTER = 3.0


def assign_words(sentence: Sequence[str], words: Sequence[Sequence[str]]) -> list[int | None]:
    """Return for each phoneme of ``sentence`` the index of its word, None for blanks, stress marks and punctuation.

    ``words`` holds each word's phonemes when spoken alone.
    """
    heard = [(index, phoneme) for index, phoneme in enumerate(sentence) if phoneme == BREAK or _is_letter(phoneme)]
    known: list[tuple[int, str]] = []
    for index, word in enumerate(words):
        if known:
            known.append((index, BREAK))
        known.extend((index, phoneme) for phoneme in word if phoneme == BREAK or _is_letter(phoneme))
    owners: list[int | None] = [None] * len(sentence)
    for here, there in _align([phoneme for _, phoneme in heard], [phoneme for _, phoneme in known]):
        place, phoneme = heard[here]
        if phoneme != BREAK and there < len(known):
            owners[place] = known[there][0]
    return owners


def _is_letter(phoneme: str) -> bool:
    return phoneme not in SILENT_MARKS and any(character.isalpha() for character in phoneme)


def _align(heard: list[str], known: list[str]) -> list[tuple[int, int]]:
    """Return for each of ``heard`` the place in ``known`` that it matches, or beside which it was put in."""
    rows, columns = len(heard) + 1, len(known) + 1
    skip_heard = [BREAK_LEFT_OUT if phoneme == BREAK else LETTER_LEFT_OUT for phoneme in heard]
    skip_known = [BREAK_LEFT_OUT if phoneme == BREAK else LETTER_LEFT_OUT for phoneme in known]
    cost = np.zeros((rows, columns))
    cost[1:, 0] = np.cumsum(skip_heard)
    cost[0, 1:] = np.cumsum(skip_known)
    table = cost.tolist()
    for row in range(1, rows):
        above, here, phoneme, skip = table[row - 1], table[row], heard[row - 1], skip_heard[row - 1]
        for column in range(1, columns):
            here[column] = min(
                above[column - 1] + _difference(phoneme, known[column - 1]),
                above[column] + skip,
                here[column - 1] + skip_known[column - 1],
            )
    pairs: list[tuple[int, int]] = []
    row, column = rows - 1, columns - 1
    while row:
        if column and table[row][column] == table[row - 1][column - 1] + _difference(heard[row - 1], known[column - 1]):
            row, column = row - 1, column - 1
            pairs.append((row, column))
        elif table[row][column] == table[row - 1][column] + skip_heard[row - 1]:
            row -= 1
            pairs.append((row, max(column - 1, 0)))
        else:
            column -= 1
    return pairs[::-1]


def _difference(heard: str, known: str) -> float:
    if heard == known:
        return 0.0
    return BREAK_FOR_LETTER if BREAK in (heard, known) else LETTER_FOR_LETTER
