"""The transitions ``blur`` and ``pixelate``: the picture loses its detail, changes, and gets it back."""

import cv2

from core.api import Canvas, Cost, Moment, Parameter, Plane, Transition, Values
from plugins.effects.transitions.planes import mix

_MIXED_OVER = 0.5
"""The share of the transition, around its middle, in which both clips are seen."""


def blur(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    """Blur the first frame more and more, then the second less and less."""
    _mix_midway(before, after, out, progress)
    sigma = values.number("radius") * moment.frame_height * _rise(progress)
    for plane, step in out.planes():
        _soften(plane, sigma / step)


def pixelate(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    """Show the first frame in growing blocks, then the second in shrinking ones."""
    _mix_midway(before, after, out, progress)
    block = values.number("size") * moment.frame_height * _rise(progress)
    if block <= 1:
        return
    grid = (max(1, round(out.width / block)), max(1, round(out.height / block)))
    for plane, _ in out.planes():
        averages = cv2.resize(plane, grid, interpolation=cv2.INTER_AREA)
        cv2.resize(averages, plane.shape[::-1], plane, interpolation=cv2.INTER_NEAREST_EXACT)


def _mix_midway(before: Canvas, after: Canvas, out: Canvas, progress: float) -> None:
    ramp = min(max((progress - 0.5) / _MIXED_OVER + 0.5, 0.0), 1.0)
    mix(before, after, out, ramp * ramp * (3 - 2 * ramp))


def _rise(progress: float) -> float:
    """Return 0 at both ends and 1 in the middle."""
    return 1 - abs(2 * min(max(progress, 0.0), 1.0) - 1)


def _soften(plane: Plane, sigma: float) -> None:
    """Blur a plane in place; a wide blur is made on a smaller picture, where nothing is lost by it."""
    if sigma < 0.1:
        return
    step = 1
    while sigma / step > 6 and min(plane.shape) / step >= 16:
        step *= 2
    if step == 1:
        cv2.GaussianBlur(plane, (0, 0), sigma, plane, borderType=cv2.BORDER_REPLICATE)
        return
    size = (plane.shape[1] // step, plane.shape[0] // step)
    small = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    softened = cv2.GaussianBlur(small, (0, 0), sigma / step, borderType=cv2.BORDER_REPLICATE)
    cv2.resize(softened, plane.shape[::-1], plane, interpolation=cv2.INTER_CUBIC)


BLUR = Transition(
    id="blur",
    title="Blur",
    description="The first clip blurs, and the next one becomes sharp.",
    mix=blur,
    params=(
        Parameter(
            name="radius",
            title="Radius",
            default=0.04,
            minimum=0,
            maximum=0.2,
            step=0.005,
            unit="of height",
            widget="slider",
            help="The Gaussian's standard deviation in the middle of the transition.",
        ),
    ),
    cost=Cost.MEDIUM,
)
PIXELATE = Transition(
    id="pixelate",
    title="Pixelate",
    description="The first clip breaks into blocks, which turn into the next.",
    mix=pixelate,
    params=(
        Parameter(
            name="size",
            title="Block size",
            default=0.12,
            minimum=0,
            maximum=0.5,
            step=0.01,
            unit="of height",
            widget="slider",
            help="The side of a block in the middle of the transition.",
        ),
    ),
)
