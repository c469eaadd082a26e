"""Enter and exit animations: how a clip appears and leaves."""

from collections.abc import Callable
from dataclasses import dataclass

from core.api.parameters import Parameter, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """What an animation adds to a clip's own placement; the default changes nothing.

    ``x`` and ``y`` move by fractions of the frame's width and height, ``scale`` and ``opacity`` multiply, ``rotate``
    adds degrees clockwise. ``reveal`` is the share of a text's letters that are shown (0 to 1).
    """

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    rotate: float = 0.0
    opacity: float = 1.0
    reveal: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Animation:
    """A way to appear, declared by a plugin; run backwards it is a way to leave.

    ``pose(presence, values)`` gives the pose for a presence from 0 (not there yet, or gone) to 1 (fully there),
    already eased. It must be pure: the browser evaluates the same sampled poses.
    """

    id: str
    title: str
    description: str = ""
    pose: Callable[[float, Values], Pose]
    params: tuple[Parameter, ...] = ()
