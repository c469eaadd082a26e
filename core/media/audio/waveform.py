"""Waveforms: the lowest and highest value of each stretch of a sound, for drawing it."""

from collections.abc import Iterable

import numpy as np

from core.api import Samples


def waveform(blocks: Iterable[Samples], *, count: int, points: int) -> list[tuple[float, float]]:
    """Return ``points`` pairs (lowest, highest) of both sides together, for ``count`` samples in ``blocks``.

    Stretches are as equal as whole samples allow. With fewer samples than points a stretch shows its nearest sample.
    Values are rounded to four decimals, full scale at 1.
    """
    lowest = np.full(points, np.inf)
    highest = np.full(points, -np.inf)
    position = 0
    for block in blocks:
        low, high = block.min(axis=1), block.max(axis=1)
        index = (np.arange(position, position + len(block)) * points) // max(count, 1)
        index = np.minimum(index, points - 1)
        np.minimum.at(lowest, index, low)
        np.maximum.at(highest, index, high)
        position += len(block)
    last = (0.0, 0.0)
    peaks = []
    for low, high in zip(lowest.tolist(), highest.tolist(), strict=True):
        last = (round(low, 4), round(high, 4)) if low <= high else last
        peaks.append(last)
    return peaks
