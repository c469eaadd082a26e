"""The contract suite of transitions."""

from collections.abc import Mapping

import numpy as np

from core.api.parameters import JsonValue, Values
from core.api.pictures import Canvas
from core.api.testing.contract import defaults, require, trying, variations
from core.api.testing.effects import SIZES, SMALL, moment
from core.api.testing.samples import blank_canvas, sample_canvas
from core.api.transitions import Transition

TOLERANCE = 3
"""How far a byte may be off where a transition shows one picture alone."""

_FILLS = (0x5A, 0xA5)


def check_transition(transition: Transition, *, params: Mapping[str, JsonValue] | None = None) -> None:
    """Check that a transition keeps its contract; raise ``ContractError`` where it does not.

    It must show ``before`` at progress 0 and ``after`` at 1, write the whole of ``out`` and nothing else, work on any
    even size, opaque and with premultiplied alpha, and draw the same again from the same input. ``params`` gives
    values for parameters without a default.
    """
    given = params or {}
    base = defaults(transition.params, given)
    for size in SIZES:
        for has_alpha in (False, True):
            for progress in (0.0, 0.25, 0.5, 0.75, 1.0):
                _mix(transition, base, progress, size, has_alpha=has_alpha, described="")
    for described, values in variations(transition.params, given):
        for progress in (0.0, 1 / 3, 0.999, 1.0):
            for has_alpha in (False, True):
                _mix(transition, values, progress, SMALL, has_alpha=has_alpha, described=f" {described}")


def _mix(
    transition: Transition, values: Values, progress: float, size: tuple[int, int], *, has_alpha: bool, described: str
) -> None:
    kind = "with alpha" if has_alpha else "opaque"
    what = f"{transition.id}{described} at progress {progress:g} on {size[0]}x{size[1]}, {kind},"
    before = sample_canvas(*size, has_alpha=has_alpha, seed=0)
    after = sample_canvas(*size, has_alpha=has_alpha, seed=1)
    copies = [plane.copy() for canvas in (before, after) for plane, _ in canvas.planes()]
    outs = [blank_canvas(before, fill) for fill in _FILLS]
    for out in outs:
        with trying(what):
            transition.mix(before, after, out, progress, values, moment(4))
    require(
        all(np.array_equal(one, other) for (one, _), (other, _) in zip(*(out.planes() for out in outs), strict=True)),
        f"{what} did not write the whole of out, or drew two pictures from the same input",
    )
    inputs = [plane for canvas in (before, after) for plane, _ in canvas.planes()]
    require(
        all(np.array_equal(plane, copy) for plane, copy in zip(inputs, copies, strict=True)),
        f"{what} wrote into its input",
    )
    if progress in (0.0, 1.0):
        name, wanted = ("before", before) if progress == 0.0 else ("after", after)
        off = _distance(outs[0], wanted)
        require(off <= TOLERANCE, f"{what} must show {name} alone, and is off by up to {off} of 255")
    if has_alpha:
        _check_premultiplied(outs[0], what)


def _distance(one: Canvas, other: Canvas) -> int:
    return max(
        int(np.abs(a.astype(np.int16) - b).max()) for (a, _), (b, _) in zip(one.planes(), other.planes(), strict=True)
    )


def _check_premultiplied(out: Canvas, what: str) -> None:
    """No premultiplied byte can be greater than its alpha."""
    if out.a is None or out.a_uv is None:
        return
    for plane, alpha in ((out.y, out.a), (out.u, out.a_uv), (out.v, out.a_uv)):
        excess = int((plane.astype(np.int16) - alpha).max())
        require(excess <= TOLERANCE, f"{what} left colour above its alpha: out is premultiplied")
