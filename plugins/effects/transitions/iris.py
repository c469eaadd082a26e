"""The transition ``circle``."""

from math import hypot

import cv2
import numpy as np

from core.api import Canvas, Moment, Parameter, ParameterType, Transition, Values, transition_maths
from plugins.effects.transitions.planes import Ramp, centres, copy, reveal

_MATHS = transition_maths("circle")
_MODES = _MATHS.choices["mode"]
_FRONT = _MATHS.laws["front"]
_LEAST_SOFT = _MATHS.numbers["least_soft"]


def circle(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    """Show ``after`` inside a growing circle, or ``before`` inside a shrinking one."""
    if progress <= 0 or progress >= 1:
        copy(before if progress <= 0 else after, out)
        return
    opens = _MODES[values.text("mode")]["side"] > 0
    x, y = values.point("center")
    x, y = x * out.width, y * out.height
    reach = max(hypot(x - corner_x, y - corner_y) for corner_x in (0, out.width) for corner_y in (0, out.height))
    softness = max(values.number("softness") * moment.frame_height, _LEAST_SOFT)
    front = _FRONT.at(progress)
    edge = (front if opens else 1 - front) * (reach + softness)

    def ramp(columns: int, rows: int, step: int) -> Ramp:
        squares = np.add.outer((centres(rows, step) - y) ** 2, (centres(columns, step) - x) ** 2)
        distance = cv2.sqrt(squares.astype(np.float32))
        inside = (np.float32(edge) - distance) / np.float32(softness)
        return inside if opens else 1 - np.clip(inside, 0, 1)

    reveal(before, after, out, ramp)


CIRCLE = Transition(
    id="circle",
    title="Circle",
    description="A circle opens on the next clip, or closes on the first.",
    mix=circle,
    params=(
        Parameter(
            name="mode",
            title="Mode",
            type=ParameterType.CHOICE,
            default="open",
            choices=tuple(_MODES),
            help="Open grows a circle of the next clip, close shrinks one of the first.",
        ),
        Parameter(
            name="center",
            title="Centre",
            type=ParameterType.POINT,
            default=(0.5, 0.5),
            minimum=0,
            maximum=1,
            help="Fractions of the frame.",
        ),
        Parameter(
            name="softness",
            title="Softness",
            default=0.02,
            minimum=0,
            maximum=1,
            step=0.01,
            unit="of height",
            widget="slider",
            help="How wide the edge is; 0 is sharp.",
        ),
    ),
)
