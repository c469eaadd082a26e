"""The contract suite of animations."""

import math
from collections.abc import Mapping
from dataclasses import asdict

from core.api.animations import Animation, Pose
from core.api.parameters import JsonValue, Values
from core.api.testing.contract import require, trying, variations

_WITHIN = tuple(step / 20 for step in range(21))
_OVERSHOT = (-0.2, 1.2)
"""Easings such as ``back-out`` and ``elastic-in`` leave 0 to 1 for a moment."""


def check_animation(animation: Animation, *, params: Mapping[str, JsonValue] | None = None) -> None:
    """Check that an animation keeps its contract; raise ``ContractError`` where it does not.

    Its pose must change nothing at presence 1 and something at 0, be pure, hold numbers in range between, and bear
    the overshoot of easings. ``params`` gives values for parameters without a default.
    """
    for described, values in variations(animation.params, params or {}):
        for presence in (*_WITHIN, *_OVERSHOT):
            what = f"{animation.id} {described} at presence {presence:g}"
            pose = _pose(animation, presence, values, what)
            require(_pose(animation, presence, values, what) == pose, f"{what} gave two poses: pose must be pure")
            if presence in _WITHIN:
                require(0 <= pose.opacity <= 1, f"{what}: opacity is {pose.opacity:g}, not within 0 to 1")
                require(0 <= pose.reveal <= 1, f"{what}: reveal is {pose.reveal:g}, not within 0 to 1")
                require(pose.scale >= 0, f"{what}: scale is {pose.scale:g}, below 0")
        still = asdict(_pose(animation, 1.0, values, animation.id))
        moved = {name: value for name, value in still.items() if not math.isclose(value, _REST[name], abs_tol=1e-6)}
        require(not moved, f"{animation.id} {described} must change nothing at presence 1, and gave {moved}")
    for _, values in variations(animation.params, params or {}):
        hidden = _pose(animation, 0.0, values, animation.id)
        require(hidden != Pose(), f"{animation.id} changes nothing at presence 0: the clip would not appear")
        break


_REST = asdict(Pose())


def _pose(animation: Animation, presence: float, values: Values, what: str) -> Pose:
    with trying(what):
        pose = animation.pose(presence, values)
    require(isinstance(pose, Pose), f"{what} returned {type(pose).__name__} instead of Pose")
    for name, value in asdict(pose).items():
        require(
            isinstance(value, int | float) and math.isfinite(value), f"{what}: {name} is {value!r}, not a finite number"
        )
    return pose
