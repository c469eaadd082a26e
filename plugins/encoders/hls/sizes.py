"""The sizes of a ladder, from what was asked for and what the video has."""

from core.api import InvalidInput

LEAST = 16
"""The smallest rung's shorter side, in pixels."""
MOST_RUNGS = 8


def ladder(text: str, width: int, height: int) -> list[tuple[int, int]]:
    """Return the (width, height) of every rung, largest first, all even.

    ``text`` lists the shorter sides, as people name sizes ("1080 720"): a larger one than the video's own becomes that.
    Raise ``InvalidInput`` when it can't be read.
    """
    shorter = min(width, height)
    sides = sorted({min(side, shorter) // 2 * 2 for side in _sides(text)}, reverse=True)
    return [(_scaled(width, side, shorter), _scaled(height, side, shorter)) for side in sides]


def _sides(text: str) -> list[int]:
    words = text.replace(",", " ").split()
    if not words or not all(word.isascii() and word.isdigit() for word in words):
        raise _complaint(f'"{text}" is no list of heights')
    sides = [int(word) for word in words if len(word) <= 5]
    if len(sides) < len(words) or min(sides) < LEAST:
        raise _complaint(f'"{text}": heights lie between {LEAST} and 99999')
    if len(set(sides)) > MOST_RUNGS:
        raise _complaint(f'"{text}": a ladder has at most {MOST_RUNGS} sizes')
    return sides


def _scaled(length: int, side: int, shorter: int) -> int:
    return max(2, round(length * side / shorter / 2) * 2)


def _complaint(message: str) -> InvalidInput:
    return InvalidInput(message, path="quality.heights", hint='write "1080 720 480"')
