"""The effect ``pixelate``."""

import cv2
import numpy as np

from core.api import Effect, Moment, Parameter, Plane, Planes, Values, YuvKernel


def pixelate(planes: Planes, values: Values, moment: Moment) -> Planes:
    """Average the picture over square blocks; those of luma and chroma are the same."""
    block = values.number("size") * moment.frame_height
    if block <= 1:
        return planes
    grid = (max(1, round(planes.width / block)), max(1, round(planes.height / block)))
    if planes.a is None:
        return Planes(*(_blocks(plane, _averages(plane, grid)) for plane in (planes.y, planes.u, planes.v)))
    alpha = planes.a.astype(np.float32)
    alpha_uv = cv2.resize(alpha, (planes.width // 2, planes.height // 2), interpolation=cv2.INTER_AREA)
    return Planes(
        _seen_blocks(planes.y, alpha, grid),
        _seen_blocks(planes.u, alpha_uv, grid),
        _seen_blocks(planes.v, alpha_uv, grid),
        _blocks(planes.a, _averages(planes.a, grid)),
    )


def _averages(plane: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    return cv2.resize(plane, grid, interpolation=cv2.INTER_AREA)


def _blocks(plane: Plane, averages: np.ndarray) -> Plane:
    return cv2.resize(averages, plane.shape[::-1], interpolation=cv2.INTER_NEAREST_EXACT)


def _seen_blocks(plane: Plane, alpha: np.ndarray, grid: tuple[int, int]) -> Plane:
    """Average each pixel as much as it is seen; blocks where nothing is seen take the plain average."""
    weights = _averages(alpha, grid)
    seen = _averages(cv2.multiply(plane, alpha, dtype=cv2.CV_32F), grid) / np.maximum(weights, 1e-3)
    averages = np.where(weights > 1e-3, np.rint(seen), _averages(plane, grid)).astype(np.uint8)
    return _blocks(plane, averages)


PIXELATE = Effect(
    id="pixelate",
    title="Pixelate",
    description="Shows the picture in large square blocks.",
    kernel=YuvKernel(pixelate),
    params=(
        Parameter(
            name="size",
            title="Block size",
            default=0.03,
            minimum=0,
            maximum=0.5,
            step=0.005,
            unit="of height",
            animatable=True,
            widget="slider",
            help="The side of a block.",
        ),
    ),
)
