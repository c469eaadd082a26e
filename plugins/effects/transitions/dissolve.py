"""The transition ``dissolve``: the next clip comes through in grains, the same in every render."""

import cv2
import numpy as np

from core.api import Canvas, Moment, Parameter, Transition, Values
from plugins.effects.transitions.planes import Ramp, copy, reveal


def dissolve(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    """Turn each grain over when the progress passes its threshold."""
    if progress <= 0 or progress >= 1:
        copy(before if progress <= 0 else after, out)
        return
    softness = max(values.number("softness"), 1e-3)
    # Cells are counted from their share of the height, so that every output size shows the same pattern.
    rows = max(2, round(1 / values.number("size")))
    columns = max(2, round(rows * out.width / out.height))
    thresholds = np.random.default_rng(moment.seed % 2**63).random((rows, columns), np.float32)
    turned = (np.float32(progress * (1 + softness)) - thresholds) / np.float32(softness)

    def ramp(width: int, height: int, _step: int) -> Ramp:
        return cv2.resize(turned, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)

    reveal(before, after, out, ramp)


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
