"""SVG path data: parsed and flattened into polylines (SVG 2, chapter 9)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import acos, ceil, copysign, cos, hypot, pi, radians, sin, sqrt

import numpy as np

from core.api import InvalidInput
from core.media.text.outlines import Contour

SEPARATOR = re.compile(r"[ \t\r\n\f]*,?[ \t\r\n\f]*")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
FLAG = re.compile("[01]")
COMMAND = re.compile("[MmZzLlHhVvCcSsQqTtAa]")
ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
FLAGS_OF_ARC = (3, 4)

FEWEST_STEPS = 4
MOST_STEPS = 96
MOST_POINTS = 50_000
FARTHEST = 1000.0
"""The largest number a path in a 1×1 box may hold."""

type Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Polyline:
    """A subpath of straight lines; shape (count, 2)."""

    points: Contour
    is_closed: bool


def flatten(path: str, width: float, height: float) -> tuple[Polyline, ...]:
    """Turn path data of a 1×1 box into polylines of a box in pixels. Raise ``InvalidInput`` where it can't be read."""
    flattener = _Flattener(width, height)
    reader = _Reader(path)
    while (command := reader.command()) is not None:
        flattener.run(command, reader.arguments(command.upper()))
    return flattener.subpaths()


class _Reader:
    """Reads commands and their numbers from left to right."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._at = 0
        self._last: str | None = None
        self._skip()

    def command(self) -> str | None:
        """Return the next command; numbers alone repeat the one before (a move goes on as lines). None at the end."""
        if self._at == len(self._path):
            return None
        found = COMMAND.match(self._path, self._at)
        if found:
            self._at = found.end()
            self._skip()
            if self._last is None and found[0] not in "Mm":
                raise self._error("a path begins with M")
            self._last = found[0]
        elif self._last in {None, "Z", "z"} or not NUMBER.match(self._path, self._at):
            raise self._error("a command is expected")
        else:
            self._last = {"M": "L", "m": "l"}.get(self._last or "", self._last)
        return self._last

    def arguments(self, command: str) -> list[float]:
        """Return the numbers of one command."""
        return [
            self._number(FLAG if command == "A" and place in FLAGS_OF_ARC else NUMBER)
            for place in range(ARGUMENTS[command])
        ]

    def _number(self, form: re.Pattern[str]) -> float:
        found = form.match(self._path, self._at)
        if not found:
            raise self._error("a flag (0 or 1) is expected" if form is FLAG else "a number is expected")
        if not abs(float(found[0])) <= FARTHEST:
            raise self._error("a number is too large for a 1×1 box")
        self._at = found.end()
        self._skip()
        return float(found[0])

    def _skip(self) -> None:
        found = SEPARATOR.match(self._path, self._at)
        self._at = found.end() if found else self._at

    def _error(self, what: str) -> InvalidInput:
        there = self._path[self._at : self._at + 12] or "the end"
        return InvalidInput(f'path: {what} at character {self._at + 1} ("{there}")', path="path")


class _Flattener:
    """Follows commands in the path's own units and keeps the points in pixels."""

    def __init__(self, width: float, height: float) -> None:
        self._size = (width, height)
        self._points: list[Point] = []
        self._done: list[Polyline] = []
        self._count = 0
        self._start: Point = (0.0, 0.0)
        self._here: Point = (0.0, 0.0)
        self._control: Point | None = None
        self._previous = ""

    def run(self, command: str, numbers: list[float]) -> None:
        """Carry out one command."""
        kind = command.upper()
        points = self._absolute(kind, numbers, is_relative=command.islower())
        control: Point | None = None
        if kind != "M" and kind != "Z" and not self._points:
            self._points = [self._here]
        match kind:
            case "M":
                self._finish(is_closed=False)
                self._start = points[0]
                self._points = [points[0]]
            case "L" | "H" | "V":
                self._points.append(points[0])
            case "C" | "S":
                first = self._mirrored("CS") if kind == "S" else points[0]
                control = points[-2]
                self._cubic(first, control, points[-1])
            case "Q" | "T":
                control = self._mirrored("QT") if kind == "T" else points[0]
                self._quadratic(control, points[-1])
            case "A":
                self._arc(numbers, points[0])
            case _:
                self._finish(is_closed=True)
        self._here = self._start if kind == "Z" else points[-1]
        if max(map(abs, self._here)) > FARTHEST:
            raise InvalidInput("path: it runs far out of its 1×1 box", path="path")
        self._control, self._previous = control, kind

    def subpaths(self) -> tuple[Polyline, ...]:
        """End the path."""
        self._finish(is_closed=False)
        return tuple(self._done)

    def _absolute(self, kind: str, numbers: list[float], *, is_relative: bool) -> list[Point]:
        x, y = self._here if is_relative else (0.0, 0.0)
        match kind:
            case "H":
                return [(x + numbers[0], self._here[1])]
            case "V":
                return [(self._here[0], y + numbers[0])]
            case "A":
                return [(x + numbers[5], y + numbers[6])]
            case _:
                return [(x + across, y + down) for across, down in zip(numbers[::2], numbers[1::2], strict=True)]

    def _mirrored(self, kinds: str) -> Point:
        """Return the control point that carries a curve on smoothly."""
        if self._control is None or self._previous not in kinds:
            return self._here
        return 2 * self._here[0] - self._control[0], 2 * self._here[1] - self._control[1]

    def _finish(self, *, is_closed: bool) -> None:
        if len(self._points) > 1:
            self._count += len(self._points)
            if self._count > MOST_POINTS:
                raise InvalidInput(f"path: more than {MOST_POINTS} points", path="path")
            self._done.append(Polyline(np.array(self._points) * self._size, is_closed))
        self._points = []

    def _steps(self, *corners: Point) -> int:
        """Return into how many lines a curve is cut, from the length of its control polygon in pixels."""
        width, height = self._size
        length = sum(hypot((b[0] - a[0]) * width, (b[1] - a[1]) * height) for a, b in pairwise(corners))
        return min(max(ceil(2 * sqrt(length)), FEWEST_STEPS), MOST_STEPS)

    def _curve(self, steps: int, at: Callable[[float], Point]) -> None:
        self._points += [at(step / steps) for step in range(1, steps + 1)]

    def _quadratic(self, control: Point, end: Point) -> None:
        start = self._here

        def at(t: float) -> Point:
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
            return a * start[0] + b * control[0] + c * end[0], a * start[1] + b * control[1] + c * end[1]

        self._curve(self._steps(start, control, end), at)

    def _cubic(self, first: Point, second: Point, end: Point) -> None:
        corners = (self._here, first, second, end)

        def at(t: float) -> Point:
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            return (
                sum(weight * point[0] for weight, point in zip(weights, corners, strict=True)),
                sum(weight * point[1] for weight, point in zip(weights, corners, strict=True)),
            )

        self._curve(self._steps(*corners), at)

    def _arc(self, numbers: list[float], end: Point) -> None:
        """Follow an elliptical arc (SVG 2, appendix B.2.4: from end points to a centre)."""
        (x1, y1), (x2, y2) = self._here, end
        rx, ry = abs(numbers[0]), abs(numbers[1])
        if rx == 0 or ry == 0 or (x1, y1) == (x2, y2):
            self._points.append(end)
            return
        turned, is_large, is_clockwise = radians(numbers[2]), numbers[3] == 1, numbers[4] == 1
        cosine, sine = cos(turned), sin(turned)
        half_x, half_y = (x1 - x2) / 2, (y1 - y2) / 2
        u, v = cosine * half_x + sine * half_y, -sine * half_x + cosine * half_y
        stretch = (u / rx) ** 2 + (v / ry) ** 2
        if stretch > 1:
            rx, ry = rx * sqrt(stretch), ry * sqrt(stretch)
        square = (rx * ry) ** 2 / ((rx * v) ** 2 + (ry * u) ** 2) - 1
        factor = copysign(sqrt(max(square, 0.0)), 1 if is_large != is_clockwise else -1)
        centre_u, centre_v = factor * rx * v / ry, -factor * ry * u / rx
        centre = (
            cosine * centre_u - sine * centre_v + (x1 + x2) / 2,
            sine * centre_u + cosine * centre_v + (y1 + y2) / 2,
        )
        first = _angle(1, 0, (u - centre_u) / rx, (v - centre_v) / ry)
        sweep = _angle((u - centre_u) / rx, (v - centre_v) / ry, (-u - centre_u) / rx, (-v - centre_v) / ry)
        sweep = sweep % (2 * pi) - (0 if is_clockwise else 2 * pi)

        def at(t: float) -> Point:
            if t == 1:
                return end
            across, down = rx * cos(first + t * sweep), ry * sin(first + t * sweep)
            return centre[0] + cosine * across - sine * down, centre[1] + sine * across + cosine * down

        reach = abs(sweep) * max(rx, ry)
        self._curve(self._steps((0.0, 0.0), (reach, reach)), at)


def _angle(ux: float, uy: float, vx: float, vy: float) -> float:
    """Return the angle from one vector to another, signed."""
    cosine = (ux * vx + uy * vy) / (hypot(ux, uy) * hypot(vx, vy))
    return copysign(acos(min(max(cosine, -1.0), 1.0)), ux * vy - uy * vx)
