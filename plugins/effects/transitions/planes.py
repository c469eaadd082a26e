"""Going through the planes of three canvases at once, and mixing them by a mask."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from core.api import Canvas, Plane

type Ramp = NDArray[np.float32]
"""Shape (height, width): how far a pixel has turned into what comes after; below 0 not yet, above 1 wholly."""


def together(before: Canvas, after: Canvas, out: Canvas) -> Iterator[tuple[Plane, Plane, Plane, int]]:
    """Yield the planes of canvases of one kind with their subsampling."""
    for (first, step), (second, _), (target, _) in zip(before.planes(), after.planes(), out.planes(), strict=True):
        yield first, second, target, step


def copy(source: Canvas, out: Canvas) -> None:
    """Copy a whole canvas."""
    for (plane, _), (target, _) in zip(source.planes(), out.planes(), strict=True):
        np.copyto(target, plane)


def mix(before: Canvas, after: Canvas, out: Canvas, share: float) -> None:
    """Mix two canvases evenly; ``share`` is what ``after`` takes."""
    if share <= 0 or share >= 1:
        copy(before if share <= 0 else after, out)
        return
    for first, second, target, _ in together(before, after, out):
        cv2.addWeighted(first, 1 - share, second, share, 0, target)


def reveal(before: Canvas, after: Canvas, out: Canvas, ramp: Callable[[int, int, int], Ramp]) -> None:
    """Mix two canvases by a mask. ``ramp(width, height, subsampling)`` draws it for a plane's size."""
    masks: dict[int, tuple[Plane, Plane]] = {}
    for first, second, target, step in together(before, after, out):
        if step not in masks:
            mask = cv2.convertScaleAbs(np.clip(ramp(first.shape[1], first.shape[0], step), 0, 1), alpha=255)
            masks[step] = mask, cv2.bitwise_not(mask)
        share, rest = masks[step]
        cv2.add(cv2.multiply(first, rest, scale=1 / 255), cv2.multiply(second, share, scale=1 / 255), target)


def centres(length: int, subsampling: int) -> NDArray[np.float32]:
    """Return where the pixels of a row or column lie, in pixels of the whole frame, counted from its edge."""
    return (np.arange(length, dtype=np.float32) + 0.5) * subsampling
