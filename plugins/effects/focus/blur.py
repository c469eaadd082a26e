"""The effect ``blur``."""

import cv2
import numpy as np

from core.api import Cost, Effect, Moment, Parameter, Plane, Planes, Values, YuvKernel
from plugins.effects.focus.gaussian import soften


def blur(planes: Planes, values: Values, moment: Moment) -> Planes:
    """Blur the picture; colours under transparent pixels do not bleed into what is seen."""
    sigma = values.number("radius") * moment.frame_height
    if sigma < 0.1:
        return planes
    if planes.a is None:
        return Planes(soften(planes.y, sigma), soften(planes.u, sigma / 2), soften(planes.v, sigma / 2))
    alpha = planes.a.astype(np.float32)
    alpha_uv = cv2.resize(alpha, (planes.width // 2, planes.height // 2), interpolation=cv2.INTER_AREA)
    return Planes(
        _weighted(planes.y, alpha, sigma),
        _weighted(planes.u, alpha_uv, sigma / 2),
        _weighted(planes.v, alpha_uv, sigma / 2),
        soften(planes.a, sigma),
    )


def _weighted(plane: Plane, alpha: np.ndarray, sigma: float) -> Plane:
    """Blur a plane, each pixel counting as much as it is seen; where nothing is near, it stays as it is."""
    sums, weights = soften(cv2.multiply(plane, alpha, dtype=cv2.CV_32F), sigma), soften(alpha, sigma)
    softened = np.rint(sums / np.maximum(weights, 1e-3)).astype(np.uint8)
    return np.where(weights > 1e-3, softened, plane)


BLUR = Effect(
    id="blur",
    title="Blur",
    description="A Gaussian blur.",
    kernel=YuvKernel(blur),
    params=(
        Parameter(
            name="radius",
            title="Radius",
            default=0.01,
            minimum=0,
            maximum=0.2,
            step=0.001,
            unit="of height",
            animatable=True,
            widget="slider",
            help="The Gaussian's standard deviation; 0 is sharp.",
        ),
    ),
    cost=Cost.MEDIUM,
)
