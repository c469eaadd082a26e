"""Smooth noise, the stuff of clouds, ridges and light."""

import cv2
import numpy as np
from numpy.typing import NDArray

type Field = NDArray[np.floating]


def cloud(random: np.random.Generator, width: int, height: int, *, cells: int, octaves: int = 4) -> Field:
    """Return fractal noise from 0 to 1; ``cells`` is the number of its largest blobs across. It tiles."""
    total, weight = np.zeros((height, width), np.float32), 0.0
    for octave in range(octaves):
        across = cells * 2**octave
        down = max(2, round(across * height / width))
        grid = random.random((down, across), np.float32)
        grid = np.pad(grid, ((2, 2), (2, 2)), mode="wrap")
        scale_x, scale_y = width / across, height / down
        size = (round((across + 4) * scale_x), round((down + 4) * scale_y))
        large = cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC)
        top, left = round(2 * scale_y), round(2 * scale_x)
        total += large[top : top + height, left : left + width] * 0.5**octave
        weight += 0.5**octave
    return np.clip(total / weight, 0, 1)


def ridge(random: np.random.Generator, length: int, *, cells: int, octaves: int = 5) -> Field:
    """Return a line of fractal noise around 0, about -1 to 1."""
    line = cloud(random, length, 4, cells=cells, octaves=octaves)[1]
    return (line - line.mean()) * 3
