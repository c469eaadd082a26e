"""The transition ``zoom``: the camera rushes into (or out of) one clip and arrives in the next."""

import cv2
import numpy as np

from core.api import Canvas, Cost, Moment, Parameter, ParameterType, Transition, Values, transition_maths
from plugins.effects.transitions.planes import copy, mix

_MATHS = transition_maths("zoom")
_DIRECTIONS = _MATHS.choices["direction"]
# The movement gathers speed up to the middle and loses it after; there both clips move by the same factor, and the
# eye takes it for one movement.
_SHARE, _LEAVING, _ARRIVING = (_MATHS.laws[name] for name in ("share", "leaving", "arriving"))


def zoom(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, _moment: Moment) -> None:
    """Enlarge ``before`` while ``after``, smaller at first, grows to its size; they mix around the middle."""
    if progress <= 0 or progress >= 1:
        copy(before if progress <= 0 else after, out)
        return
    strength = values.number("amount") ** _DIRECTIONS[values.text("direction")]["side"]
    center = values.point("center")
    share = _SHARE.at(progress)
    leaving, arriving = strength ** _LEAVING.at(progress), strength ** _ARRIVING.at(progress)
    if share < 1:
        first = _enlarged(before, leaving, center)
    if share > 0:
        second = _enlarged(after, arriving, center)
    mix(first if share < 1 else second, second if share > 0 else first, out, share)


def _enlarged(canvas: Canvas, scale: float, center: tuple[float, float]) -> Canvas:
    """Scale a canvas about a point. Beyond an opaque frame's edges lies its mirror image, beyond others nothing."""
    border = cv2.BORDER_REFLECT if canvas.is_opaque else cv2.BORDER_CONSTANT
    planes = []
    for plane, _ in canvas.planes():
        height, width = plane.shape
        x, y = center[0] * width - 0.5, center[1] * height - 0.5
        to_source = np.array([[1 / scale, 0, x - x / scale], [0, 1 / scale, y - y / scale]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        planes.append(cv2.warpAffine(plane, to_source, (width, height), flags=flags, borderMode=border))
    return Canvas(*planes)


ZOOM = Transition(
    id="zoom",
    title="Zoom",
    description="The camera rushes through the first clip into the next.",
    mix=zoom,
    params=(
        Parameter(
            name="direction",
            title="Direction",
            type=ParameterType.CHOICE,
            default="in",
            choices=tuple(_DIRECTIONS),
        ),
        Parameter(
            name="amount",
            title="Amount",
            default=2.5,
            minimum=1.1,
            maximum=8,
            step=0.1,
            widget="slider",
            help="How many times larger the first clip is than the next in the middle of the movement.",
        ),
        Parameter(
            name="center",
            title="Centre",
            type=ParameterType.POINT,
            default=(0.5, 0.5),
            minimum=0,
            maximum=1,
            help="The point that stands still, as fractions of the frame.",
        ),
    ),
    cost=Cost.MEDIUM,
)
