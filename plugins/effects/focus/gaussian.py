"""Gaussian blurring of planes, at a cost that does not grow with the radius."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_WIDEST = 6.0
"""Above this sigma (pixels) a plane is halved first: what is lost would be blurred away anyway."""
_HALVING_VARIANCE = 0.75
"""What averaging 2x2 pixels and interpolating back adds to the variance, in pixels of the larger plane."""


def soften(plane: NDArray[Any], sigma: float) -> NDArray[Any]:
    """Blur a plane (8 bit or float) by a Gaussian of this standard deviation in pixels; edges are extended."""
    if sigma < 0.1:
        return plane
    height, width = plane.shape
    if sigma <= _WIDEST or min(height, width) < 8:
        return cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    small = cv2.resize(plane, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
    softened = soften(small.astype(np.float32), float((sigma**2 - _HALVING_VARIANCE) ** 0.5 / 2))
    enlarged = cv2.resize(softened, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.convertScaleAbs(enlarged) if plane.dtype == np.uint8 else enlarged
