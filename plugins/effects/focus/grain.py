"""The effect ``grain``: the living grain of film, the same in every render of the same clip."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from core.api import Effect, Moment, Parameter, Plane, Planes, Values, YuvKernel

_STRENGTH = 20.0
"""The standard deviation of full grain in mid-tones, in 8-bit levels."""
_MARGIN = 0.5
"""How much larger than the picture the field of grain is: each frame shows another part of it."""
_LUMA = np.clip((np.arange(256, dtype=np.float32) - 16) / 219, 0, 1)
# Film shows its grain in the mid-tones, less in the highlights and least in deep shadow.
_RESPONSE = (4 * _LUMA * (1 - _LUMA)) ** 0.6 * (1 - 0.35 * _LUMA) + 0.08


def grain(planes: Planes, values: Values, moment: Moment) -> Planes:
    """Add grain to luma, and some to chroma."""
    amount, colour = values.number("amount"), values.number("color")
    if amount == 0:
        return planes
    # Grain has a size of its own on the frame, whatever part of it the layer covers.
    cell = max(values.number("size") * moment.frame_height, 0.5)
    strength = _STRENGTH * amount
    response = _RESPONSE * strength
    luma = _grained(planes.y, cv2.LUT(planes.y, response), _noise(planes.y, cell, moment, 0))
    if colour == 0:
        return Planes(luma, planes.u, planes.v, planes.a)
    small = cv2.resize(planes.y, (planes.width // 2, planes.height // 2), interpolation=cv2.INTER_AREA)
    tinted = cv2.LUT(small, response * colour)
    u, v = (
        _grained(plane, tinted, _noise(plane, max(cell / 2, 0.5), moment, index))
        for index, plane in enumerate((planes.u, planes.v), start=1)
    )
    return Planes(luma, u, v, planes.a)


def _grained(plane: Plane, strength: NDArray[np.float32], noise: NDArray[np.float32]) -> Plane:
    return cv2.add(plane, cv2.multiply(strength, noise), dtype=cv2.CV_8U)


def _noise(plane: Plane, cell: float, moment: Moment, index: int) -> NDArray[np.float32]:
    """Return this frame's noise for a plane: a part of the field, turned over at random."""
    height, width = plane.shape
    field = _field(width, height, cell, moment.seed, index)
    draw = np.random.default_rng((moment.seed % 2**63, moment.frame, index))
    top = int(draw.random() * (field.shape[0] - height))
    left = int(draw.random() * (field.shape[1] - width))
    part = field[top : top + height, left : left + width]
    turn = int(draw.integers(4))
    return part if turn == 3 else cv2.flip(part, turn - 1)


@lru_cache(maxsize=6)
def _field(width: int, height: int, cell: float, seed: int, index: int) -> NDArray[np.float32]:
    """Return a field of Gaussian noise with grains of ``cell`` pixels and a standard deviation of 1."""
    wide, tall = round(width * (1 + _MARGIN)), round(height * (1 + _MARGIN))
    columns, rows = max(2, round(wide / cell)), max(2, round(tall / cell))
    draw = np.random.default_rng((seed % 2**63, index))
    noise = draw.standard_normal((rows, columns), np.float32)
    field = cv2.resize(noise, (wide, tall), interpolation=cv2.INTER_CUBIC)
    field /= field.std()
    field.flags.writeable = False
    return field


GRAIN = Effect(
    id="grain",
    title="Grain",
    description="Adds the moving grain of film, strongest in the mid-tones.",
    kernel=YuvKernel(grain),
    params=(
        Parameter(
            name="amount",
            title="Amount",
            default=0.25,
            minimum=0,
            maximum=1,
            step=0.01,
            animatable=True,
            widget="slider",
        ),
        Parameter(
            name="size",
            title="Size",
            default=0.0018,
            minimum=0.0005,
            maximum=0.02,
            step=0.0001,
            unit="of height",
            widget="slider",
            help="The width of a grain; 0.0018 is about two pixels at 1080 lines.",
        ),
        Parameter(
            name="color",
            title="Colour",
            default=0.15,
            minimum=0,
            maximum=1,
            step=0.01,
            animatable=True,
            widget="slider",
            help="How much the grain varies in colour; 0 is black-and-white grain.",
        ),
    ),
    varies=True,
)
