"""Compiling: a checked timeline and its media become a plan. Pure: no I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from core.api import Catalogue, Color, parse_values
from core.timeline.burning import burn
from core.timeline.complaints import Complaint, InvalidTimeline
from core.timeline.crowding import crowding
from core.timeline.document import Timeline
from core.timeline.document.base import plain_json
from core.timeline.document.clips import CaptionsPart, CuePart
from core.timeline.document.timeline import Quality, Rendition, frame_rate, rendition_quality
from core.timeline.keys import KeyMaker
from core.timeline.layers import LayerMaker
from core.timeline.plan import (
    CaptionTrack,
    Cue,
    CueWord,
    Layer,
    MediaFile,
    Output,
    Plan,
    frame_at,
)
from core.timeline.sounds import mix_of
from core.timeline.spans import cut_spans
from core.timeline.timing import time_clips

BLACK = Color(0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a timeline is compiled with: media and caption cues by ``src``, and the plugins' contributions."""

    media: Mapping[str, MediaFile] = field(default_factory=dict)
    cues: Mapping[str, tuple[Cue, ...]] = field(default_factory=dict)
    catalogue: Catalogue = field(default_factory=Catalogue)


def compile_plan(
    timeline: Timeline,
    *,
    media: Mapping[str, MediaFile],
    cues: Mapping[str, tuple[Cue, ...]],
    catalogue: Catalogue,
    written_for: tuple[int, int] | None = None,
) -> Plan:
    """Compile a timeline that ``check_timeline`` accepts.

    ``media`` and ``cues`` hold what was gathered for its references. ``written_for`` is the width and height that the
    document was written for, where its output is another now. Raise ``InvalidTimeline`` with complaints about what
    only the media tell: overlaps of clips of automatic length, in-points past a source's end.
    """
    sources = Sources(media=media, cues=cues, catalogue=catalogue)
    size = written_for or (timeline.output.width, timeline.output.height)
    complaints: list[Complaint] = []
    plan = _compile(timeline, sources, "", complaints, pixel_scale=_pixel_scale(timeline, size))
    if complaints:
        raise InvalidTimeline(tuple(complaints))
    renditions = tuple(
        _compile(each, sources, "", complaints, pixel_scale=_pixel_scale(each, size))
        for each in (_as_rendition(timeline, rendition) for rendition in timeline.output.renditions)
    )
    if complaints:
        raise InvalidTimeline(tuple(complaints))
    return replace(plan, renditions=renditions)


def _as_rendition(timeline: Timeline, rendition: Rendition) -> Timeline:
    output = timeline.output
    changed = {
        "width": rendition.width or output.width,
        "height": rendition.height or output.height,
        "encoder": rendition.encoder or output.encoder,
        "quality": rendition_quality(rendition, output),
        "renditions": [],
        "poster": None,
        "storyboard": False,
    }
    return timeline.model_copy(update={"output": output.model_copy(update=changed)})


def _pixel_scale(timeline: Timeline, size: tuple[int, int]) -> Fraction:
    """Return how many times larger an output is than that of ``size`` in its place: in the direction it has less."""
    return min(Fraction(timeline.output.width, size[0]), Fraction(timeline.output.height, size[1]))


def _compile(
    timeline: Timeline,
    sources: Sources,
    path: str,
    complaints: list[Complaint],
    *,
    around: Fraction | None = None,
    pixel_scale: Fraction = Fraction(1),
) -> Plan:
    """Compile one timeline; a nested one is told the frame rate ``around`` it, which it takes unless it has its own."""
    output = timeline.output
    fps = frame_rate(output, around)
    keys = KeyMaker(sources.media, sources.catalogue)
    timed = time_clips(
        timeline,
        sources.media,
        path,
        complaints,
        lambda inner, where: _compile(inner, sources, where, complaints, around=fps),
    )
    maker = LayerMaker(
        fps=fps,
        aspect=Fraction(output.width, output.height),
        media=sources.media,
        catalogue=sources.catalogue,
        keys=keys,
        complaints=complaints,
        pixel_scale=pixel_scale,
    )
    layers: list[Layer] = []
    for track in timed.tracks:
        layers += maker.track(track, offset=len(layers))
    captions = [(part, _cues_of(part, sources)) for part in timeline.captions]
    layers += burn(captions, fps=fps, aspect=Fraction(output.width, output.height), path=path)
    frames = frame_at(timed.end, fps)
    layers = [replace(layer, end=min(layer.end, frames)) for layer in layers if layer.first < min(layer.end, frames)]
    audio = mix_of(timeline, timed, sources.media, frames / fps)
    complaints += crowding(layers, audio, fps, path)
    background = output.background
    plan = Plan(
        name=timeline.name,
        width=output.width,
        height=output.height,
        fps=fps,
        frames=frames,
        background=background if background is not None or around is not None else _ground(timeline, sources.catalogue),
        layers=tuple(layers),
        spans=(),
        audio=audio,
        captions=tuple(
            CaptionTrack(
                language=part.language, cues=listed, is_sidecar="sidecar" in part.mode, is_soft="soft" in part.mode
            )
            for part, listed in captions
            if {"sidecar", "soft"} & set(part.mode)
        ),
        output=_output(timeline, sources.catalogue),
    )
    if complaints:
        return plan
    spans = tuple(replace(span, key=keys.span_key(plan, span)) for span in cut_spans(plan.layers, frames))
    return replace(plan, spans=spans)


def _ground(timeline: Timeline, catalogue: Catalogue) -> Color | None:
    """Return what lies under everything when the document names no background: nothing, where that can be kept."""
    return None if catalogue.encoders[timeline.output.encoder].has_alpha else BLACK


def _output(timeline: Timeline, catalogue: Catalogue) -> Output:
    output = timeline.output
    encoder = catalogue.encoders[output.encoder]
    quality: Quality = output.quality
    given = encoder.presets.get(quality, {}) if isinstance(quality, str) else quality
    values, _ = parse_values(encoder.params, {name: plain_json(value) for name, value in given.items()})
    return Output(
        encoder=output.encoder,
        extension=f".{encoder.extension}" if encoder.extension else "",
        values=values,
        poster_at=output.poster.at if output.poster else None,
        storyboard=output.storyboard,
        waveform=output.waveform,
    )


def _cues_of(part: CaptionsPart, sources: Sources) -> tuple[Cue, ...]:
    if part.src is not None:
        return sources.cues[part.src]
    return tuple(_cue(cue) for cue in part.cues or ())


def _cue(part: CuePart) -> Cue:
    words = tuple(CueWord(start=word.start, end=word.end, text=word.text) for word in part.words)
    return Cue(start=part.start, end=part.end, text=part.text, words=words)
