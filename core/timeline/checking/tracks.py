"""Checking a track: its clips, their order, and of their overlaps what can be known without media."""

from collections.abc import Iterator
from fractions import Fraction

from core.api import Catalogue
from core.timeline.checking.clips import CheckNested, check_clip
from core.timeline.complaints import Complaint
from core.timeline.document.clips import Clip, Track
from core.timeline.heads import Stretch, place_heads
from core.timeline.timing import known_length


def check_track(
    track: Track, catalogue: Catalogue, path: str, fps: Fraction, check_nested: CheckNested
) -> Iterator[Complaint]:
    """Yield what is wrong with a track."""
    complaints = list(_order(track, path))
    is_ordered = not any(complaint.code == "order" for complaint in complaints)
    for c, clip in enumerate(track.clips):
        complaints += check_clip(clip, catalogue, f"{path}.clips[{c}]", check_nested)
    yield from complaints
    if is_ordered:
        told = {complaint.path for complaint in complaints}
        overlaps: list[Complaint] = []
        place_heads([_stretch(clip, f"{path}.clips[{c}]") for c, clip in enumerate(track.clips)], fps, overlaps)
        yield from (overlap for overlap in overlaps if overlap.path not in told)


def _stretch(clip: Clip, path: str) -> Stretch:
    length = known_length(clip)
    return Stretch(
        path=path,
        start=clip.start,
        end=None if length is None else clip.start + length,
        transition=clip.transition.duration if clip.transition else None,
    )


def _order(track: Track, path: str) -> Iterator[Complaint]:
    """Check that clips begin one after another, and the first one without a transition."""
    for c, (before, clip) in enumerate(zip(track.clips, track.clips[1:], strict=False), start=1):
        if clip.start < before.start:
            yield Complaint(
                path=f"{path}.clips[{c}].start",
                message="begins before the clip that stands before it on the track",
                code="order",
            )
    if track.clips and track.clips[0].transition is not None:
        yield Complaint(
            path=f"{path}.clips[0].transition",
            message='has no clip before it to come from; use "enter" to let a first clip appear',
            code="transition",
        )
