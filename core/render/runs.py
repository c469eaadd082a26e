"""Runs: the missing segments of a group, put together to stretches that one worker draws without opening anew.

A worker that begins inside a clip decodes it from its last key frame on. So runs are long, and begin where little is
to be decoded again.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from core.render.schedule import Group
from core.render.work import Cut, Ingredients, PictureRun
from core.timeline.plan import Plan
from core.timeline.sources import TimelineSource, VideoSource

LEAST, MOST = 15, 60
"""Seconds that a run lasts at least and at most, where there is a choice."""
RUNS_A_WORKER = 8
"""How many runs each worker gets of a long video: the more, the less one waits for another in the end."""
FARTHEST_KEY_FRAME = 10
"""Seconds that a source is supposed to be decoded at most to reach a frame in its midst."""


def runs_of(
    group: Group, cuts: Sequence[Cut], ingredients: Ingredients, *, workers: int, strip: int | None
) -> Iterator[PictureRun]:
    """Yield the runs that make what a group's cuts want; those that want nothing part them."""
    targets = tuple(each.target for each in group.deliverables)
    missing = sum(cut.frames for cut in cuts if any(cut.keys))
    length = _length(missing, workers, group.plan)
    for is_missing, stretch in groupby(cuts, key=lambda cut: any(cut.keys)):
        if is_missing:
            for part in _parted(list(stretch), group.plan, length):
                yield PictureRun(
                    plan=group.plan, ingredients=ingredients, targets=targets, cuts=tuple(part), strip=strip
                )


def _length(missing: int, workers: int, plan: Plan) -> int:
    """Return how many frames a run should have: all workers end at about the same time when there are as many each."""
    if workers == 1:
        return max(1, missing)
    seconds = float(missing / plan.fps)
    least = min(max(LEAST, seconds / (workers * RUNS_A_WORKER)), MOST)
    each = max(1, int(seconds / (workers * least)))
    return max(1, -(-missing // (workers * each)))


def _parted(cuts: Sequence[Cut], plan: Plan, length: int) -> Iterator[Sequence[Cut]]:
    """Part a stretch into runs of about ``length`` frames, at the cheapest borders near the even ones."""
    frames = cuts[-1].end - cuts[0].first
    count = max(1, round(frames / length))
    borders = [cut.first for cut in cuts[1:]]
    chosen = [cuts[0].first]
    for number in range(1, count):
        even = cuts[0].first + frames * number // count
        near = [frame for frame in borders if abs(frame - even) <= length // 3 and frame > chosen[-1]]
        if near:
            chosen.append(min(near, key=lambda frame: (_seam(plan, frame), abs(frame - even))))
    for first, end in pairwise((*chosen, cuts[-1].end)):
        yield [cut for cut in cuts if first <= cut.first < end]


def _seam(plan: Plan, frame: int) -> int:
    """Return how many frames of sources are decoded twice when a run begins at ``frame``, at most."""
    most = round(FARTHEST_KEY_FRAME * plan.fps)
    return sum(
        min(frame - layer.first, most)
        for layer in plan.layers
        if layer.first < frame < layer.end and isinstance(layer.source, VideoSource | TimelineSource)
    )
