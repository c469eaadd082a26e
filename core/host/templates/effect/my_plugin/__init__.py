"""An effect for Reelhouse: turns colours into their opposites."""

from collections.abc import Iterable

import cv2

from core.api import Effect, Moment, Parameter, Rgb, RgbKernel, Values, hookimpl


def negative(rgb: Rgb, values: Values, moment: Moment) -> Rgb:
    """Mix the picture with its negative."""
    amount = values.number("amount")
    mixed: Rgb = cv2.addWeighted(rgb, 1 - amount, cv2.bitwise_not(rgb), amount, 0)
    return mixed


NEGATIVE = Effect(
    id="my.plugin.negative",
    title="Negative",
    description="Turns colours into their opposites.",
    kernel=RgbKernel(negative),
    params=(
        Parameter(
            name="amount",
            title="Amount",
            default=1.0,
            minimum=0.0,
            maximum=1.0,
            step=0.01,
            animatable=True,
            widget="slider",
            help="0 leaves the picture as it is.",
        ),
    ),
)


@hookimpl
def reelhouse_effects() -> Iterable[Effect]:
    """Declare the effect."""
    yield NEGATIVE
