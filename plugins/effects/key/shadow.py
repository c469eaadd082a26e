"""The effect ``shadow``: a soft shadow under a picture with transparency.

It is drawn inside the layer's own picture, which does not grow: a shadow that would fall beyond its edge is cut off
there, and an opaque picture shows none. To leave room, give the clip a larger box (or key, mask or pad its picture).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from core.api import Color, Effect, Moment, Parameter, ParameterType, Plane, Planes, Values, YuvKernel

type Share = NDArray[np.floating]


def shadow(planes: Planes, values: Values, moment: Moment) -> Planes:
    """Lay the picture over its own blurred, shifted and coloured outline."""
    color = values.color("color")
    opacity = values.number("opacity") * color.a / 255
    if planes.a is None or opacity == 0:
        return planes
    height = moment.frame_height
    shade = _cast(planes.a, values.number("x") * height, values.number("y") * height, values.number("blur") * height)
    seen = planes.a.astype(np.float32) / 255
    # What of the shadow is not hidden by the picture itself.
    below = shade * (opacity / 255) * (1 - seen)
    size = (planes.width // 2, planes.height // 2)
    seen_uv, below_uv = (cv2.resize(share, size, interpolation=cv2.INTER_AREA) for share in (seen, below))
    luma, blue, red = _yuv(color)
    return Planes(
        _mixed(planes.y, luma, seen, below),
        _mixed(planes.u, blue, seen_uv, below_uv),
        _mixed(planes.v, red, seen_uv, below_uv),
        cv2.convertScaleAbs(seen + below, alpha=255),
    )


def _cast(alpha: Plane, x: float, y: float, sigma: float) -> Share:
    """Return the shadow's outline, moved and blurred; nothing comes in from beyond the edges."""
    moved = cv2.warpAffine(alpha.astype(np.float32), np.array([[1, 0, x], [0, 1, y]]), alpha.shape[::-1])
    if sigma < 0.1:
        return moved
    # A wide blur leaves nothing fine: it may be made from a smaller picture.
    step = 2 ** max(0, int(np.log2(sigma / 3))) if sigma > 3 else 1
    size = (max(1, alpha.shape[1] // step), max(1, alpha.shape[0] // step))
    small = cv2.resize(moved, size, interpolation=cv2.INTER_AREA)
    softened = cv2.GaussianBlur(small, (0, 0), sigma / step, borderType=cv2.BORDER_CONSTANT)
    return cv2.resize(softened, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _mixed(plane: Plane, color: float, seen: Share, below: Share) -> Plane:
    """Return the straight colour of the picture over a shadow of one colour; where neither is, the picture's own."""
    share = np.divide(below, seen + below, out=np.zeros_like(below), where=below > 1e-4)
    return cv2.blendLinear(plane, np.full_like(plane, round(color)), 1 - share, share)


def _yuv(color: Color) -> tuple[float, float, float]:
    """Return a colour in BT.709, 8-bit limited range."""
    luma = (0.2126 * color.r + 0.7152 * color.g + 0.0722 * color.b) / 255
    return 16 + 219 * luma, 128 + 224 * (color.b / 255 - luma) / 1.8556, 128 + 224 * (color.r / 255 - luma) / 1.5748


SHADOW = Effect(
    id="shadow",
    title="Shadow",
    description="A soft shadow under a picture with transparency. It stays within the clip's box.",
    kernel=YuvKernel(shadow),
    params=(
        Parameter(name="color", title="Colour", type=ParameterType.COLOR, default=Color(0, 0, 0)),
        Parameter(
            name="opacity",
            title="Opacity",
            default=0.5,
            minimum=0,
            maximum=1,
            step=0.01,
            animatable=True,
            widget="slider",
        ),
        Parameter(
            name="x",
            title="To the right",
            default=0.008,
            minimum=-0.5,
            maximum=0.5,
            step=0.001,
            unit="of height",
            animatable=True,
            widget="slider",
            group="Offset",
        ),
        Parameter(
            name="y",
            title="Down",
            default=0.008,
            minimum=-0.5,
            maximum=0.5,
            step=0.001,
            unit="of height",
            animatable=True,
            widget="slider",
            group="Offset",
        ),
        Parameter(
            name="blur",
            title="Blur",
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
)
