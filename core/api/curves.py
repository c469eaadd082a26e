"""Curves as parameters hold them: control points in a text, ``"0,0 0.25,0.2 1,1"``."""

from itertools import pairwise

MOST_POINTS = 256
CLOSEST = 1e-6
"""How far apart two points lie at least, from left to right."""

type CurvePoints = tuple[tuple[float, float], ...]
"""Points ``(in, out)`` between 0 and 1, in rising order of the first; at least two."""


def parse_curve(text: str) -> CurvePoints:
    """Read a curve's control points and put them in order; raise ``ValueError`` that says what is wrong with them."""
    try:
        points = [(float(x), float(y)) for x, y in (pair.split(",") for pair in text.split())]
    except ValueError as err:
        raise _wrong(f"not a curve: {text!r}" if len(text) <= 60 else f"not a curve: {text[:60]!r}…") from err
    if not 2 <= len(points) <= MOST_POINTS:
        raise _wrong(f"a curve has 2 to {MOST_POINTS} points, not {len(points)}")
    if any(not 0 <= part <= 1 for point in points for part in point):
        raise _wrong("a curve's points lie between 0 and 1")
    points.sort()
    if any(after[0] - before[0] < CLOSEST for before, after in pairwise(points)):
        raise _wrong("two points of a curve lie above each other")
    return tuple(points)


def _wrong(reason: str) -> ValueError:
    return ValueError(f'{reason}; write points like "0,0 0.5,0.6 1,1"')
