"""Clean cuts: where the packets of a source can be parted so that both parts decode, and no frame is lost or twice."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor

from core.render.copying.index import PacketIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """The packets ``[start, stop)`` of a source, which are its frames ``[first, end)`` in the order they are shown."""

    start: int
    stop: int
    first: int
    end: int


class Cuts:
    """The frames of a source, numbered in the order they are shown, and where clean cuts lie among them.

    A copy may begin with a picture that stands alone, when all packets before it are shown before it. It may end
    before any packet where all packets before are shown before all that follow: a picture refers to none that is
    decoded after it, so what is left needs nothing of the rest, however deep its B-frames are.
    """

    def __init__(self, index: PacketIndex) -> None:
        times = [time for time in index.times if time is not None]
        self._index = index
        self._times = sorted(times)
        places = {time: place for place, time in enumerate(self._times)}
        self._frames = [None if time is None else places[time] for time in index.times]
        twice = {time for time, following in pairwise(self._times) if time == following}
        unclear = (number for number, time in enumerate(index.times) if time is None or time in twice)
        self._barred = sorted({*index.barred, *unclear})
        self._last_before = [-1, *accumulate((-1 if frame is None else frame for frame in self._frames), max)]
        self._first_from = [len(times)]
        for frame in reversed(self._frames):
            self._first_from.append(self._first_from[-1] if frame is None else min(self._first_from[-1], frame))
        self._first_from.reverse()
        self._undecodable = dict(self._leading())
        self._starts = sorted(self._clean_starts())
        self._stops = [
            number for number in range(len(index.times) + 1) if self._last_before[number] < self._first_from[number]
        ]
        self._ends = [self._last_before[number] + 1 for number in self._stops]

    def frame_at(self, time: Fraction) -> int:
        """Return the frame that is shown at a time (seconds from the file's own start): as the reader chooses it.

        It is the last one that begins at or before the time; −1 stands for a time before the first.
        """
        return bisect_right(self._times, floor((time + self._index.origin) / self._index.time_base)) - 1

    def takes(self, first: int, end: int) -> Iterator[Take]:
        """Yield the longest copies that lie in the frames ``[first, end)``, in order."""
        done = first
        for begins, start in self._starts:
            if begins >= end:
                return
            if begins < done:
                continue
            place = bisect_left(self._barred, start)
            barrier = self._barred[place] if place < len(self._barred) else len(self._index.times)
            last = min(bisect_right(self._ends, end), bisect_right(self._stops, barrier)) - 1
            if last >= 0 and self._ends[last] > begins:
                done = self._ends[last]
                yield Take(start=start, stop=self._stops[last], first=begins, end=done)

    def packets(self, take: Take) -> list[tuple[int, int]]:
        """Return the numbers of the packets that a copy holds, each with its frame counted from the copy's first."""
        skipped = self._undecodable.get(take.start, frozenset())
        return [
            (number, frame - take.first)
            for number, frame in enumerate(self._frames[take.start : take.stop], take.start)
            if frame is not None and number not in skipped
        ]

    def _leading(self) -> Iterator[tuple[int, frozenset[int]]]:
        """Pair each open start with the packets that can't be decoded when decoding begins there."""
        heads = sorted((*self._index.starts, *self._index.open_starts))
        opened, leading = frozenset(self._index.open_starts), self._index.leading
        for head, following in pairwise((*heads, len(self._index.times))):
            if head in opened:
                yield head, frozenset(leading[bisect_left(leading, head) : bisect_left(leading, following)])

    def _clean_starts(self) -> Iterator[tuple[int, int]]:
        """Yield the frames that a copy may begin with, each with the packet it begins with then."""
        for start in (*self._index.starts, *self._index.open_starts):
            skipped = self._undecodable.get(start, frozenset())
            past = max(skipped, default=start) + 1
            kept = [
                frame
                for number, frame in enumerate(self._frames[start:past], start)
                if frame is not None and number not in skipped
            ]
            lost = max((frame for number in skipped if (frame := self._frames[number]) is not None), default=-1)
            begins = min((*kept, self._first_from[past]))
            if kept and max(self._last_before[start], lost) < begins:
                yield begins, start
