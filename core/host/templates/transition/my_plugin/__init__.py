"""A transition for Reelhouse: slats open upon the next clip."""

from collections.abc import Iterable

import numpy as np

from core.api import Canvas, Moment, Parameter, ParameterType, Transition, Values, hookimpl


def blinds(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    """Show ``after`` in the left part of each slat, as wide as progress says."""
    slats = round(values.number("slats"))
    planes = zip(before.planes(), after.planes(), out.planes(), strict=True)
    for (old, _), (new, _), (target, _) in planes:
        np.copyto(target, old)
        width = target.shape[1]
        for slat in range(slats):
            left, right = width * slat // slats, width * (slat + 1) // slats
            open_to = left + round((right - left) * min(max(progress, 0.0), 1.0))
            target[:, left:open_to] = new[:, left:open_to]


BLINDS = Transition(
    id="my.plugin.blinds",
    title="Blinds",
    description="Slats open upon the next clip.",
    mix=blinds,
    params=(Parameter(name="slats", title="Slats", type=ParameterType.INT, default=8, minimum=1, maximum=40),),
)


@hookimpl
def reelhouse_transitions() -> Iterable[Transition]:
    """Declare the transition."""
    yield BLINDS
