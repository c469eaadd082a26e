"""Speed with its pitch kept: waveform-similarity overlap-add (WSOLA; Verhelst and Roelands, ICASSP 1993).

libavfilter's atempo does the same, but its search wanders: sounds come out up to 45 ms early at half speed or less.
Here every window is taken within 8 ms of the instant it stands for, on either side, so that lips stay in sync.
"""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.api import Samples
from core.media.audio.samples import CHANNELS, silence

HOP = 1024
"""Distance of the windows in the result (samples); a window is two hops long."""
REACH = 384
"""How far a window may be moved to fit the one before; covers pitches down to 62 Hz."""
COARSE = 4
"""The search runs on every fourth sample first, then around the best place on all."""
WINDOW = np.sin(np.pi * (np.arange(2 * HOP) + 0.5) / (2 * HOP))[:, np.newaxis].astype(np.float32) ** 2


class Tempo:
    """A stream played ``speed`` times as fast. One owner, one thread."""

    def __init__(self, speed: Fraction, read: Callable[[int], Samples]) -> None:
        """``read`` gives the source's next samples, without end."""
        self._speed = speed
        self._read_source = read
        # The first window is centred on the first sample: before it lies silence.
        self._base = -HOP - REACH
        self._source = silence(HOP + REACH)
        self._hops = 0
        self._tail = silence(HOP)
        self._ready = silence(0)
        self._follows: int | None = None

    def read(self, count: int) -> Samples:
        """Return the next ``count`` samples of the stretched sound."""
        parts = [self._ready]
        while sum(map(len, parts)) < count:
            parts.append(self._next_hop())
        joined = np.concatenate(parts)
        self._ready = joined[count:]
        return joined[:count]

    def _next_hop(self) -> Samples:
        """Return the next ``HOP`` samples: the second half of one window over the first half of the next."""
        if self._follows is None:
            self._tail = self._next_window(follows=None)[HOP:]
        window = self._next_window(follows=self._follows)
        hop = self._tail + window[:HOP]
        self._tail = window[HOP:]
        return hop

    def _next_window(self, *, follows: int | None) -> Samples:
        """Take the next window from the source; ``follows`` is where the one before would have gone on."""
        first = round(self._hops * HOP * self._speed) - HOP
        if follows is not None:
            first += self._best_shift(first, follows)
        window = self._part(first, 2 * HOP) * WINDOW
        self._hops += 1
        self._follows = first + HOP
        return window

    def _best_shift(self, first: int, follows: int) -> int:
        """Return how far to move the window at ``first`` so that it looks most like what would have followed."""
        wanted = self._part(follows, 2 * HOP).sum(axis=1)
        area = self._part(first - REACH, 2 * (HOP + REACH)).sum(axis=1)
        if not wanted.any() or not area.any():
            return 0
        rough = COARSE * _most_alike(area[::COARSE], wanted[::COARSE])
        begin = max(rough - COARSE, 0)
        end = min(rough + COARSE, 2 * REACH)
        return begin + _most_alike(area[begin : end + 2 * HOP], wanted) - REACH

    def _part(self, first: int, count: int) -> Samples:
        """Return source samples, reading on and forgetting what no later window can reach."""
        missing = first + count - self._base - len(self._source)
        if missing > 0:
            oldest = min(first, round(self._hops * HOP * self._speed) - HOP) - REACH - 4 * HOP
            keep = self._source[max(oldest - self._base, 0) :]
            self._base += len(self._source) - len(keep)
            self._source = np.concatenate((keep, self._read_source(missing)))
        offset = first - self._base
        if offset < 0:
            return np.concatenate((np.zeros((-offset, CHANNELS), np.float32), self._source[: count + offset]))
        return self._source[offset : offset + count]


def _most_alike(area: NDArray[np.float32], wanted: NDArray[np.float32]) -> int:
    """Return where in ``area`` the normalised correlation with ``wanted`` is greatest; of equals the middlemost."""
    correlation = np.correlate(area, wanted, "valid").astype(np.float64)
    energy = np.cumsum(np.concatenate(([0.0], area.astype(np.float64) ** 2)))
    energy = energy[len(wanted) :] - energy[: -len(wanted)]
    score = correlation / np.sqrt(energy + 1e-9)
    middle = len(score) // 2
    best = np.flatnonzero(score >= score.max() - 1e-9)
    return int(best[np.argmin(np.abs(best - middle))])
