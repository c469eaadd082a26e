"""SVG paths as polylines: their curves are cut into lines as fine as the size they are drawn at asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, hypot, sqrt

import numpy as np

from core.media.text.outlines import Contour
from core.timeline.svg_paths import Arc, Bezier, Point, Segment, Subpath, parse_path

FEWEST_STEPS = 4
MOST_STEPS = 96
MOST_POINTS = 50_000


@dataclass(frozen=True, slots=True)
class Polyline:
    """A subpath of straight lines; shape (count, 2)."""

    points: Contour
    is_closed: bool


def flatten(path: str, width: float, height: float) -> tuple[Polyline, ...]:
    """Turn path data of a 1×1 box into polylines of a box in pixels. Raise ``InvalidInput`` where it can't be read."""
    subpaths = parse_path(path)
    steps = [[_steps(segment, width, height) for segment in subpath.segments] for subpath in subpaths]
    if sum(map(sum, steps)) > MOST_POINTS:
        most = max(FEWEST_STEPS, MOST_POINTS // sum(map(len, steps)))
        steps = [[min(count, most) for count in counts] for counts in steps]
    return tuple(
        Polyline(np.array(_points(subpath, counts)) * (width, height), subpath.is_closed)
        for subpath, counts in zip(subpaths, steps, strict=True)
    )


def _points(subpath: Subpath, steps: Sequence[int]) -> list[Point]:
    points = [subpath.start]
    for segment, count in zip(subpath.segments, steps, strict=True):
        points += [segment.at(step / count) for step in range(1, count + 1)]
    return points


def _steps(segment: Segment, width: float, height: float) -> int:
    """Return into how many lines a segment is cut, from the length of its control polygon in pixels."""
    match segment:
        case Bezier(corners=(_, _)):
            return 1
        case Bezier(corners=corners):
            around = corners
        case Arc(sweep=sweep, radii=radii):
            reach = abs(sweep) * max(radii)
            around = ((0.0, 0.0), (reach, reach))
    length = sum(hypot((b[0] - a[0]) * width, (b[1] - a[1]) * height) for a, b in pairwise(around))
    return min(max(ceil(2 * sqrt(length)), FEWEST_STEPS), MOST_STEPS)
