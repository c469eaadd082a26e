"""The effect ``key.luma``: transparency from brightness."""

import cv2
import numpy as np

from core.api import Effect, Moment, Parameter, ParameterType, Planes, Values, YuvKernel

_LUMA = (np.arange(256) - 16) / 219


def luma_key(planes: Planes, values: Values, _moment: Moment) -> Planes:
    """Make what is darker (or brighter) than a threshold transparent."""
    threshold, softness = values.number("threshold"), max(values.number("softness"), 1 / 219)
    kept = threshold - _LUMA if values.flag("invert") else _LUMA - threshold
    ramp = np.clip(kept / softness + 1, 0, 1)
    opacity = ramp * ramp * (3 - 2 * ramp)
    alpha = cv2.LUT(planes.y, np.rint(opacity * 255).astype(np.uint8))
    if planes.a is not None:
        alpha = cv2.multiply(alpha, planes.a, scale=1 / 255)
    return Planes(planes.y, planes.u, planes.v, None if alpha.min() == 255 else alpha)


LUMA = Effect(
    id="key.luma",
    title="Luma key",
    description="Makes dark (or bright) parts of the picture transparent.",
    kernel=YuvKernel(luma_key),
    params=(
        Parameter(
            name="threshold",
            title="Threshold",
            default=0.15,
            minimum=0,
            maximum=1,
            step=0.01,
            animatable=True,
            widget="slider",
            help="Where transparency begins: what is darker fades out, what is brighter stays.",
        ),
        Parameter(
            name="softness",
            title="Softness",
            default=0.1,
            minimum=0,
            maximum=1,
            step=0.01,
            animatable=True,
            widget="slider",
            help="How much darker than the threshold a pixel must be to vanish.",
        ),
        Parameter(
            name="invert",
            title="Remove bright parts",
            type=ParameterType.BOOL,
            default=False,
            widget="switch",
            help="Fades out what is brighter than the threshold instead.",
        ),
    ),
)
