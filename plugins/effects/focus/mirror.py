"""The effect ``mirror``."""

import cv2

from core.api import Effect, Moment, Parameter, ParameterType, Plane, Planes, Values, YuvKernel

_FLIP_CODES = {"horizontal": 1, "vertical": 0, "both": -1}


def mirror(planes: Planes, values: Values, _moment: Moment) -> Planes:
    """Turn the picture over, or reflect one half onto the other."""
    axis = values.text("axis")
    turned = _reflected if values.flag("reflect") else _flipped
    alpha = None if planes.a is None else turned(planes.a, axis)
    return Planes(turned(planes.y, axis), turned(planes.u, axis), turned(planes.v, axis), alpha)


def _flipped(plane: Plane, axis: str) -> Plane:
    return cv2.flip(plane, _FLIP_CODES[axis])


def _reflected(plane: Plane, axis: str) -> Plane:
    """Lay the mirrored left (upper) half over the right (lower) one; a middle line stays."""
    height, width = plane.shape
    reflected = plane.copy()
    if axis != "vertical":
        reflected[:, (width + 1) // 2 :] = reflected[:, : width // 2][:, ::-1]
    if axis != "horizontal":
        reflected[(height + 1) // 2 :] = reflected[: height // 2][::-1]
    return reflected


MIRROR = Effect(
    id="mirror",
    title="Mirror",
    description="Turns the picture over, or reflects one half onto the other.",
    kernel=YuvKernel(mirror),
    params=(
        Parameter(
            name="axis",
            title="Direction",
            type=ParameterType.CHOICE,
            default="horizontal",
            choices=("horizontal", "vertical", "both"),
            help="Horizontal swaps left and right, vertical top and bottom.",
        ),
        Parameter(
            name="reflect",
            title="Reflect one half",
            type=ParameterType.BOOL,
            default=False,
            widget="switch",
            help="The left (or upper) half is reflected onto the other, instead of turning the whole over.",
        ),
    ),
)
