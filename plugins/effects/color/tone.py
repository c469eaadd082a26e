"""The effects ``color.greyscale``, ``color.sepia`` and ``color.invert``: tones that follow from luma alone."""

import cv2
import numpy as np

from core.api import Effect, Moment, Parameter, Plane, Planes, Values, YuvKernel
from plugins.effects.color.affine import TO_YUV, to_levels

_LEVELS = np.arange(256, dtype=np.float64)
_CODES = np.clip((_LEVELS - 16) / 219, 0, 1)
_PAPER = np.array([1.0, 0.895, 0.74])
"""Sepia: what white becomes."""
_INK = np.array([0.085, 0.045, 0.02])
"""Sepia: what black becomes."""


def greyscale(planes: Planes, values: Values, _moment: Moment) -> Planes:
    """Draw the colours towards grey; luma stays."""
    amount = values.number("amount")
    if amount == 0:
        return planes
    table = to_levels(128 + (_LEVELS - 128) * (1 - amount))
    return Planes(planes.y, cv2.LUT(planes.u, table), cv2.LUT(planes.v, table), planes.a)


def sepia(planes: Planes, values: Values, _moment: Moment) -> Planes:
    """Tone the luma from dark brown to warm paper."""
    amount = values.number("amount")
    if amount == 0:
        return planes
    toned = np.outer(_CODES, _PAPER - _INK) + _INK
    y_table, u_table, v_table = (to_levels(table) for table in (TO_YUV @ toned.T + np.array([[16], [128], [128]])))
    small = cv2.resize(planes.y, (planes.width // 2, planes.height // 2), interpolation=cv2.INTER_AREA)
    return Planes(
        _mix(planes.y, cv2.LUT(planes.y, y_table), amount),
        _mix(planes.u, cv2.LUT(small, u_table), amount),
        _mix(planes.v, cv2.LUT(small, v_table), amount),
        planes.a,
    )


def invert(planes: Planes, values: Values, _moment: Moment) -> Planes:
    """Turn each channel into its opposite."""
    amount = values.number("amount")
    if amount == 0:
        return planes
    luma = to_levels(_LEVELS + amount * (251 - 2 * _LEVELS))
    chroma = to_levels(_LEVELS + amount * (256 - 2 * _LEVELS))
    return Planes(cv2.LUT(planes.y, luma), cv2.LUT(planes.u, chroma), cv2.LUT(planes.v, chroma), planes.a)


def _mix(plane: Plane, toned: Plane, amount: float) -> Plane:
    return cv2.addWeighted(plane, 1 - amount, toned, amount, 0)


def _amount() -> Parameter:
    return Parameter(
        name="amount",
        title="Amount",
        default=1.0,
        minimum=0,
        maximum=1,
        step=0.01,
        animatable=True,
        widget="slider",
        help="0 leaves the picture as it is.",
    )


GREYSCALE = Effect(
    id="color.greyscale",
    title="Greyscale",
    description="Takes the colour away; brightness stays.",
    kernel=YuvKernel(greyscale),
    params=(_amount(),),
)
SEPIA = Effect(
    id="color.sepia",
    title="Sepia",
    description="Tones the picture like an old print, from dark brown to warm paper.",
    kernel=YuvKernel(sepia),
    params=(_amount(),),
)
INVERT = Effect(
    id="color.invert",
    title="Invert",
    description="Turns every colour into its opposite, like a negative.",
    kernel=YuvKernel(invert),
    params=(_amount(),),
)
