"""Samples and time: the engine's rate, and how exact seconds become sample numbers."""

from fractions import Fraction
from math import floor
from pathlib import Path

import numpy as np

from core.api import Samples

RATE = 48_000
"""Samples a second of everything inside the engine."""
CHANNELS = 2
FRAME_BYTES = CHANNELS * 4
"""Bytes of one stereo sample in a raw file."""
BLOCK = RATE // 2
"""Samples that are mixed at once: memory is bounded by it, whatever the duration."""


def sample_at(time: Fraction) -> int:
    """Return the sample boundary nearest to ``time`` seconds, halves rounded up."""
    return floor(time * RATE + Fraction(1, 2))


def silence(count: int) -> Samples:
    """Return ``count`` samples of silence."""
    return np.zeros((count, CHANNELS), np.float32)


class SampleFile:
    """A raw file (float32, interleaved stereo, 48 kHz), read part by part, forwards or backwards.

    It is read rather than mapped: pages of a mapping stay in memory, so that memory would grow with the duration.
    """

    def __init__(self, path: Path, *, is_reversed: bool = False) -> None:
        self._path = path
        self._count = path.stat().st_size // FRAME_BYTES
        self._is_reversed = is_reversed

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, part: slice) -> Samples:
        """Return the samples ``[start, stop)`` of those that are there; the step is always 1."""
        start, stop, _ = part.indices(self._count)
        count = max(0, stop - start)
        first = self._count - start - count if self._is_reversed else start
        read = np.fromfile(self._path, np.float32, count * CHANNELS, offset=first * FRAME_BYTES).reshape(-1, CHANNELS)
        return read[::-1] if self._is_reversed else read
