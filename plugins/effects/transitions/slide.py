"""The transitions ``slide`` and ``push``: frames move by whole even pixels, so that chroma stays with luma.

The fastest slides take a dozen steps, of a hundred pixels each: a step of two pixels is not seen, and copying is
twenty times faster than drawing at sub-pixel places.
"""

import numpy as np

from core.api import Canvas, Moment, Parameter, ParameterType, Transition, Values
from plugins.effects.transitions.planes import together

_DIRECTIONS = ("left", "right", "up", "down")


def slide(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, _moment: Moment) -> None:
    """Let ``after`` move in over ``before``, which stays."""
    _move(before, after, out, progress, values.text("direction"), pushes=False)


def push(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, _moment: Moment) -> None:
    """Let ``after`` move in and push ``before`` out."""
    _move(before, after, out, progress, values.text("direction"), pushes=True)


def _move(before: Canvas, after: Canvas, out: Canvas, progress: float, direction: str, *, pushes: bool) -> None:
    is_vertical = direction in ("up", "down")
    length = out.height if is_vertical else out.width
    shift = 2 * round(min(max(progress, 0.0), 1.0) * length / 2)
    for first, second, target, step in together(before, after, out):
        if is_vertical:
            first, second, target = first.T, second.T, target.T
        if direction in ("right", "down"):
            first, second, target = first[:, ::-1], second[:, ::-1], target[:, ::-1]
        # All is now a movement to the left: ``after`` comes in from the right edge.
        moved, stays = shift // step, length // step - shift // step
        np.copyto(target[:, :stays], first[:, moved:] if pushes else first[:, :stays])
        np.copyto(target[:, stays:], second[:, :moved])


def _direction() -> Parameter:
    return Parameter(
        name="direction",
        title="Direction",
        type=ParameterType.CHOICE,
        default="left",
        choices=_DIRECTIONS,
        help="Where the picture moves to.",
    )


SLIDE = Transition(
    id="slide",
    title="Slide",
    description="The next clip slides in over the first.",
    mix=slide,
    params=(_direction(),),
)
PUSH = Transition(
    id="push",
    title="Push",
    description="The next clip pushes the first out of the frame.",
    mix=push,
    params=(_direction(),),
)
