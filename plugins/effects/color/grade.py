"""The effect ``color.grade``: exposure, white balance, contrast, brightness, saturation and gamma in one step."""

import cv2
import numpy as np

from core.api import Effect, Moment, Parameter, Planes, Values, YuvKernel
from plugins.effects.color.affine import LUMA, OFFSET, TO_RGB, TO_YUV, Affine, Matrix, to_levels

_CODING = 2.2
"""Light is close to the coded value to this power: a factor on light is a factor on coded values."""
_FULL_SWING = 0.35
"""How many doublings full temperature or tint gives a channel."""


def grade(planes: Planes, values: Values, _moment: Moment) -> Planes:
    """Grade a picture; without gamma (and within range) it stays in YUV."""
    change = balance(values)
    gamma = values.number("gamma")
    if gamma == 1 and change.is_identity:
        return planes
    if gamma == 1 and change.keeps_luma_in_range:
        return change.apply(planes)
    return _through_rgb(planes, change, gamma)


def balance(values: Values) -> Affine:
    """Return everything but gamma as one affine change of RGB."""
    exposure = 2.0 ** (values.number("exposure") / _CODING)
    contrast, saturation = values.number("contrast"), values.number("saturation")
    saturate: Matrix = saturation * np.eye(3) + (1 - saturation) * np.tile(LUMA, (3, 1))
    return (
        Affine.of(exposure * _white(values.number("temperature") / 100, values.number("tint") / 100))
        .then(Affine.of(np.full(3, contrast), 0.5 * (1 - contrast) + values.number("brightness")))
        .then(Affine.of(saturate))
    )


def _white(temperature: float, tint: float) -> Matrix:
    """Return the channels' factors, such that the luma of grey stays."""
    factors = 2.0 ** (_FULL_SWING * np.array([temperature + tint / 2, -tint / 2, -temperature + tint / 2]))
    return np.asarray(factors / (factors @ LUMA))


def _through_rgb(planes: Planes, change: Affine, gamma: float) -> Planes:
    """Grade each channel of RGB, cut off at black and white as a display does."""
    size, small = (planes.width, planes.height), (planes.width // 2, planes.height // 2)
    u, v = (cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in (planes.u, planes.v))
    to_rgb = change.matrix @ TO_RGB
    rgb = cv2.transform(cv2.merge((planes.y, u, v)), 255 * np.column_stack((to_rgb, change.offset - to_rgb @ OFFSET)))
    if gamma != 1:
        rgb = cv2.LUT(rgb, to_levels(255 * np.linspace(0, 1, 256) ** (1 / gamma)))
    y, u, v = cv2.split(cv2.transform(rgb, np.column_stack((TO_YUV / 255, OFFSET))))
    u, v = (cv2.resize(plane, small, interpolation=cv2.INTER_AREA) for plane in (u, v))
    return Planes(y, u, v, planes.a)


GRADE = Effect(
    id="color.grade",
    title="Grade",
    description="Exposure, white balance, contrast, brightness, saturation and gamma.",
    kernel=YuvKernel(grade),
    params=(
        Parameter(
            name="exposure",
            title="Exposure",
            default=0.0,
            minimum=-4,
            maximum=4,
            step=0.05,
            unit="EV",
            animatable=True,
            widget="slider",
            group="Light",
            help="Stops of light: +1 doubles it.",
        ),
        Parameter(
            name="brightness",
            title="Brightness",
            default=0.0,
            minimum=-1,
            maximum=1,
            step=0.01,
            animatable=True,
            widget="slider",
            group="Light",
            help="Added to all channels; 1 turns black into white.",
        ),
        Parameter(
            name="contrast",
            title="Contrast",
            default=1.0,
            minimum=0,
            maximum=3,
            step=0.01,
            animatable=True,
            widget="slider",
            group="Light",
            help="Spreads values away from mid-grey; 0 is flat grey.",
        ),
        Parameter(
            name="gamma",
            title="Gamma",
            default=1.0,
            minimum=0.2,
            maximum=5,
            step=0.01,
            animatable=True,
            widget="slider",
            group="Light",
            help="Lifts (above 1) or lowers (below 1) the mid-tones; black and white stay.",
        ),
        Parameter(
            name="saturation",
            title="Saturation",
            default=1.0,
            minimum=0,
            maximum=3,
            step=0.01,
            animatable=True,
            widget="slider",
            group="Colour",
            help="0 is greyscale.",
        ),
        Parameter(
            name="temperature",
            title="Temperature",
            default=0.0,
            minimum=-100,
            maximum=100,
            step=1,
            animatable=True,
            widget="slider",
            group="Colour",
            help="Warmer (towards amber) above 0, colder (towards blue) below; the luma of grey stays.",
        ),
        Parameter(
            name="tint",
            title="Tint",
            default=0.0,
            minimum=-100,
            maximum=100,
            step=1,
            animatable=True,
            widget="slider",
            group="Colour",
            help="Towards magenta above 0, towards green below; the luma of grey stays.",
        ),
    ),
)
