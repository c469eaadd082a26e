"""Heads: how each clip of a track begins, after the one before it or mixed with its end.

Checking asks for what can be known without media, compiling for everything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from core.timeline.complaints import Complaint
from core.timeline.plan import frame_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A clip's time on its track in seconds; ``end`` is None while nobody knows. ``path`` is its place.

    ``transition`` is how long it mixes with the clip before, None without a transition.
    """

    path: str
    start: Fraction
    end: Fraction | None
    transition: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A clip's frames ``[first, end)``, of which the first ``mixing`` are mixed with the clip before."""

    first: int
    end: int | None
    mixing: int = 0


def place_heads(stretches: Iterable[Stretch], fps: Fraction, complaints: list[Complaint]) -> list[Head]:
    """Place the clips of a track: none overlaps another but by its transition, and no transitions overlap."""
    heads: list[Head] = []
    for stretch in stretches:
        heads.append(_Placing(stretch, fps, complaints).after(heads[-1] if heads else None))
    return heads


class _Placing:
    def __init__(self, stretch: Stretch, fps: Fraction, complaints: list[Complaint]) -> None:
        self._stretch = stretch
        self._fps = fps
        self._complaints = complaints

    def after(self, before: Head | None) -> Head:
        stretch = self._stretch
        first = frame_at(stretch.start, self._fps)
        end = None if stretch.end is None else frame_at(stretch.end, self._fps)
        if end is not None and end <= first:
            self._complain("duration", "is shorter than one frame", "too_short")
            end = first + 1
        head = Head(first=first, end=end)
        if before is None or before.end is None:
            return head
        overlap = before.end - first
        frames = 0 if stretch.transition is None else frame_at(stretch.transition, self._fps)
        if stretch.transition is None:
            if overlap > 0:
                message = (
                    f"overlaps the clip before it by {self._seconds(overlap)} s; give it a transition of that length, "
                    f"or start it at {self._seconds(before.end)}"
                )
                self._complain("start", message, "overlap")
            return head
        if frames == overlap == 0:
            return head
        if frames == 0 or overlap <= 0 or abs(overlap - frames) > 1:
            begin = max(before.end / self._fps - stretch.transition, Fraction(0))
            said = f"overlap by {self._seconds(overlap)} s" if overlap > 0 else "do not overlap"
            message = f"lasts {float(stretch.transition):g} s, but the clips {said}; start the clip at {_digits(begin)}"
            self._complain("transition.duration", message, "overlap")
            return head
        if before.first + before.mixing > first or (end is not None and end < before.end):
            self._complain("transition", "begins before the transition before it has ended", "transition")
            return head
        return Head(first=first, end=end, mixing=overlap)

    def _seconds(self, frames: int) -> str:
        return _digits(frames / self._fps)

    def _complain(self, key: str, message: str, code: str) -> None:
        self._complaints.append(Complaint(path=f"{self._stretch.path}.{key}", message=message, code=code))


def _digits(seconds: Fraction) -> str:
    """Write seconds so that they can be put into the document."""
    return f"{float(seconds):.6f}".rstrip("0").rstrip(".")
