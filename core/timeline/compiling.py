"""Compiling: a checked timeline and its media become a plan. Pure: no I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from core.api import Catalogue, Color, parse_values
from core.timeline.complaints import Complaint, InvalidTimeline
from core.timeline.document import Timeline
from core.timeline.document.clips import CaptionPreset, CaptionsPart, CuePart
from core.timeline.document.timeline import Quality, Rendition
from core.timeline.keys import KeyMaker
from core.timeline.layers import LayerMaker, aspect_of
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
from core.timeline.texts import caption_placement, caption_source
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
) -> Plan:
    """Compile a timeline that ``check_timeline`` accepts.

    ``media`` and ``cues`` hold what was gathered for its references. Raise ``InvalidTimeline`` with complaints about
    what only the media tell: overlaps of clips of automatic length, in-points past a source's end.
    """
    sources = Sources(media=media, cues=cues, catalogue=catalogue)
    complaints: list[Complaint] = []
    plan = _compile(timeline, sources, "", complaints, is_nested=False)
    if complaints:
        raise InvalidTimeline(tuple(complaints))
    renditions = tuple(
        _compile(_as_rendition(timeline, rendition), sources, "", complaints, is_nested=False)
        for rendition in timeline.output.renditions
    )
    return replace(plan, renditions=renditions)


def _as_rendition(timeline: Timeline, rendition: Rendition) -> Timeline:
    output = timeline.output
    changed = {
        "width": rendition.width or output.width,
        "height": rendition.height or output.height,
        "encoder": rendition.encoder or output.encoder,
        "quality": "standard" if rendition.quality is None else rendition.quality,
        "renditions": [],
        "poster": None,
        "storyboard": False,
    }
    return timeline.model_copy(update={"output": output.model_copy(update=changed)})


def _compile(timeline: Timeline, sources: Sources, path: str, complaints: list[Complaint], *, is_nested: bool) -> Plan:
    output = timeline.output
    keys = KeyMaker(sources.media, sources.catalogue.versions)
    timed = time_clips(
        timeline,
        sources.media,
        path,
        complaints,
        lambda inner, where: _compile(inner, sources, where, complaints, is_nested=True),
    )
    maker = LayerMaker(
        fps=output.fps,
        aspect=aspect_of(output.width, output.height),
        media=sources.media,
        catalogue=sources.catalogue,
        keys=keys,
        complaints=complaints,
    )
    layers: list[Layer] = []
    for track in timed.tracks:
        layers += maker.track(track, offset=len(layers))
    captions = [(part, _cues_of(part, sources)) for part in timeline.captions]
    for c, (part, listed) in enumerate(captions):
        if "burn" in part.mode:
            layers += _burned(part, listed, output.fps, f"{path}captions[{c}]")
    frames = frame_at(timed.end, output.fps)
    layers = [replace(layer, end=min(layer.end, frames)) for layer in layers if layer.first < min(layer.end, frames)]
    background = output.background
    plan = Plan(
        name=timeline.name,
        width=output.width,
        height=output.height,
        fps=output.fps,
        frames=frames,
        background=background if background is not None or is_nested else _ground(timeline, sources.catalogue),
        layers=tuple(layers),
        spans=(),
        audio=mix_of(timeline, timed, sources.media, frames / output.fps),
        captions=tuple(
            CaptionTrack(
                language=part.language, cues=listed, is_sidecar="sidecar" in part.mode, is_soft="soft" in part.mode
            )
            for part, listed in captions
            if {"sidecar", "soft"} & set(part.mode)
        ),
        output=_output(timeline, sources.catalogue),
    )
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
    values, _ = parse_values(encoder.params, given)
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


def _burned(part: CaptionsPart, cues: tuple[Cue, ...], fps: Fraction, path: str) -> list[Layer]:
    """Return captions as layers, one a cue."""
    style = part.style if not isinstance(part.style, str) else CaptionPreset(part.style)
    return [
        Layer(
            id="",
            path=f"{path}.cues[{index}]",
            first=frame_at(cue.start, fps),
            end=frame_at(cue.end, fps),
            start=cue.start,
            source=caption_source(cue, style),
            placement=caption_placement(style),
        )
        for index, cue in enumerate(cues)
        if cue.text.strip()
    ]
