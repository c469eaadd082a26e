"""Checking a timeline's meaning: what its form alone can't tell. Needs the plugins' catalogue, but no media."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from core.api import (
    Animation,
    Catalogue,
    Effect,
    Encoder,
    InvalidInput,
    Parameter,
    Transition,
    did_you_mean,
    parse_values,
)
from core.contract.easings import EASINGS, is_easing
from core.timeline.complaints import Complaint, InvalidTimeline
from core.timeline.document import Timeline
from core.timeline.document.assets import TextAsset, TimelineAsset
from core.timeline.document.base import Keyframes
from core.timeline.document.clips import AudioClipPart, CaptionsPart, Clip, TimedPart, Track, UsePart
from core.timeline.references import reference_fault, referenced_media

MAX_NESTING = 8


def check_timeline(timeline: Timeline, catalogue: Catalogue) -> None:
    """Raise ``InvalidTimeline`` with every complaint about the timeline's meaning."""
    complaints = tuple(_checked(timeline, catalogue, "", 0))
    if complaints:
        raise InvalidTimeline(complaints)


def _checked(timeline: Timeline, catalogue: Catalogue, path: str, nesting: int) -> Iterator[Complaint]:
    yield from _unique_ids(timeline, path)
    yield from _output(timeline, catalogue, path)
    for t, track in enumerate(timeline.tracks):
        yield from _order(track, f"{path}tracks[{t}]")
        for c, clip in enumerate(track.clips):
            yield from _clip(clip, catalogue, f"{path}tracks[{t}].clips[{c}]", nesting)
    for c, sound in enumerate(timeline.audio.clips):
        yield from _sound(sound, f"{path}audio.clips[{c}]")
    for c, captions in enumerate(timeline.captions):
        yield from _captions(captions, f"{path}captions[{c}]")
    if nesting == 0:
        for reference in referenced_media(timeline, catalogue, path):
            if fault := reference_fault(reference.src):
                yield Complaint(path=reference.path, message=fault, code="bad_reference")
    clips = [clip for track in timeline.tracks for clip in track.clips] + list(timeline.audio.clips)
    if not clips:
        yield Complaint(path=f"{path}tracks", message="there is no clip: nothing would be seen or heard", code="empty")


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


def _output(timeline: Timeline, catalogue: Catalogue, path: str) -> Iterator[Complaint]:
    output = timeline.output
    yield from _encoder(output.encoder, output.quality, output.width, output.height, catalogue, f"{path}output")
    for r, rendition in enumerate(output.renditions):
        yield from _encoder(
            rendition.encoder or output.encoder,
            rendition.quality if rendition.quality is not None else "standard",
            rendition.width or output.width,
            rendition.height or output.height,
            catalogue,
            f"{path}output.renditions[{r}]",
        )


def _encoder(
    use: str, quality: object, width: int, height: int, catalogue: Catalogue, path: str
) -> Iterator[Complaint]:
    encoder: Encoder | None = catalogue.encoders.get(use)
    if encoder is None:
        yield _unknown(use, catalogue.encoders, f"{path}.encoder")
        return
    for name, pixels in (("width", width), ("height", height)):
        if pixels % 2:
            hint = f"use {pixels - 1} or {pixels + 1}"
            yield Complaint(path=f"{path}.{name}", message=f"must be even, not {pixels}; {hint}", code="odd_size")
    if isinstance(quality, Mapping):
        yield from _values(encoder.params, quality, f"{path}.quality", is_animatable=False)


def _unknown(use: str, known: Iterable[str], path: str) -> Complaint:
    return Complaint(path=path, message=f'unknown "{use}"{did_you_mean(use, known)}', code="unknown_use")


def _order(track: Track, path: str) -> Iterator[Complaint]:
    """Check what can be known of a track's order without its media: clips begin one after another."""
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


def _clip(clip: Clip, catalogue: Catalogue, path: str, nesting: int) -> Iterator[Complaint]:
    for name in ("x", "y", "scale", "rotate", "opacity"):
        yield from _keys(getattr(clip, name), f"{path}.{name}")
    if clip.crop.left + clip.crop.right >= 1 or clip.crop.top + clip.crop.bottom >= 1:
        yield Complaint(path=f"{path}.crop", message="nothing is left of the picture", code="crop")
    for e, effect in enumerate(clip.effects):
        yield from _use(effect, catalogue.effects, f"{path}.effects[{e}]")
    for name, known in (
        ("transition", catalogue.transitions),
        ("enter", catalogue.animations),
        ("exit", catalogue.animations),
    ):
        part: TimedPart | None = getattr(clip, name)
        if part is not None:
            yield from _timed(part, clip, known, f"{path}.{name}")
    if clip.audio is not None:
        yield from _keys(clip.audio.volume, f"{path}.audio.volume")
        yield from _keys(clip.audio.pan, f"{path}.audio.pan")
    for aspect in clip.layouts:
        width, _, height = aspect.partition(":")
        if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
            yield Complaint(path=f"{path}.layouts.{aspect}", message='must be an aspect like "9:16"', code="aspect")
    match clip.asset:
        case TextAsset() as text:
            yield from _text(text, f"{path}.asset")
        case TimelineAsset() as nested:
            yield from _nested(nested, catalogue, f"{path}.asset", nesting)
        case _:
            pass


