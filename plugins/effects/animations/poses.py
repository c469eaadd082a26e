"""The animations ``fade``, ``slide``, ``scale``, ``rise`` and ``typewriter``: shared maths as poses."""

from core.api import Animation, Parameter, ParameterType, Pose, Values, animation_maths

_FADE, _SLIDE, _SCALE, _RISE, _TYPEWRITER = (
    animation_maths(name) for name in ("fade", "slide", "scale", "rise", "typewriter")
)
_DIRECTIONS = _SLIDE.choices["direction"]


def fade(presence: float, _values: Values) -> Pose:
    """Become visible."""
    return Pose(opacity=_FADE.laws["visible"].at(presence))


def slide(presence: float, values: Values) -> Pose:
    """Move into place."""
    direction = _DIRECTIONS[values.text("direction")]
    away = values.number("distance") * _SLIDE.laws["way"].at(presence)
    opacity = _SLIDE.laws["visible"].at(presence) if values.flag("fade") else 1.0
    return Pose(x=direction["across"] * away, y=direction["down"] * away, opacity=opacity)


def scale(presence: float, values: Values) -> Pose:
    """Grow (or shrink) to full size."""
    start = values.number("from")
    opacity = _SCALE.laws["visible"].at(presence) if values.flag("fade") else 1.0
    return Pose(scale=max(0.0, start + (1 - start) * _SCALE.laws["grown"].at(presence)), opacity=opacity)


def rise(presence: float, values: Values) -> Pose:
    """Float up into place while becoming visible."""
    return Pose(
        y=values.number("distance") * _RISE.laws["below"].at(presence), opacity=_RISE.laws["visible"].at(presence)
    )


def typewriter(presence: float, _values: Values) -> Pose:
    """Show a text letter by letter."""
    return Pose(reveal=_TYPEWRITER.laws["visible"].at(presence))


def _fade() -> Parameter:
    return Parameter(
        name="fade",
        title="Fade",
        type=ParameterType.BOOL,
        default=False,
        widget="switch",
        help="Also become visible gradually.",
    )


FADE = Animation(id="fade", title="Fade", description="Appears gradually.", pose=fade)
SLIDE = Animation(
    id="slide",
    title="Slide",
    description="Slides into place from a side of the frame, and back when it leaves.",
    pose=slide,
    params=(
        Parameter(
            name="direction",
            title="Direction",
            type=ParameterType.CHOICE,
            default="left",
            choices=tuple(_DIRECTIONS),
            help="Where it moves to as it appears; it leaves the opposite way.",
        ),
        Parameter(
            name="distance",
            title="Distance",
            default=1.0,
            minimum=0,
            maximum=2,
            step=0.05,
            widget="slider",
            help="How far it moves, as a fraction of the frame; 1 begins outside the frame wherever the clip lies.",
        ),
        _fade(),
    ),
)
SCALE = Animation(
    id="scale",
    title="Scale",
    description="Grows, or shrinks, to its full size.",
    pose=scale,
    params=(
        Parameter(
            name="from",
            title="From",
            default=0.0,
            minimum=0,
            maximum=4,
            step=0.05,
            widget="slider",
            help="The size it begins with: 0 is nothing, 1 its full size.",
        ),
        _fade(),
    ),
)
RISE = Animation(
    id="rise",
    title="Rise",
    description="Floats up into place while it becomes visible.",
    pose=rise,
    params=(
        Parameter(
            name="distance",
            title="Distance",
            default=0.05,
            minimum=-0.5,
            maximum=0.5,
            step=0.01,
            unit="of height",
            widget="slider",
            help="From how far below it comes; from above when negative.",
        ),
    ),
)
TYPEWRITER = Animation(
    id="typewriter",
    title="Typewriter",
    description="Shows a text letter by letter.",
    pose=typewriter,
)
