"""The effect ``sharpen``: an unsharp mask on luma, so that edges get no coloured fringes."""

import cv2

from core.api import Effect, Moment, Parameter, Planes, Values, YuvKernel
from plugins.effects.focus.gaussian import soften


def sharpen(planes: Planes, values: Values, moment: Moment) -> Planes:
    """Add what a blur takes away."""
    amount = values.number("amount")
    sigma = values.number("radius") * moment.frame_height
    if amount == 0 or sigma < 0.1:
        return planes
    luma = cv2.addWeighted(planes.y, 1 + amount, soften(planes.y, sigma), -amount, 0)
    return Planes(luma, planes.u, planes.v, planes.a)


SHARPEN = Effect(
    id="sharpen",
    title="Sharpen",
    description="Strengthens fine detail by an unsharp mask on brightness.",
    kernel=YuvKernel(sharpen),
    params=(
        Parameter(
            name="amount",
            title="Amount",
            default=0.6,
            minimum=0,
            maximum=3,
            step=0.05,
            animatable=True,
            widget="slider",
            help="How much detail is added; 1 doubles it.",
        ),
        Parameter(
            name="radius",
            title="Radius",
            default=0.0015,
            minimum=0.0005,
            maximum=0.05,
            step=0.0005,
            unit="of height",
            animatable=True,
            widget="slider",
            help="The size of the detail; wide radii with small amounts give local contrast.",
        ),
    ),
)
