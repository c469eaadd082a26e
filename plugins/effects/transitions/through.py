"""The transitions ``blur`` and ``pixelate``: the picture loses its detail, changes, and gets it back."""

import cv2

from core.api import Canvas, Cost, Moment, Parameter, Plane, Transition, Values, transition_maths
from plugins.effects.transitions.planes import mix

_BLUR, _PIXELATE = transition_maths("blur"), transition_maths("pixelate")


def blur(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    """Blur the first frame more and more, then the second less and less."""
    mix(before, after, out, _BLUR.laws["share"].at(progress))
    sigma = values.number("radius") * moment.frame_height * _BLUR.laws["depth"].at(progress)
    for plane, step in out.planes():
        _soften(plane, sigma / step)


def pixelate(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    """Show the first frame in growing blocks, then the second in shrinking ones."""
    mix(before, after, out, _PIXELATE.laws["share"].at(progress))
    block = values.number("size") * moment.frame_height * _PIXELATE.laws["depth"].at(progress)
    if block <= _PIXELATE.numbers["least_block"]:
        return
    grid = (max(1, round(out.width / block)), max(1, round(out.height / block)))
    for plane, _ in out.planes():
        averages = cv2.resize(plane, grid, interpolation=cv2.INTER_AREA)
        cv2.resize(averages, plane.shape[::-1], plane, interpolation=cv2.INTER_NEAREST_EXACT)


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
