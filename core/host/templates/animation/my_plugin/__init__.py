"""An enter and exit animation for Reelhouse: a clip swings into its place."""

from collections.abc import Iterable

from core.api import Animation, Parameter, Pose, Values, hookimpl


def swing(presence: float, values: Values) -> Pose:
    """Turn and fade in; ``presence`` is already eased and may overshoot 0 and 1 a little."""
    absence = 1 - presence
    return Pose(
        rotate=absence * values.number("angle"),
        y=absence * -0.1,
        opacity=min(max(presence, 0.0), 1.0),
    )


SWING = Animation(
    id="my.plugin.swing",
    title="Swing",
    description="The clip swings into its place.",
    pose=swing,
    params=(Parameter(name="angle", title="Angle", default=-20.0, minimum=-180.0, maximum=180.0, unit="°"),),
)


@hookimpl
def reelhouse_animations() -> Iterable[Animation]:
    """Declare the animation."""
    yield SWING
