"""The transition ``circle``."""

from math import hypot

import cv2
import numpy as np

from core.api import Canvas, Moment, Parameter, ParameterType, Transition, Values
from plugins.effects.transitions.planes import Ramp, centres, copy, reveal


def circle(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    """Show ``after`` inside a growing circle, or ``before`` inside a shrinking one."""
    if progress <= 0 or progress >= 1:
        copy(before if progress <= 0 else after, out)
        return
    opens = values.text("mode") == "open"
    x, y = values.point("center")
    x, y = x * out.width, y * out.height
    reach = max(hypot(x - corner_x, y - corner_y) for corner_x in (0, out.width) for corner_y in (0, out.height))
    softness = max(values.number("softness") * moment.frame_height, 1.0)
    edge = (progress if opens else 1 - progress) * (reach + softness)

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
            choices=("open", "close"),
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