def _timed(
    part: TimedPart, clip: Clip, known: Mapping[str, Transition] | Mapping[str, Animation], path: str
) -> Iterator[Complaint]:
    yield from _use(part, known, path, is_animatable=False)
    if not is_easing(part.ease):
        message = f'unknown easing "{part.ease}"{did_you_mean(part.ease, EASINGS)}'
        yield Complaint(path=f"{path}.ease", message=message, code="unknown_easing")
    if isinstance(clip.duration, Fraction) and part.duration > clip.duration:
        yield Complaint(path=f"{path}.duration", message="is longer than the clip", code="too_long")


def _use(
    part: UsePart,
    known: Mapping[str, Effect] | Mapping[str, Transition] | Mapping[str, Animation],
    path: str,
    *,
    is_animatable: bool = True,
) -> Iterator[Complaint]:
    contribution = known.get(part.use)
    if contribution is None:
        yield _unknown(part.use, known, f"{path}.use")
        return
    yield from _values(contribution.params, part.params, f"{path}.params", is_animatable=is_animatable)


def _values(
    parameters: tuple[Parameter, ...], given: Mapping[str, Any], path: str, *, is_animatable: bool
) -> Iterator[Complaint]:
    animated = {parameter.name for parameter in parameters if is_animatable and parameter.animatable} & {
        name for name, value in given.items() if isinstance(value, dict) and "keys" in value
    }
    plain = {name: value for name, value in given.items() if name not in animated}
    static = [parameter for parameter in parameters if parameter.name not in animated]
    _, complaints = parse_values(static, plain, path=path)
    yield from (_as_complaint(complaint) for complaint in complaints)
    by_name = {parameter.name: parameter for parameter in parameters}
    for name in sorted(animated):
        yield from _animated_values(by_name[name], given[name], f"{path}.{name}")


def _animated_values(parameter: Parameter, given: Mapping[str, Any], path: str) -> Iterator[Complaint]:
    from pydantic import ValidationError

    try:
        frames = Keyframes.model_validate(given)
    except ValidationError as err:
        for error in err.errors():
            yield Complaint(
                path=path + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error["loc"]),
                message=error["msg"],
            )
        return
    yield from _keys(frames, path)
    for k, key in enumerate(frames.keys):
        try:
            parameter.parse(key.v, path=f"{path}.keys[{k}].v")
        except InvalidInput as complaint:
            yield _as_complaint(complaint)


def _as_complaint(complaint: InvalidInput) -> Complaint:
    return Complaint(path=complaint.path or "", message=str(complaint), code="bad_parameter")


def _keys(field: object, path: str) -> Iterator[Complaint]:
    if not isinstance(field, Keyframes):
        return
    for k, key in enumerate(field.keys):
        if k and key.t <= field.keys[k - 1].t:
            message = "must be later than the key before"
            yield Complaint(path=f"{path}.keys[{k}].t", message=message, code="key_order")
        if not is_easing(key.ease):
            message = f'unknown easing "{key.ease}"{did_you_mean(key.ease, EASINGS)}'
            yield Complaint(path=f"{path}.keys[{k}].ease", message=message, code="unknown_easing")


def _text(text: TextAsset, path: str) -> Iterator[Complaint]:
    for s, span in enumerate(text.spans):
        if not 0 <= span.start < span.end <= len(text.text):
            message = f"must name a range of the text's {len(text.text)} characters"
            yield Complaint(path=f"{path}.spans[{s}]", message=message, code="span")


def _nested(nested: TimelineAsset, catalogue: Catalogue, path: str, nesting: int) -> Iterator[Complaint]:
    if nested.timeline is None:
        what = "projects can only be nested inside a tenant's library" if nested.src else "is required"
        yield Complaint(path=f"{path}.timeline", message=what, code="missing")
    elif nesting + 1 > MAX_NESTING:
        yield Complaint(path=path, message=f"timelines are nested more than {MAX_NESTING} deep", code="too_deep")
    else:
        yield from _checked(nested.timeline, catalogue, f"{path}.timeline.", nesting + 1)


def _sound(sound: AudioClipPart, path: str) -> Iterator[Complaint]:
    yield from _keys(sound.volume, f"{path}.volume")
    yield from _keys(sound.pan, f"{path}.pan")


def _captions(captions: CaptionsPart, path: str) -> Iterator[Complaint]:
    if (captions.src is None) == (captions.cues is None):
        yield Complaint(path=path, message='give either "src" or "cues"', code="captions")
    for c, cue in enumerate(captions.cues or ()):
        if cue.end <= cue.start:
            yield Complaint(path=f"{path}.cues[{c}].end", message="must be later than the start", code="cue")
        for w, word in enumerate(cue.words):
            if word.end < word.start or word.start < cue.start or word.end > cue.end:
                message = "must lie inside its cue"
                yield Complaint(path=f"{path}.cues[{c}].words[{w}]", message=message, code="cue")
