"""The transition ``wipe``: an edge runs across the frame and uncovers the next clip."""

from math import cos, radians, sin

import numpy as np

from core.api import Canvas, Moment, Parameter, ParameterType, Transition, Values, transition_maths
from plugins.effects.transitions.planes import Ramp, centres, copy, reveal

_MATHS = transition_maths("wipe")
_DIRECTIONS = _MATHS.choices["direction"]
_FRONT = _MATHS.laws["front"]
_LEAST_SOFT = _MATHS.numbers["least_soft"]


def wipe(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    """Uncover ``after`` behind an edge that runs in a direction."""
    if progress <= 0 or progress >= 1:
        copy(before if progress <= 0 else after, out)
        return
    angle = radians(_DIRECTIONS[values.text("direction")].get("angle", values.number("angle")))
    across, down = cos(angle), sin(angle)
    width, height = out.width, out.height
    softness = max(values.number("softness") * moment.frame_height, _LEAST_SOFT)
    # The corners that the edge meets first and last.
    first = min(0.0, across * width) + min(0.0, down * height)
    last = max(0.0, across * width) + max(0.0, down * height)
    edge = first + _FRONT.at(progress) * (last - first + softness)

    def ramp(columns: int, rows: int, step: int) -> Ramp:
        along_x = (edge - np.float32(across) * centres(columns, step)) / np.float32(softness)
        along_y = np.float32(down / softness) * centres(rows, step)
        return np.subtract.outer(-along_y, -along_x).astype(np.float32)

    reveal(before, after, out, ramp)


WIPE = Transition(
    id="wipe",
    title="Wipe",
    description="An edge runs across the frame and uncovers the next clip.",
    mix=wipe,
    params=(
        Parameter(
            name="direction",
            title="Direction",
            type=ParameterType.CHOICE,
            default="right",
            choices=tuple(_DIRECTIONS),
            help="Where the edge runs to.",
        ),
        Parameter(
            name="angle",
            title="Angle",
            default=30.0,
            minimum=-360,
            maximum=360,
            step=1,
            unit="°",
            widget="wheel",
            help="Where the edge runs to, clockwise from the right.",
            visible_if={"direction": "angle"},
        ),
        Parameter(
            name="softness",
            title="Softness",
            default=0.05,
            minimum=0,
            maximum=1,
            step=0.01,
            unit="of height",
            widget="slider",
            help="How wide the edge is; 0 is sharp.",
        ),
    ),
)
