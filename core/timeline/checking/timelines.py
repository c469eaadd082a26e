"""Checking a timeline's meaning: what its form alone can't tell. Needs the plugins' catalogue, but no media."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial

from core.api import Catalogue
from core.timeline.checking.captions import check_captions
from core.timeline.checking.numbers import check_numbers
from core.timeline.checking.outputs import check_output
from core.timeline.checking.tracks import check_track
from core.timeline.complaints import Complaint, InvalidTimeline
from core.timeline.document import Timeline
from core.timeline.document.assets import TimelineAsset
from core.timeline.document.timeline import frame_rate
from core.timeline.references import reference_fault, referenced_media

MAX_NESTING = 8


def check_timeline(timeline: Timeline, catalogue: Catalogue) -> None:
    """Raise ``InvalidTimeline`` with every complaint about the timeline's meaning."""
    complaints = tuple(complaints_about(timeline, catalogue))
    if complaints:
        raise InvalidTimeline(complaints)


def complaints_about(timeline: Timeline, catalogue: Catalogue) -> Iterator[Complaint]:
    """Yield every complaint about the timeline's meaning."""
    yield from _checked(timeline, catalogue, "", 0)


def _checked(
    timeline: Timeline, catalogue: Catalogue, path: str, nesting: int, *, around: Fraction | None = None
) -> Iterator[Complaint]:
    fps = frame_rate(timeline.output, around)
    check_nested = partial(_nested, catalogue=catalogue, nesting=nesting, around=fps)
    yield from _unique_ids(timeline, path)
    yield from check_output(timeline.output, catalogue, f"{path}output")
    for t, track in enumerate(timeline.tracks):
        yield from check_track(track, catalogue, f"{path}tracks[{t}]", fps, check_nested)
    for c, sound in enumerate(timeline.audio.clips):
        yield from check_numbers(sound, f"{path}audio.clips[{c}]")
    for c, captions in enumerate(timeline.captions):
        yield from check_captions(captions, f"{path}captions[{c}]")
    if nesting == 0:
        for reference in referenced_media(timeline, catalogue, path):
            if fault := reference_fault(reference.src):
                yield Complaint(path=reference.path, message=fault, code="bad_reference")
    clips = [clip for track in timeline.tracks for clip in track.clips] + list(timeline.audio.clips)
    if not clips:
        yield Complaint(path=f"{path}tracks", message="there is no clip: nothing would be seen or heard", code="empty")
    elif all(clip.duration == "end" for clip in clips):
        message = 'all clips last to the "end": at least one needs a length of its own'
        yield Complaint(path=f"{path}tracks", message=message, code="no_end")


def _unique_ids(timeline: Timeline, path: str) -> Iterator[Complaint]:
    places: dict[str, str] = {}
    named = [
        (clip.id, f"{path}tracks[{t}].clips[{c}].id")
        for t, track in enumerate(timeline.tracks)
        for c, clip in enumerate(track.clips)
    ] + [(clip.id, f"{path}audio.clips[{c}].id") for c, clip in enumerate(timeline.audio.clips)]
    for name, place in named:
        if name and name in places:
            yield Complaint(path=place, message=f'"{name}" is taken by {places[name]}', code="duplicate_id")
        places.setdefault(name, place)


def _nested(
    nested: TimelineAsset, path: str, *, catalogue: Catalogue, nesting: int, around: Fraction
) -> Iterator[Complaint]:
    if nested.timeline is None:
        if nested.src is None:
            yield Complaint(path=f"{path}.timeline", message="is required", code="missing")
        else:
            message = "projects can only be nested inside a tenant's library"
            yield Complaint(path=f"{path}.src", message=message, code="bad_reference")
    elif nested.src is not None:
        yield Complaint(path=path, message='give either "timeline" or "src"', code="nested")
    elif nesting + 1 > MAX_NESTING:
        yield Complaint(path=path, message=f"timelines are nested more than {MAX_NESTING} deep", code="too_deep")
    else:
        yield from _checked(nested.timeline, catalogue, f"{path}.timeline.", nesting + 1, around=around)
