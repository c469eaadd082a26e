"""Checking a timeline's meaning: what its form alone can't tell. Needs the plugins' catalogue, but no media."""

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from core.api import (
    Animation,
    Catalogue,
    Effect,
    Encoder,
    InvalidInput,
    Parameter,
    Transition,
    parse_values,
)
from core.contract.easings import EASINGS, is_easing
from core.timeline.complaints import Complaint, InvalidTimeline, suggestion
from core.timeline.document import Timeline
from core.timeline.document.assets import LetterStyle, Reveal, ShapeAsset, TextAsset, TimelineAsset
from core.timeline.document.base import Keyframes, Model, Range, plain_json, shown
from core.timeline.document.clips import (
    CaptionsPart,
    Clip,
    CuePart,
    EffectPart,
    PlacementPart,
    SoundPart,
    TimedPart,
    Track,
    UsePart,
)
from core.timeline.document.timeline import frame_rate, rendition_quality
from core.timeline.heads import Stretch, place_heads
from core.timeline.references import reference_fault, referenced_media
from core.timeline.sources import TextStyle
from core.timeline.timing import known_length
from core.timeline.translating import translate

ASPECT = re.compile(r"[1-9][0-9]{0,4}:[1-9][0-9]{0,4}")
MAX_NESTING = 8
MAX_LETTERING = 30
"""How large an unwrapped text may be, in squares of the frame's height: it is drawn whole, also beyond the frame."""
_EM = 0.6
"""How wide a letter is, on average, in font sizes."""


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
    yield from _unique_ids(timeline, path)
    yield from _output(timeline, catalogue, path)
    for t, track in enumerate(timeline.tracks):
        yield from _track(track, catalogue, f"{path}tracks[{t}]", nesting, fps)
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


