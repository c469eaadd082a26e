"""Runs: the missing segments of a group, put together so that one worker draws many without opening sources anew.

A worker that begins inside a clip decodes it from its last key frame on. So runs are long, the last ones shorter, and
begin where little is to be decoded again.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from math import ceil

from core.render.ingredients import Ingredients
from core.render.schedule import Group
from core.render.work import Cut, PictureRun
from core.timeline.plan import Plan
from core.timeline.sources import TimelineSource, VideoSource

LEAST, MOST = 8, 60
"""Seconds that a run lasts at least and at most, where there is a choice."""
PART = 2
"""A run is this part of what each worker would get of all that is left."""
NEAR = 2
"""A run ends at most this part of its length away from where it would best."""
FARTHEST_KEY_FRAME = 10
"""Seconds that a source is supposed to be decoded at most to reach a frame in its midst."""


def runs_of(
    group: Group, cuts: Sequence[Cut], ingredients: Ingredients, *, workers: int, strip: int | None
) -> Iterator[PictureRun]:
    """Yield the runs that make what a group's cuts want."""
    missing = [cut for cut in cuts if any(cut.keys)]
    if not missing:
        return
    targets = tuple(each.target for each in group.deliverables)
    for part in _parted(missing, group.plan, workers):
        yield PictureRun(plan=group.plan, ingredients=ingredients, targets=targets, cuts=tuple(part), strip=strip)


def _ends(missing: int, workers: int, plan: Plan) -> Iterator[tuple[int, float]]:
    """Yield after how many of the missing frames runs would best end, each with the run's length.

    The less is left, the shorter they are, so that no worker waits long for another in the end: guided self-scheduling
    (Polychronopoulos and Kuck, 1987).
    """
    least = min(LEAST * plan.fps, Fraction(missing, workers))
    done = 0
    while workers > 1 and done < missing:
        length = min(max(Fraction(missing - done, PART * workers), least), MOST * plan.fps)
        done += ceil(length)
        yield done, float(length)


def _parted(cuts: Sequence[Cut], plan: Plan, workers: int) -> Iterator[Sequence[Cut]]:
    """Part cuts into runs, at the cheapest borders near those where they would best end.

    Where more would be decoded twice than there is left to draw, a run goes on to the end.
    """
    before = [0, *accumulate(cut.frames for cut in cuts)]
    seams = {place: _seam(plan, *cuts[place - 1 : place + 1]) for place in range(1, len(cuts))}
    worth = [place for place, seam in seams.items() if seam <= before[-1] - before[place]]
    chosen = [0]
    for end, length in _ends(before[-1], workers, plan):
        near = [place for place in worth if place > chosen[-1] and abs(before[place] - end) <= length / NEAR]
        if near:
            chosen.append(min(near, key=lambda place: (seams[place], abs(before[place] - end))))
    for first, end in pairwise((*chosen, len(cuts))):
        yield cuts[first:end]


def _seam(plan: Plan, before: Cut, after: Cut) -> int:
    """Return how many frames of sources are decoded twice when a run begins between two cuts, at most."""
    if before.end != after.first:
        return 0
    most = round(FARTHEST_KEY_FRAME * plan.fps)
    return sum(
        min(after.first - layer.first, most)
        for layer in plan.layers
        if layer.first < after.first < layer.end and isinstance(layer.source, VideoSource | TimelineSource)
    )
