"""Points and discs of light, laid at places between the pixels, so that they glide instead of jumping."""

import cv2
import numpy as np

from plugins.providers.generator.noise import Field
from plugins.providers.generator.palettes import Picture


def glow(width: int, height: int, x: Field, y: Field, level: Field, *, sigma: float) -> Field:
    """Return a picture of soft round points: places in pixels, ``level`` their peaks, ``sigma`` their size."""
    layer = np.zeros((height, width), np.float32)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    across, down = x - left, y - top
    for step_x, share_x in ((0, 1 - across), (1, across)):
        for step_y, share_y in ((0, 1 - down), (1, down)):
            column, row = left + step_x, top + step_y
            is_seen = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            np.add.at(layer, (row[is_seen], column[is_seen]), (level * share_x * share_y)[is_seen])
    # A point spread by the blur keeps its peak when it starts that much brighter.
    return cv2.GaussianBlur(layer * (2 * np.pi * sigma**2), (0, 0), sigma)


def add_disc(picture: Picture, disc: Field, x: float, y: float, tone: Picture) -> None:
    """Add a disc of light to a picture, its centre at a place in pixels."""
    x, y = x - disc.shape[1] / 2, y - disc.shape[0] / 2
    left, top = int(np.floor(x)), int(np.floor(y))
    moved = cv2.warpAffine(disc, np.array([[1, 0, x - left], [0, 1, y - top]]), (disc.shape[1] + 1, disc.shape[0] + 1))
    from_x, from_y = max(0, -left), max(0, -top)
    to_x, to_y = min(moved.shape[1], picture.shape[1] - left), min(moved.shape[0], picture.shape[0] - top)
    if from_x < to_x and from_y < to_y:
        target = picture[top + from_y : top + to_y, left + from_x : left + to_x]
        target += moved[from_y:to_y, from_x:to_x, None] * tone


def soft_disc(radius: float) -> Field:
    """Return a disc of this radius in pixels that falls off to nothing, 1 at its centre."""
    size = int(radius * 4) + 3
    at = np.arange(size, dtype=np.float32) - (size - 1) / 2
    return np.exp(-(at[None, :] ** 2 + at[:, None] ** 2) / (2 * (radius * 0.6) ** 2))
