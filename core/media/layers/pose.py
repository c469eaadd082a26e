"""Where a layer lies at a frame: its placement, moved by its enter and exit animations."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from core.api import Animation, Pose
from core.contract.easings import ease
from core.media.patch import Matrix
from core.timeline.curves import is_constant, value_at
from core.timeline.plan import Layer, Plan, TimedUse

AT_REST = Pose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A layer's place at one frame. ``x``, ``y``: the box's centre in pixels; ``rotate`` in degrees clockwise."""

    x: float
    y: float
    scale: float
    rotate: float
    opacity: float
    reveal: float

    def matrix(self, width: float, height: float, anchor: tuple[float, float]) -> Matrix:
        """Return the transform from a box of this size to the frame: scale and rotate about the anchor."""
        angle = np.deg2rad(self.rotate)
        turn = self.scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        pivot = np.array((width * anchor[0], height * anchor[1]))
        corner = np.array((self.x - width / 2, self.y - height / 2))
        return np.hstack((turn, (corner + pivot - turn @ pivot)[:, None]))


class PoseTrack:
    """Evaluates a layer's placement and animations. Pure; ``frame`` counts output frames of the plan."""

    def __init__(self, layer: Layer, plan: Plan, animations: Mapping[str, Animation]) -> None:
        self._layer = layer
        self._plan = plan
        self._animations = animations
        placement = layer.placement
        self.is_still = (
            all(is_constant(number) for number in (placement.x, placement.y, placement.scale, placement.rotate))
            and value_at(placement.rotate, Fraction(0)) == 0
        )
        """True when the placement itself never moves and is not turned (animations still may move it)."""

    def time(self, frame: int) -> Fraction:
        """Return the seconds from the layer's start that a frame shows."""
        return self._plan.instant(frame) - self._layer.start

    def at(self, frame: int) -> Placed:
        """Return where the layer lies at a frame."""
        time, placement = self.time(frame), self._layer.placement
        enter, leave = self._pose(frame, self._layer.enter), self._pose(frame, self._layer.exit, is_exit=True)
        return Placed(
            x=(value_at(placement.x, time) + enter.x + leave.x) * self._plan.width,
            y=(value_at(placement.y, time) + enter.y + leave.y) * self._plan.height,
            scale=value_at(placement.scale, time) * enter.scale * leave.scale,
            rotate=value_at(placement.rotate, time) + enter.rotate + leave.rotate,
            opacity=min(1.0, max(0.0, value_at(placement.opacity, time) * enter.opacity * leave.opacity)),
            reveal=enter.reveal * leave.reveal,
        )

    def is_resting(self, frame: int) -> bool:
        """Tell whether no animation moves, turns or scales the layer at a frame."""
        poses = (self._pose(frame, self._layer.enter), self._pose(frame, self._layer.exit, is_exit=True))
        return all((pose.x, pose.y, pose.scale, pose.rotate) == (0, 0, 1, 0) for pose in poses)

    def largest_scale(self) -> float:
        """Return the largest scale the layer takes at any frame."""
        return max(self.at(frame).scale for frame in range(self._layer.first, self._layer.end))

    def _pose(self, frame: int, use: TimedUse | None, *, is_exit: bool = False) -> Pose:
        if use is None:
            return AT_REST
        played = self._layer.end - frame - 1 if is_exit else frame - self._layer.first
        if played >= use.frames:
            return AT_REST
        presence = ease(use.ease, (played + 0.5) / use.frames)
        return self._animations[use.id].pose(presence, use.values_at(Fraction(0)))
