"""The transition ``dissolve``: the next clip comes through in grains, the same in every render."""

import cv2
import numpy as np
from numpy.typing import NDArray

from core.api import Canvas, Moment, Parameter, Transition, Values, transition_maths
from plugins.effects.transitions.planes import Ramp, copy, reveal

_MATHS = transition_maths("dissolve")
_FRONT = _MATHS.laws["front"]
_LEAST_SOFT = _MATHS.numbers["least_soft"]
_FEWEST = int(_MATHS.numbers["fewest"])


def dissolve(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    """Turn each grain over when the progress passes its threshold."""
    if progress <= 0 or progress >= 1:
        copy(before if progress <= 0 else after, out)
        return
    softness = max(values.number("softness"), _LEAST_SOFT)
    # Cells are counted from their share of the height, so that every output size shows the same pattern.
    rows = max(_FEWEST, round(1 / values.number("size")))
    columns = max(_FEWEST, round(rows * out.width / out.height))
    thresholds = _grains(moment.seed, rows * columns).reshape(rows, columns)
    turned = (np.float32(_FRONT.at(progress) * (1 + softness)) - thresholds) / np.float32(softness)

    def ramp(width: int, height: int, _step: int) -> Ramp:
        return cv2.resize(turned, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)

    reveal(before, after, out, ramp)


def _grains(seed: int, count: int) -> NDArray[np.float32]:
    """Return numbers from 0 to below 1, as ``core/contract/transitions.json`` defines them.

    They are made from raw outputs, which NumPy promises never to change; those of its ``Generator`` it may.
    """
    outputs = np.random.PCG64(seed % 2**63).random_raw((count + 1) // 2)
    halves = outputs.astype("<u8", copy=False).view("<u4")[:count]
    return (halves >> 8).astype(np.float32) * np.float32(2**-24)


DISSOLVE = Transition(
    id="dissolve",
    title="Dissolve",
    description="The next clip comes through grain by grain.",
    mix=dissolve,
    params=(
        Parameter(
            name="size",
            title="Grain size",
            default=0.01,
            minimum=0.002,
            maximum=0.25,
            step=0.001,
            unit="of height",
            widget="slider",
            help="The side of a grain.",
        ),
        Parameter(
            name="softness",
            title="Softness",
            default=0.2,
            minimum=0,
            maximum=1,
            step=0.05,
            widget="slider",
            help="How gradually each grain turns over.",
        ),
    ),
)
