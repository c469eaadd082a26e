"""SVG path data (SVG 2, chapter 9) in a box of 1×1, read into curves. Checked with the document, drawn by painters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import acos, copysign, cos, hypot, pi, radians, sin, sqrt

from core.api import InvalidInput

SEPARATOR = re.compile(r"[ \t\r\n\f]*,?[ \t\r\n\f]*")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
FLAG = re.compile("[01]")
COMMAND = re.compile("[MmZzLlHhVvCcSsQqTtAa]")
ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
FLAGS_OF_ARC = (3, 4)

MOST_COMMANDS = 10_000
FARTHEST = 1000.0
"""The largest number a path in a 1×1 box may hold."""
NOTHING = 1e-9
"""What is smaller can't be seen in a 1×1 box, and its squares are lost."""

type Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Bezier:
    """A line (two corners), a quadratic (three) or a cubic (four) Bézier curve."""

    corners: tuple[Point, ...]

    def at(self, t: float) -> Point:
        """Return the point at ``t`` from 0 to 1."""
        weights = _bernstein(len(self.corners), t)
        return (
            sum(weight * point[0] for weight, point in zip(weights, self.corners, strict=True)),
            sum(weight * point[1] for weight, point in zip(weights, self.corners, strict=True)),
        )


def _bernstein(count: int, t: float) -> tuple[float, ...]:
    match count:
        case 2:
            return 1 - t, t
        case 3:
            return (1 - t) ** 2, 2 * t * (1 - t), t * t
        case _:
            return (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """A part of an ellipse turned by an angle whose ``cosine`` and ``sine`` are kept.

    It runs from the angle ``first`` by ``sweep`` radians to ``end``.
    """

    centre: Point
    radii: Point
    cosine: float
    sine: float
    first: float
    sweep: float
    end: Point

    def at(self, t: float) -> Point:
        """Return the point at ``t`` from 0 to 1."""
        if t == 1:
            return self.end
        across = self.radii[0] * cos(self.first + t * self.sweep)
        down = self.radii[1] * sin(self.first + t * self.sweep)
        return (
            self.centre[0] + self.cosine * across - self.sine * down,
            self.centre[1] + self.sine * across + self.cosine * down,
        )


type Segment = Bezier | Arc


@dataclass(frozen=True, slots=True)
class Subpath:
    """Segments that follow each other from ``start``; at least one."""

    start: Point
    segments: tuple[Segment, ...]
    is_closed: bool


@lru_cache(maxsize=64)
def parse_path(path: str) -> tuple[Subpath, ...]:
    """Read path data; lone moves are left out. Raise ``InvalidInput`` that says where it can't be read or drawn."""
    return tuple(_follow(path))


def _follow(path: str) -> Iterator[Subpath]:
    reader, pen = _Reader(path), _Pen()
    while (command := reader.command()) is not None:
        kind, numbers = command.upper(), reader.arguments(command.upper())
        if kind in "MZ" and (subpath := pen.lift(is_closed=kind == "Z")):
            yield subpath
        pen.run(kind, numbers, is_relative=command.islower())
    if subpath := pen.lift(is_closed=False):
        yield subpath


class _Reader:
    """Reads commands and their numbers from left to right."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._at = 0
        self._count = 0
        self._last: str | None = None
        self._skip()

    def command(self) -> str | None:
        """Return the next command; numbers alone repeat the one before (a move goes on as lines). None at the end."""
        if self._at == len(self._path):
            return None
        self._count += 1
        if self._count > MOST_COMMANDS:
            raise InvalidInput(f"has more than {MOST_COMMANDS} commands", path="path")
        found = COMMAND.match(self._path, self._at)
        if found:
            if self._last is None and found[0] not in "Mm":
                raise self._error("a path begins with M")
            self._at = found.end()
            self._skip()
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
        return InvalidInput(f'{what} at character {self._at + 1} ("{there}")', path="path")


class _Pen:
    """Follows commands and keeps the segments of the subpath that is being drawn."""

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self._start: Point = (0.0, 0.0)
        self._here: Point = (0.0, 0.0)
        self._control: Point | None = None
        self._previous = ""

    def lift(self, *, is_closed: bool) -> Subpath | None:
        """End the subpath; return it unless it is empty. What comes next begins where it began, or moves."""
        segments, self._segments = tuple(self._segments), []
        return Subpath(self._start, segments, is_closed) if segments else None

    def run(self, kind: str, numbers: list[float], *, is_relative: bool) -> None:
        """Carry out one command."""
        points = self._absolute(kind, numbers, is_relative=is_relative)
        control: Point | None = None
        match kind:
            case "M":
                self._start = points[0]
            case "L" | "H" | "V":
                self._segments.append(Bezier((self._here, points[0])))
            case "C" | "S":
                first = self._mirrored("CS") if kind == "S" else points[0]
                control = points[-2]
                self._segments.append(Bezier((self._here, first, control, points[-1])))
            case "Q" | "T":
                control = self._mirrored("QT") if kind == "T" else points[0]
                self._segments.append(Bezier((self._here, control, points[-1])))
            case "A":
                self._segments.append(_arc(self._here, points[0], numbers))
            case _:
                points = [self._start]
        self._here = points[-1]
        if max(map(abs, self._here)) > FARTHEST:
            raise InvalidInput("runs far out of its 1×1 box", path="path")
        self._control, self._previous = control, kind

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


def _arc(start: Point, end: Point, numbers: list[float]) -> Segment:
    """Return an elliptical arc (SVG 2, appendix B.2.4: from end points to a centre); a line where it is flat."""
    (x1, y1), (x2, y2) = start, end
    rx, ry = abs(numbers[0]), abs(numbers[1])
    if rx < NOTHING or ry < NOTHING or hypot(x1 - x2, y1 - y2) < NOTHING:
        return Bezier((start, end))
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
    return Arc(centre=centre, radii=(rx, ry), cosine=cosine, sine=sine, first=first, sweep=sweep, end=end)


def _angle(ux: float, uy: float, vx: float, vy: float) -> float:
    """Return the angle from one vector to another, signed."""
    cosine = (ux * vx + uy * vy) / (hypot(ux, uy) * hypot(vx, vy))
    return copysign(acos(min(max(cosine, -1.0), 1.0)), ux * vy - uy * vx)
