"""Alpha of a layer's own: rounded corners and masks."""

from collections.abc import Callable
from fractions import Fraction

import cv2
import numpy as np

from core.api import Plane, Planes
from core.media.patch import scaled

type MaskAt = Callable[[Fraction], Plane]
"""Gives a mask's alpha at a time of the clip, full range, in the layer's raster size."""


def rounded_corners(width: int, height: int, radius: float) -> Plane:
    """Return the coverage of a rounded rectangle; ``radius`` in pixels, at most half the shorter side."""
    radius = min(radius, width / 2, height / 2)
    across = np.maximum(np.abs(np.arange(width) + 0.5 - width / 2) - (width / 2 - radius), 0)
    down = np.maximum(np.abs(np.arange(height) + 0.5 - height / 2) - (height / 2 - radius), 0)
    distance = np.hypot(across[None, :], down[:, None])
    return np.rint(np.clip(radius + 0.5 - distance, 0, 1) * 255).astype(np.uint8)


def luma_to_alpha(luma: Plane, width: int, height: int) -> Plane:
    """Turn limited-range luma into alpha of this size: black (16) hides, white (235) shows."""
    sized = cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA)
    return cv2.convertScaleAbs(cv2.subtract(sized, 16), alpha=255 / 219)


def with_alpha(planes: Planes, alpha: Plane) -> Planes:
    """Return planes whose alpha is multiplied by another."""
    return Planes(planes.y, planes.u, planes.v, alpha if planes.a is None else scaled(planes.a, alpha))
