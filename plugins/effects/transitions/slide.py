"""The transitions ``slide`` and ``push``: frames move by whole even pixels, so that chroma stays with luma.

The fastest slides take a dozen steps, of a hundred pixels each: a step of two pixels is not seen, and copying is
twenty times faster than drawing at sub-pixel places.
"""

from collections.abc import Mapping

import numpy as np

from core.api import Canvas, Maths, Moment, Parameter, ParameterType, Transition, Values, transition_maths
from plugins.effects.transitions.planes import together

_SLIDE, _PUSH = transition_maths("slide"), transition_maths("push")


def slide(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, _moment: Moment) -> None:
    """Let ``after`` move in over ``before``, which stays."""
    _move(before, after, out, progress, values, _SLIDE, pushes=False)


def push(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, _moment: Moment) -> None:
    """Let ``after`` move in and push ``before`` out."""
    _move(before, after, out, progress, values, _PUSH, pushes=True)


def _move(
    before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, maths: Maths, *, pushes: bool
) -> None:
    direction = maths.choices["direction"][values.text("direction")]
    is_vertical, is_backward = direction["down"] != 0, direction["across"] + direction["down"] > 0
    length = out.height if is_vertical else out.width
    step_length = int(maths.numbers["step"])
    shift = step_length * round(maths.laws["travel"].at(progress) * length / step_length)
    for first, second, target, step in together(before, after, out):
        if is_vertical:
            first, second, target = first.T, second.T, target.T
        if is_backward:
            first, second, target = first[:, ::-1], second[:, ::-1], target[:, ::-1]
        # All is now a movement to the left: ``after`` comes in from the right edge.
        moved, stays = shift // step, length // step - shift // step
        np.copyto(target[:, :stays], first[:, moved:] if pushes else first[:, :stays])
        np.copyto(target[:, stays:], second[:, :moved])


def _direction(choices: Mapping[str, object]) -> Parameter:
    return Parameter(
        name="direction",
        title="Direction",
        type=ParameterType.CHOICE,
        default="left",
        choices=tuple(choices),
        help="Where the picture moves to.",
    )


SLIDE = Transition(
    id="slide",
    title="Slide",
    description="The next clip slides in over the first.",
    mix=slide,
    params=(_direction(_SLIDE.choices["direction"]),),
)
PUSH = Transition(
    id="push",
    title="Push",
    description="The next clip pushes the first out of the frame.",
    mix=push,
    params=(_direction(_PUSH.choices["direction"]),),
)