def _output(timeline: Timeline, catalogue: Catalogue, path: str) -> Iterator[Complaint]:
    output = timeline.output
    yield from _encoder(output.encoder, output.quality, output.width, output.height, catalogue, f"{path}output")
    for r, rendition in enumerate(output.renditions):
        yield from _encoder(
            rendition.encoder or output.encoder,
            rendition_quality(rendition, output),
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
    return Complaint(path=path, message=f"unknown {shown(use)}{suggestion(use, known)}", code="unknown_use")


def _track(track: Track, catalogue: Catalogue, path: str, nesting: int, fps: Fraction) -> Iterator[Complaint]:
    """Check a track's clips, and of their overlaps what can be known without media."""
    complaints = list(_order(track, path))
    is_ordered = not any(complaint.code == "order" for complaint in complaints)
    for c, clip in enumerate(track.clips):
        complaints += _clip(clip, catalogue, f"{path}.clips[{c}]", nesting, fps)
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


def _clip(clip: Clip, catalogue: Catalogue, path: str, nesting: int, fps: Fraction) -> Iterator[Complaint]:
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
        yield from _sound(clip.audio, f"{path}.audio")
    for aspect, layout in clip.layouts.items():
        yield from _placement(layout, f"{path}.layouts.{aspect}")
        if not ASPECT.fullmatch(aspect):
            yield Complaint(path=f"{path}.layouts.{aspect}", message='must be an aspect like "9:16"', code="aspect")
    match clip.asset:
        case TextAsset() as text:
            yield from _text(text, clip, f"{path}.asset")
        case ShapeAsset(shape="path", path=""):
            yield Complaint(path=f"{path}.asset.path", message="is required for this shape", code="missing")
        case TimelineAsset() as nested:
            yield from _nested(nested, catalogue, f"{path}.asset", nesting, fps)
        case _:
            pass


def _placement(part: PlacementPart, path: str) -> Iterator[Complaint]:
    yield from _numbers(part, path)
    if part.crop.left + part.crop.right >= 1 or part.crop.top + part.crop.bottom >= 1:
        yield Complaint(path=f"{path}.crop", message="nothing is left of the picture", code="crop")


def _sound(part: SoundPart, path: str) -> Iterator[Complaint]:
    yield from _numbers(part, path)


def _effect(part: EffectPart, clip: Clip, catalogue: Catalogue, path: str) -> Iterator[Complaint]:
    yield from _use(part, catalogue.effects, path)
    if (length := known_length(clip)) is not None and part.start >= length:
        yield Complaint(path=f"{path}.start", message="lies past the clip's end", code="too_long")


def _timed(
    part: TimedPart, clip: Clip, known: Mapping[str, Transition] | Mapping[str, Animation], path: str
) -> Iterator[Complaint]:
    yield from _use(part, known, path, is_animatable=False)
    if not is_easing(part.ease):
        message = f"unknown easing {shown(part.ease)}{suggestion(part.ease, EASINGS)}"
        yield Complaint(path=f"{path}.ease", message=message, code="unknown_easing")
    if (length := known_length(clip)) is not None and part.duration > length:
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
    by_name = {parameter.name: parameter for parameter in parameters}
    animated = [name for name, value in given.items() if name in by_name and isinstance(value, dict)]
    plain = {name: plain_json(value) for name, value in given.items() if name not in animated}
    static = [parameter for parameter in parameters if parameter.name not in animated]
    _, complaints = parse_values(static, plain, path=path)
    yield from (_as_complaint(complaint) for complaint in complaints)
    for name in animated:
        if is_animatable and by_name[name].animatable:
            yield from _animated_values(by_name[name], given[name], f"{path}.{name}")
        else:
            message = "can't be animated" if "keys" in given[name] else "must not be an object"
            yield Complaint(path=f"{path}.{name}", message=message, code="bad_parameter")


def _animated_values(parameter: Parameter, given: Mapping[str, Any], path: str) -> Iterator[Complaint]:
    try:
        frames = Keyframes.model_validate(given)
    except ValidationError as err:
        yield from translate(err, root=Keyframes, path=path)
        return
    yield from _keys(frames, path)
    for k, key in enumerate(frames.keys):
        try:
            parameter.parse(key.v, path=f"{path}.keys[{k}].v")
        except InvalidInput as complaint:
            yield _as_complaint(complaint)


def _as_complaint(complaint: InvalidInput) -> Complaint:
    message = str(complaint)
    code = "missing" if message == "is required" else "bad_parameter"
    return Complaint(path=complaint.path or "", message=message, code=code)


def _numbers(part: Model, path: str) -> Iterator[Complaint]:
    """Check all animated numbers of a part: their keys' order and easings, and that they keep their range."""
    for name, declared in type(part).model_fields.items():
        bounds = next((mark for mark in declared.metadata if isinstance(mark, Range)), None)
        if bounds is None:
            continue
        value = getattr(part, name)
        if isinstance(value, Keyframes):
            yield from _keys(value, f"{path}.{name}")
            for k, key in enumerate(value.keys):
                yield from _within(bounds, key.v, f"{path}.{name}.keys[{k}].v")
        else:
            yield from _within(bounds, value, f"{path}.{name}")


def _within(bounds: Range, value: float, path: str) -> Iterator[Complaint]:
    if value < bounds.least:
        yield Complaint(path=path, message=f"must be at least {bounds.least:g}, not {value:g}", code="out_of_range")
    if value > bounds.most:
        yield Complaint(path=path, message=f"must be at most {bounds.most:g}, not {value:g}", code="out_of_range")


def _keys(frames: Keyframes, path: str) -> Iterator[Complaint]:
    for k, key in enumerate(frames.keys):
        if k and key.t <= frames.keys[k - 1].t:
            message = "must be later than the key before"
            yield Complaint(path=f"{path}.keys[{k}].t", message=message, code="key_order")
        if not is_easing(key.ease):
            message = f"unknown easing {shown(key.ease)}{suggestion(key.ease, EASINGS)}"
            yield Complaint(path=f"{path}.keys[{k}].ease", message=message, code="unknown_easing")


def _text(text: TextAsset, clip: Clip, path: str) -> Iterator[Complaint]:
    if not text.text.strip():
        yield Complaint(path=f"{path}.text", message="must not be blank", code="empty")
    length = known_length(clip)
    if isinstance(text.animate, Reveal) and length is not None and text.animate.duration > length:
        yield Complaint(path=f"{path}.animate.duration", message="is longer than the clip", code="too_long")
    styles: list[LetterStyle] = [text, *text.spans]
    size = max((style.size for style in styles if style.size is not None), default=TextStyle().size)
    if text.size is None:
        size = max(size, TextStyle().size)
    spacing = max(0.0, *(style.letter_spacing or 0.0 for style in styles))
    width = max(len(line) for line in text.text.splitlines() or [""]) * size * (_EM + spacing)
    if text.max_width is None and width * (text.text.count("\n") + 1) * size * text.line_height > MAX_LETTERING:
        message = 'is too large to be drawn whole; give it a "max_width", a smaller size or shorter lines'
        yield Complaint(path=f"{path}.text", message=message, code="too_large")
    for s, span in enumerate(text.spans):
        if not 0 <= span.start < span.end <= len(text.text):
            message = f"must name a range of the text's {len(text.text)} characters"
            yield Complaint(path=f"{path}.spans[{s}]", message=message, code="span")


def _nested(
    nested: TimelineAsset, catalogue: Catalogue, path: str, nesting: int, around: Fraction
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


def _captions(captions: CaptionsPart, path: str) -> Iterator[Complaint]:
    if (captions.src is None) == (captions.cues is None):
        yield Complaint(path=path, message='give either "src" or "cues"', code="captions")
    for c, cue in enumerate(captions.cues or ()):
        yield from _cue(cue, f"{path}.cues[{c}]")


def _cue(cue: CuePart, path: str) -> Iterator[Complaint]:
    if cue.end <= cue.start:
        yield Complaint(path=f"{path}.end", message="must be later than the start", code="cue")
        return
    for w, word in enumerate(cue.words):
        if word.end < word.start or word.start < cue.start or word.end > cue.end:
            yield Complaint(path=f"{path}.words[{w}]", message="must lie inside its cue", code="cue")
        elif w and word.start < cue.words[w - 1].start:
            yield Complaint(path=f"{path}.words[{w}].start", message="begins before the word before it", code="cue")
    if cue.words and _letters("".join(word.text for word in cue.words)) != _letters(cue.text):
        message = "must be the words of the cue's text, in its order"
        yield Complaint(path=f"{path}.words", message=message, code="cue")


def _letters(text: str) -> str:
    return "".join(text.split())
