"""Affine changes of RGB, applied to planar YUV without converting the picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.api import Planes

type Matrix = NDArray[np.float64]

LUMA = np.array([0.2126, 0.7152, 0.0722])
"""The shares of red, green and blue in luma (ITU-R BT.709)."""

OFFSET = np.array([16.0, 128.0, 128.0])
TO_YUV = np.array(
    [LUMA * 219, (np.array([0, 0, 1]) - LUMA) / 1.8556 * 224, (np.array([1, 0, 0]) - LUMA) / 1.5748 * 224]
)
"""From RGB between 0 and 1 to Y, U, V in 8-bit limited range, ``OFFSET`` left out."""
TO_RGB = np.linalg.inv(TO_YUV)

_LEVELS = np.arange(256, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Affine:
    """``rgb -> matrix @ rgb + offset`` on gamma-coded RGB between 0 and 1."""

    matrix: Matrix
    offset: Matrix

    @classmethod
    def of(cls, matrix: Matrix, offset: float = 0.0) -> "Affine":
        """Return a matrix, or a factor (or one for each channel), followed by the same offset for all channels."""
        return cls(matrix if np.ndim(matrix) == 2 else np.eye(3) * matrix, np.full(3, offset))

    def then(self, other: "Affine") -> "Affine":
        """Return this change followed by another."""
        return Affine(other.matrix @ self.matrix, other.matrix @ self.offset + other.offset)

    @property
    def is_identity(self) -> bool:
        """True when nothing changes."""
        return bool(np.allclose(self.matrix, np.eye(3), atol=1e-6) and np.allclose(self.offset, 0, atol=1e-6))

    @property
    def keeps_luma_in_range(self) -> bool:
        """True when the luma of every colour still fits into 8-bit limited-range YUV with its foot- and headroom.

        Beyond that, luma would be cut off while chroma is not, and burnt-out highlights would keep a cast.
        """
        corners = np.array([[r, g, b] for r in (0, 1) for g in (0, 1) for b in (0, 1)])
        luma = 16 + 219 * (corners @ self.matrix.T + self.offset) @ LUMA
        return bool(luma.min() >= 0 and luma.max() <= 255)

    def on_yuv(self) -> tuple[Matrix, Matrix]:
        """Return the same change as a matrix and an offset on 8-bit Y, U, V."""
        matrix = TO_YUV @ self.matrix @ TO_RGB
        return matrix, TO_YUV @ self.offset + OFFSET - matrix @ OFFSET

    def apply(self, planes: Planes) -> Planes:
        """Change a picture. Chroma sees luma averaged over its pixel, luma sees chroma interpolated."""
        matrix, offset = self.on_yuv()
        matrix[np.abs(matrix) < 1e-6] = 0
        if np.array_equal(matrix, np.diag(np.diag(matrix))):
            y, u, v = (
                cv2.LUT(plane, to_levels(_LEVELS * matrix[index, index] + offset[index]))
                for index, plane in enumerate((planes.y, planes.u, planes.v))
            )
            return Planes(y, u, v, planes.a)
        size = (planes.width, planes.height)
        small = (planes.width // 2, planes.height // 2)
        tint = cv2.addWeighted(planes.u, matrix[0, 1], planes.v, matrix[0, 2], offset[0], dtype=cv2.CV_32F)
        tint = cv2.resize(tint, size, interpolation=cv2.INTER_LINEAR)
        y = cv2.addWeighted(planes.y, matrix[0, 0], tint, 1, 0, dtype=cv2.CV_8U)
        averaged = cv2.resize(planes.y, small, interpolation=cv2.INTER_AREA)
        rows = np.hstack((matrix[1:], offset[1:, None])).astype(np.float32)
        u, v = cv2.split(cv2.transform(cv2.merge((averaged, planes.u, planes.v)), rows))
        return Planes(y, u, v, planes.a)


def to_levels(values: Matrix) -> NDArray[np.uint8]:
    """Round to 8 bits."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
