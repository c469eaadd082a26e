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


def raw_samples(path: Path) -> Samples:
    """Map a raw file (float32, interleaved stereo, 48 kHz) into memory, read-only; it is paged in as it is read."""
    if path.stat().st_size < FRAME_BYTES:  # an empty file can't be mapped
        return silence(0)
    return np.memmap(path, np.float32, "r").reshape(-1, CHANNELS)
