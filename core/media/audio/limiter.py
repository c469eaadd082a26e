"""A look-ahead limiter on the true peak: transparent below the ceiling, smooth above it.

Between samples the wave is reconstructed at four times the rate (BS.1770-4, annex 2). What is too loud sets a
reduction for its block of 32 samples; the reduction begins 5 ms ahead, moves along a straight ramp in decibels, and
decays with a time constant of 80 ms. Nothing is delayed: the limiter looks ahead in the file that it reads.
"""

from functools import cache
from math import exp

import numpy as np
from numpy.typing import NDArray

from core.api import Samples
from core.media.audio.samples import RATE, SampleFile

BLOCK = 32
AHEAD = 8
"""How many blocks before a peak the reduction begins."""
DECAY = exp(-BLOCK / (0.08 * RATE))
PHASES = 4
REACH = 16
"""Samples on either side that the reconstruction reads."""
SHAPE = 5.0
"""The Kaiser window's beta: 50 dB beside the pass band, which reaches to 22 kHz."""
AUDIBLE = 1e-4
"""Reductions below this (dB) are none."""
CHUNK = 64
"""Blocks that are looked at together."""


@cache
def interpolators() -> tuple[NDArray[np.float32], ...]:
    """Return the filters for a quarter, a half and three quarters between two samples (sinc under a Kaiser window)."""
    taps = np.arange(-REACH + 1, REACH + 1)
    filters = []
    for phase in range(1, PHASES):
        offset = taps - phase / PHASES
        window = np.i0(SHAPE * np.sqrt(np.maximum(0.0, 1.0 - (offset / REACH) ** 2))) / np.i0(SHAPE)
        weights = np.sinc(offset) * window
        filters.append((weights / weights.sum())[::-1].astype(np.float32))
    return tuple(filters)


@cache
def worst_overshoot() -> float:
    """Return by what factor the wave can exceed its samples at most: quieter stretches need not be reconstructed."""
    return max(float(np.abs(weights).sum()) for weights in interpolators())


def true_peaks(samples: Samples) -> NDArray[np.float32]:
    """Return the largest absolute value of either side from each sample up to the next.

    The first ``REACH - 1`` and the last ``REACH`` samples are context and have no number of their own.
    """
    inner = samples[REACH - 1 : len(samples) - REACH]
    peaks = np.abs(inner).max(axis=1)
    for channel in samples.T:
        for weights in interpolators():
            np.maximum(peaks, np.abs(np.convolve(channel, weights, "valid"))[: len(peaks)], out=peaks)
    return peaks


class Limiter:
    """Applies a gain and keeps the result under a ceiling. For one pass over ``source``, from its start."""

    def __init__(self, source: Samples | SampleFile, *, gain_db: float, ceiling_db: float) -> None:
        """``source`` is read part by part; ``ceiling_db`` is in dBTP."""
        self._source = source
        self._gain = np.float32(10 ** (gain_db / 20))
        self._ceiling_db = ceiling_db
        self._ceiling = 10 ** (ceiling_db / 20)
        self._position = 0
        self._reduction = 0.0
        self._recent = np.zeros(AHEAD + 1)
        self._previous_need = 0.0
        self.is_working = False
        """True once anything had to be lowered."""
        self._nodes(self._needs(-AHEAD * BLOCK, 2 * AHEAD + 1), AHEAD)  # what is loud at once was seen coming

    def read(self, count: int) -> Samples:
        """Return the next samples, at most ``count`` (a multiple of 32); fewer only at the end."""
        first = self._position
        end = min(first + count, len(self._source))
        self._position = end
        blocks = -(-(end - first) // BLOCK)
        needs = self._needs(first, blocks + AHEAD + 1)
        out = self._source[first:end] * self._gain
        if not needs.any() and self._reduction < AUDIBLE and self._recent.max() < AUDIBLE:
            self._previous_need = 0.0
            return out
        self.is_working = True
        nodes = self._nodes(needs, blocks)
        reduction = np.interp(np.arange(end - first), np.arange(blocks + 1) * BLOCK, nodes)
        out *= (10 ** (-reduction / 20)).astype(np.float32)[:, np.newaxis]
        return out

    def _needs(self, first: int, blocks: int) -> NDArray[np.float64]:
        """Return by how many decibels each block from ``first`` is too loud."""
        return np.concatenate(
            [self._chunk_needs(first + done * BLOCK, min(CHUNK, blocks - done)) for done in range(0, blocks, CHUNK)]
        )

    def _chunk_needs(self, first: int, blocks: int) -> NDArray[np.float64]:
        count = blocks * BLOCK
        begin, end = first - REACH + 1, first + count + REACH
        part = self._source[max(begin, 0) : end]
        if not len(part) or np.abs(part).max() * self._gain * worst_overshoot() <= self._ceiling:
            return np.zeros(blocks)
        padding = (max(-begin, 0), end - max(begin, 0) - len(part))
        peaks = true_peaks(np.pad(part, (padding, (0, 0)))) * self._gain
        block_peaks = peaks[:count].reshape(blocks, BLOCK).max(axis=1).astype(np.float64)
        return np.maximum(0.0, 20 * np.log10(np.maximum(block_peaks, 1e-9)) - self._ceiling_db)

    def _nodes(self, needs: NDArray[np.float64], blocks: int) -> NDArray[np.float64]:
        """Return the reduction (dB) at the ``blocks + 1`` block boundaries, each at least what both sides need.

        The reduction of a moment is the largest need of the next ``AHEAD`` blocks (and of the block just ended), with
        a decay; a mean of the last ``AHEAD + 1`` of these rises in time, because each of them saw the peak coming.
        """
        around = np.concatenate(([self._previous_need], needs))
        wanted = np.lib.stride_tricks.sliding_window_view(around, AHEAD + 2).max(axis=1)
        held = np.empty(blocks + 1)
        reduction = self._reduction
        for index in range(blocks + 1):
            reduction = max(wanted[index], reduction * DECAY)
            held[index] = reduction
        history = np.concatenate((self._recent[1:], held))
        self._reduction = held[blocks - 1]
        self._recent = np.concatenate((self._recent, held[:blocks]))[-(AHEAD + 1) :]
        self._previous_need = needs[blocks - 1]
        return np.convolve(history, np.full(AHEAD + 1, 1 / (AHEAD + 1)), "valid")
