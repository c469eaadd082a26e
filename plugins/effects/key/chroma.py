"""The effect ``key.chroma``: removes a coloured backdrop (green or blue screen).

The plane of chroma is turned so that the backdrop's hue points along one axis. How far a pixel lies along it, less
how far it lies beside it, tells how much of the backdrop it holds: 1 for the backdrop itself, 0 for greys and other
hues, one half for an edge half covered. Brightness plays no part, so folds and shadows in the backdrop go too.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from core.api import Color, Cost, Effect, Moment, Parameter, ParameterType, Plane, Planes, Values, YuvKernel

type Chroma = NDArray[np.floating]

_TO_YUV = np.array(
    [
        [0.2126 * 219, 0.7152 * 219, 0.0722 * 219],
        [-0.2126 / 1.8556 * 224, -0.7152 / 1.8556 * 224, 0.5 * 224],
        [0.5 * 224, -0.7152 / 1.5748 * 224, -0.0722 / 1.5748 * 224],
    ]
)
"""From RGB between 0 and 1 to Y, U, V (ITU-R BT.709, 8-bit limited range), the offsets left out."""
_HUE_WIDTH = 1.2
"""How fast hues beside the backdrop's count as something else."""
_WINDOW = 3
"""The side, in pixels of chroma, of the windows in which luma guides the matte."""
_FLAT_VARIANCE = 1e-4
"""Variance of luma below which it is noise."""
_THINNEST = 0.15
"""Below this opacity the backdrop's light is no longer taken out: there is too little left to tell."""


def chroma_key(planes: Planes, values: Values, _moment: Moment) -> Planes:
    """Make the backdrop transparent and take its colour out of what is left."""
    key = _TO_YUV @ _rgb(values.color("color"))
    length = float(np.hypot(key[1], key[2]))
    if length < 1:
        return planes
    along, beside = _turn(planes, key, length)
    held = cv2.subtract(along, cv2.multiply(cv2.absdiff(beside, 0.0), _HUE_WIDTH))
    matte = _matte(held, values.number("similarity"), values.number("smoothness"))
    opacity = _sharpened(matte, planes.y)
    alpha = cv2.convertScaleAbs(opacity, alpha=255)
    if planes.a is not None:
        alpha = cv2.multiply(alpha, planes.a, scale=1 / 255)
    if alpha.min() == 255:
        alpha = None
    y, u, v = _despilled(planes, values.number("spill"), key, along, held, matte, opacity)
    return Planes(y, u, v, alpha)


def _rgb(color: Color) -> NDArray[np.float64]:
    return np.array([color.r, color.g, color.b]) / 255


def _turn(planes: Planes, key: NDArray[np.float64], length: float) -> tuple[Chroma, Chroma]:
    """Return chroma along the backdrop's hue and across it; the backdrop lies at (1, 0)."""
    cos, sin = key[1] / length**2, key[2] / length**2
    along = cv2.addWeighted(planes.u, cos, planes.v, sin, -128 * (cos + sin), dtype=cv2.CV_32F)
    beside = cv2.addWeighted(planes.u, -sin, planes.v, cos, 128 * (sin - cos), dtype=cv2.CV_32F)
    return along, beside


def _matte(held: Chroma, similarity: float, smoothness: float) -> Chroma:
    """Return the opacity: 0 where the share of backdrop reaches a threshold, rising to 1 over ``smoothness``."""
    threshold = 1 - similarity
    ramp = np.clip((threshold - held) / max(smoothness * threshold, 1e-3), 0, 1)
    return (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)


def _sharpened(matte: Chroma, luma: Plane) -> Chroma:
    """Enlarge the matte, which has the resolution of chroma, along the edges that luma shows at twice of it.

    After K. He and J. Sun, "Fast Guided Filter" (arXiv:1505.00996): in each small window the matte is taken for a
    linear function of luma. Where luma is flat or tells nothing of the matte, this is a plain enlargement.
    """
    small = cv2.resize(luma, matte.shape[::-1], interpolation=cv2.INTER_AREA) / np.float32(255)
    mean_luma, mean_matte = _window_mean(small), _window_mean(matte)
    variance = _window_mean(small * small) - mean_luma * mean_luma
    slope = (_window_mean(small * matte) - mean_luma * mean_matte) / (variance + np.float32(_FLAT_VARIANCE))
    offset = mean_matte - slope * mean_luma
    size = luma.shape[::-1]
    slope, offset = (cv2.resize(_window_mean(part), size, interpolation=cv2.INTER_LINEAR) for part in (slope, offset))
    plain = cv2.resize(matte, size, interpolation=cv2.INTER_LINEAR)
    guided = np.clip(slope * (luma / np.float32(255)) + offset, 0, 1)
    # Only edges gain from it; surfaces keep what their colour says.
    return np.where((plain > 0) & (plain < 1), guided, plain)


def _window_mean(picture: Chroma) -> Chroma:
    return cv2.blur(picture, (_WINDOW, _WINDOW), borderType=cv2.BORDER_REFLECT)


def _despilled(
    planes: Planes,
    spill: float,
    key: NDArray[np.float64],
    along: Chroma,
    held: Chroma,
    matte: Chroma,
    opacity: Chroma,
) -> tuple[Plane, Plane, Plane]:
    """Return the colours without what the backdrop threw on them and, at edges, without its light."""
    if spill == 0:
        return planes.y, planes.u, planes.v
    # Surfaces lose only what lies nearest the backdrop's hue (yellow stays yellow), edges all of its direction.
    surface = np.maximum(held, 0)
    excess = cv2.multiply(surface + (1 - matte) * (np.maximum(along, 0) - surface), spill)
    u, v = (
        cv2.subtract(plane, cv2.multiply(excess, float(part)), dtype=cv2.CV_8U)
        for plane, part in ((planes.u, key[1]), (planes.v, key[2]))
    )
    edge = (opacity > 0) & (opacity < 1)
    share = np.maximum(opacity[edge], _THINNEST)
    backdrop = 16 + key[0]
    pure = (planes.y[edge] - backdrop * (1 - share)) / share
    y = planes.y.copy()
    y[edge] = np.rint(np.clip(planes.y[edge] * (1 - spill) + pure * spill, 16, 235))
    return y, u, v


CHROMA = Effect(
    id="key.chroma",
    title="Chroma key",
    description="Makes a coloured backdrop, such as a green screen, transparent.",
    kernel=YuvKernel(chroma_key),
    params=(
        Parameter(
            name="color",
            title="Backdrop",
            type=ParameterType.COLOR,
            default=Color(0, 177, 64),
            help="The backdrop's colour; only its hue and saturation count, brightness does not.",
        ),
        Parameter(
            name="similarity",
            title="Similarity",
            default=0.4,
            minimum=0,
            maximum=0.95,
            step=0.01,
            animatable=True,
            widget="slider",
            group="Matte",
            help="How far from the backdrop's colour a pixel may lie and still become fully transparent.",
        ),
        Parameter(
            name="smoothness",
            title="Smoothness",
            default=0.7,
            minimum=0,
            maximum=1,
            step=0.01,
            animatable=True,
            widget="slider",
            group="Matte",
            help="How gradually edges turn opaque; 0 cuts them hard.",
        ),
        Parameter(
            name="spill",
            title="Spill suppression",
            default=1.0,
            minimum=0,
            maximum=1,
            step=0.01,
            animatable=True,
            widget="slider",
            group="Edges",
            help="How much of the backdrop's colour is taken out of skin, hair and edges.",
        ),
    ),
    cost=Cost.MEDIUM,
)
