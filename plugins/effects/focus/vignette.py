"""The effect ``vignette``: light that falls off towards the corners."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from core.api import Effect, Moment, Parameter, ParameterType, Plane, Planes, Values, YuvKernel


def vignette(planes: Planes, values: Values, _moment: Moment) -> Planes:
    """Multiply the picture by a soft oval."""
    amount = values.number("amount")
    if amount == 0:
        return planes
    shape = (values.number("size"), values.number("softness"), values.number("roundness"), *values.point("center"))
    return Planes(
        _dimmed(planes.y, 16, amount, shape),
        _dimmed(planes.u, 128, amount, shape),
        _dimmed(planes.v, 128, amount, shape),
        planes.a,
    )


def _dimmed(plane: Plane, black: int, amount: float, shape: tuple[float, ...]) -> Plane:
    """Draw a plane towards the value that stands for black in it."""
    fall = _fall(plane.shape[1], plane.shape[0], *shape)
    share = cv2.multiply(fall, -amount)
    return cv2.add(plane, cv2.multiply(cv2.subtract(plane, float(black), dtype=cv2.CV_32F), share), dtype=cv2.CV_8U)


@lru_cache(maxsize=8)
def _fall(
    width: int, height: int, size: float, softness: float, roundness: float, x: float, y: float
) -> NDArray[np.float32]:
    """Return how much light is lost at each pixel, 0 to 1, for a plane of this size."""
    # Half the diagonal is 1, so that the corners of a centred vignette lie at distance 1 for every shape.
    across = (np.arange(width, dtype=np.float32) + 0.5) / width - x
    down = (np.arange(height, dtype=np.float32) + 0.5) / height - y
    aspect = (width / height) ** roundness
    across, down = across * aspect**0.5, down / aspect**0.5
    reach = np.hypot(0.5 * aspect**0.5, 0.5 / aspect**0.5)
    distance = np.hypot(across[None, :], down[:, None]) / reach
    start = size * (1 - softness)
    ramp = np.clip((distance - start) / max(1.0 - start if softness else 1e-3, 1e-3), 0, 1)
    fall = (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)
    fall.flags.writeable = False
    return fall


VIGNETTE = Effect(
    id="vignette",
    title="Vignette",
    description="Darkens the picture towards its corners.",
    kernel=YuvKernel(vignette),
    params=(
        Parameter(
            name="amount",
            title="Amount",
            default=0.5,
            minimum=0,
            maximum=1,
            step=0.01,
            animatable=True,
            widget="slider",
            help="How much light the corners lose; 1 leaves them black.",
        ),
        Parameter(
            name="size",
            title="Size",
            default=0.7,
            minimum=0,
            maximum=1,
            step=0.01,
            animatable=True,
            widget="slider",
            help="Where the fall-off lies: 0 at the centre, 1 at the corners.",
        ),
        Parameter(
            name="softness",
            title="Softness",
            default=0.7,
            minimum=0,
            maximum=1,
            step=0.01,
            animatable=True,
            widget="slider",
            help="0 is a hard edge, 1 begins to fall off at the centre.",
        ),
        Parameter(
            name="roundness",
            title="Roundness",
            default=0.5,
            minimum=0,
            maximum=1,
            step=0.01,
            widget="slider",
            help="0 follows the shape of the picture, 1 is a circle.",
        ),
        Parameter(
            name="center",
            title="Centre",
            type=ParameterType.POINT,
            default=(0.5, 0.5),
            minimum=0,
            maximum=1,
            help="Fractions of the clip's picture.",
        ),
    ),
)
