"""Checking a clip: its placement, sound, effects, transition and animations, and what it shows."""

import re
from collections.abc import Callable, Iterator, Mapping

from core.api import Animation, Catalogue, InvalidInput, Transition
from core.timeline.checking.numbers import check_easing, check_numbers
from core.timeline.checking.texts import check_text
from core.timeline.checking.uses import check_use
from core.timeline.complaints import Complaint
from core.timeline.document.assets import ShapeAsset, TextAsset, TimelineAsset
from core.timeline.document.clips import Clip, EffectPart, PlacementPart, TimedPart
from core.timeline.svg_paths import parse_path
from core.timeline.timing import known_length

ASPECT = re.compile(r"[1-9][0-9]{0,4}:[1-9][0-9]{0,4}")

type CheckNested = Callable[[TimelineAsset, str], Iterator[Complaint]]
"""Checks a timeline that lies in a clip, at the path of its asset."""


def check_clip(clip: Clip, catalogue: Catalogue, path: str, check_nested: CheckNested) -> Iterator[Complaint]:
    """Yield what is wrong with a clip."""
    yield from _placement(clip, path)
    for e, effect in enumerate(clip.effects):
        yield from _effect(effect, clip, catalogue, f"{path}.effects[{e}]")
    for name, known in (
        ("transition", catalogue.transitions),
        ("enter", catalogue.animations),
        ("exit", catalogue.animations),
    ):
        part: TimedPart | None = getattr(clip, name)
        if part is not None:
            yield from _timed(part, clip, known, f"{path}.{name}")
    length = known_length(clip)
    if clip.enter and clip.exit and length is not None:
        together = clip.enter.duration + clip.exit.duration
        if together > length >= max(clip.enter.duration, clip.exit.duration):
            yield Complaint(path=path, message="is shorter than its enter and exit together", code="too_long")
    if clip.audio is not None:
        yield from check_numbers(clip.audio, f"{path}.audio")
    for aspect, layout in clip.layouts.items():
        yield from _placement(layout, f"{path}.layouts.{aspect}")
        if not ASPECT.fullmatch(aspect):
            yield Complaint(path=f"{path}.layouts.{aspect}", message='must be an aspect like "9:16"', code="aspect")
    match clip.asset:
        case TextAsset() as text:
            yield from check_text(text, clip, f"{path}.asset")
        case ShapeAsset(shape="path", path=drawn):
            yield from _path_data(drawn, f"{path}.asset.path")
        case TimelineAsset() as nested:
            yield from check_nested(nested, f"{path}.asset")
        case _:
            pass


def _placement(part: PlacementPart, path: str) -> Iterator[Complaint]:
    yield from check_numbers(part, path)
    if part.crop.left + part.crop.right >= 1 or part.crop.top + part.crop.bottom >= 1:
        yield Complaint(path=f"{path}.crop", message="nothing is left of the picture", code="crop")


def _effect(part: EffectPart, clip: Clip, catalogue: Catalogue, path: str) -> Iterator[Complaint]:
    yield from check_use(part, catalogue.effects, path)
    if (length := known_length(clip)) is not None and part.start >= length:
        yield Complaint(path=f"{path}.start", message="lies past the clip's end", code="too_long")


def _timed(
    part: TimedPart, clip: Clip, known: Mapping[str, Transition] | Mapping[str, Animation], path: str
) -> Iterator[Complaint]:
    yield from check_use(part, known, path, is_animatable=False)
    yield from check_easing(part.ease, f"{path}.ease")
    if (length := known_length(clip)) is not None and part.duration > length:
        yield Complaint(path=f"{path}.duration", message="is longer than the clip", code="too_long")


def _path_data(drawn: str, path: str) -> Iterator[Complaint]:
    if not drawn.strip():
        yield Complaint(path=path, message="is required for this shape", code="missing")
        return
    try:
        parse_path(drawn)
    except InvalidInput as err:
        yield Complaint(path=path, message=str(err), code="bad_path")
