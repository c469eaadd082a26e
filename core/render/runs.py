"""Runs: the missing segments of a group, put together so that one worker draws many without opening sources anew.

A worker that begins inside a clip decodes it from its last key frame on. So runs are long, and begin where little is
to be decoded again.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from core.render.schedule import Group
from core.render.work import Cut, Ingredients, PictureRun
from core.timeline.plan import Plan
from core.timeline.sources import TimelineSource, VideoSource

LEAST, MOST = 15, 60
"""Seconds that a run lasts at least and at most, where there is a choice."""
RUNS_A_WORKER = 8
"""How many runs each worker gets of a long video: the more, the less one waits for another in the end."""
NEAR = 3
"""A run begins at most this part of its length away from where it would be even."""
FARTHEST_KEY_FRAME = 10
"""Seconds that a source is supposed to be decoded at most to reach a frame in its midst."""


def runs_of(
    group: Group, cuts: Sequence[Cut], ingredients: Ingredients, *, workers: int, strip: int | None
) -> Iterator[PictureRun]:
    """Yield the runs that make what a group's cuts want."""
    missing = [cut for cut in cuts if any(cut.keys)]
    if not missing:
        return
    length = _length(sum(cut.frames for cut in missing), workers, group.plan)
    targets = tuple(each.target for each in group.deliverables)
    for part in _parted(missing, group.plan, length):
        yield PictureRun(plan=group.plan, ingredients=ingredients, targets=targets, cuts=tuple(part), strip=strip)


def _length(missing: int, workers: int, plan: Plan) -> int:
    """Return how many frames a run should have: all workers end at about the same time when there are as many each."""
    if workers == 1:
        return max(1, missing)
    seconds = float(missing / plan.fps)
    least = min(max(LEAST, seconds / (workers * RUNS_A_WORKER)), MOST)
    each = max(1, int(seconds / (workers * least)))
    return max(1, -(-missing // (workers * each)))


def _parted(cuts: Sequence[Cut], plan: Plan, length: int) -> Iterator[Sequence[Cut]]:
    """Part cuts into runs of about ``length`` frames, at the cheapest borders near the even ones."""
    before = [0, *accumulate(cut.frames for cut in cuts)]
    count = max(1, round(before[-1] / length))
    chosen = [0]
    for number in range(1, count):
        even = before[-1] * number // count
        near = [place for place in range(chosen[-1] + 1, len(cuts)) if abs(before[place] - even) <= length // NEAR]
        if near:
            chosen.append(
                min(near, key=lambda place: (_seam(plan, *cuts[place - 1 : place + 1]), abs(before[place] - even)))
            )
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
