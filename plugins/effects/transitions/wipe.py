"""The transition ``wipe``: an edge runs across the frame and uncovers the next clip."""

from math import cos, radians, sin

import numpy as np

from core.api import Canvas, Moment, Parameter, ParameterType, Transition, Values
from plugins.effects.transitions.planes import Ramp, centres, copy, reveal

_ANGLES = {
    "right": 0.0,
    "down-right": 45.0,
    "down": 90.0,
    "down-left": 135.0,
    "left": 180.0,
    "up-left": 225.0,
    "up": 270.0,
    "up-right": 315.0,
}


def wipe(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    """Uncover ``after`` behind an edge that runs in a direction."""
    if progress <= 0 or progress >= 1:
        copy(before if progress <= 0 else after, out)
        return
    direction = values.text("direction")
    angle = radians(_ANGLES[direction] if direction in _ANGLES else values.number("angle"))
    across, down = cos(angle), sin(angle)
    width, height = out.width, out.height
    softness = max(values.number("softness") * moment.frame_height, 1.0)
    # The corners that the edge meets first and last.
    first = min(0.0, across * width) + min(0.0, down * height)
    last = max(0.0, across * width) + max(0.0, down * height)
    edge = first + progress * (last - first + softness)

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
            choices=(*_ANGLES, "angle"),
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
