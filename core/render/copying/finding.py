"""Finding copies: which frames of a plan are the untouched pictures of one source, in the output's own coding.

Pure: it knows the plan, what probing told of the sources, and the indexes of their packets.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import ceil

from core.api import Encoder
from core.render.copying.allowing import allows, fits, limits_of
from core.render.copying.codecs import codec_of
from core.render.copying.cuts import Cuts, Take
from core.render.copying.index import PacketIndex
from core.render.copying.nal import DamagedUnit
from core.render.copying.numbering import Crowded
from core.timeline.curves import Animated, is_constant, value_at
from core.timeline.plan import Blend, Crop, Layer, MediaFile, Placement, Plan, Span
from core.timeline.sources import VideoSource

SHORTEST = Fraction(1, 2)
"""Seconds below which a copy is not worth its joints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The frames ``[first, end)`` of a plan that are the packets of a take of the source ``src``."""

    first: int
    end: int
    src: str
    take: Take


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The frames ``[first, end)`` of a plan, in which nothing is seen but one video, as it is."""

    first: int
    end: int
    layer: Layer
    source: VideoSource


def candidates(plan: Plan, media: Mapping[str, MediaFile], encoder: Encoder) -> frozenset[str]:
    """Return the sources whose packets are worth looking at, by what probing told of them."""
    limits = limits_of(plan, encoder)
    if limits is None:
        return frozenset()
    return frozenset(
        stretch.source.src for stretch in stretches(plan) if _may_fit(media[stretch.source.src], limits.codec, plan)
    )


def find_copies(
    plan: Plan, encoder: Encoder, indexes: Mapping[str, PacketIndex], *, first: int, end: int
) -> tuple[Copy, ...]:
    """Return what of the plan's frames ``[first, end)`` can be copied, in order.

    ``indexes`` are those of the candidates that have one. Each copied frame is the very one that would be drawn:
    a source's frames are chosen by the reader's own rule, whatever its frame rate is.
    """
    limits = limits_of(plan, encoder)
    if limits is None or encoder.video is None:
        return ()
    pixel_format = encoder.video.pixel_format
    cuts = {
        src: Cuts(index)
        for src, index in indexes.items()
        if index.codec == limits.codec and all(fits(coding, limits, pixel_format, plan) for coding in index.codings)
    }
    found = [
        copy
        for stretch in stretches(plan)
        if stretch.source.src in cuts
        for copy in _copies(plan, stretch, cuts[stretch.source.src], first, end)
        if allows(limits, indexes[copy.src], cuts[copy.src].packets(copy.take), plan)
    ]
    joinable = _joinable(limits.codec, {copy.src: indexes[copy.src] for copy in found})
    return tuple(copy for copy in found if copy.src in joinable)


def stretches(plan: Plan) -> Iterator[Stretch]:
    """Yield the stretches in which one video hides all else and nothing changes its pixels, in order."""
    rests = (
        (index, first, end)
        for span in plan.spans
        for index in span.layers[-1:]
        if _is_whole(plan.layers[index].placement) and not any(index in pair for pair in span.mixes)
        for first, end in _rests(plan.layers[index], span)
    )
    for index, first, end in _merged(rests):
        layer = plan.layers[index]
        if isinstance(layer.source, VideoSource):
            yield Stretch(first=first, end=end, layer=layer, source=layer.source)


def _is_whole(placement: Placement) -> bool:
    """Tell whether a picture of the output's size is seen as it is."""
    return (
        _is_always(placement.x, 0.5)
        and _is_always(placement.y, 0.5)
        and (placement.width, placement.height) == (1, 1)
        and _is_always(placement.scale, 1)
        and _is_always(placement.rotate, 0)
        and _is_always(placement.opacity, 1)
        and placement.crop == Crop()
        and placement.pixel_scale == 1
        and placement.radius == 0
        and placement.blend is Blend.NORMAL
        and placement.mask is None
    )


def _is_always(animated: Animated, value: float) -> bool:
    return is_constant(animated) and value_at(animated, Fraction(0)) == value


def _rests(layer: Layer, span: Span) -> Iterator[tuple[int, int]]:
    """Yield the frames ``[first, end)`` of a span in which no animation and no effect is at work on a layer."""
    busy = [(layer.first + each.first, layer.first + each.end) for each in layer.effects]
    if layer.enter:
        busy.append((layer.first, layer.first + layer.enter.frames))
    if layer.exit:
        busy.append((layer.end - layer.exit.frames, layer.end))
    free = span.first
    for first, end in sorted((*busy, (span.end, span.end))):
        if free < min(first, span.end):
            yield free, min(first, span.end)
        free = max(free, end)


def _merged(rests: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Put together what follows on in the same layer: what changed lay hidden below."""
    waiting: tuple[int, int, int] | None = None
    for index, first, end in rests:
        if waiting is not None and (waiting[0], waiting[2]) == (index, first):
            waiting = (index, waiting[1], end)
            continue
        if waiting is not None:
            yield waiting
        waiting = (index, first, end)
    if waiting is not None:
        yield waiting


def _may_fit(file: MediaFile, codec: str, plan: Plan) -> bool:
    probe = file.probe
    return (
        probe.kind == "video"
        and probe.codec == codec
        and (probe.width, probe.height) == (plan.width, plan.height)
        and probe.rotation == 0
        and not probe.is_interlaced
        and not probe.has_alpha
    )


def _copies(plan: Plan, stretch: Stretch, cuts: Cuts, first: int, end: int) -> Iterator[Copy]:
    """Yield the copies in a stretch: where its source goes on frame by frame, between clean cuts."""
    playback, start, src = stretch.source.playback, stretch.layer.start, stretch.source.src
    shortest = max(2, ceil(SHORTEST * plan.fps))

    def ahead(frame: int) -> int:
        """Return how far the number of the source's frame is ahead of that of the plan's."""
        return cuts.frame_at(playback.source_time(plan.instant(frame) - start)) - frame

    for offset, run in groupby(range(max(first, stretch.first), min(end, stretch.end)), key=ahead):
        frames = list(run)
        for take in cuts.takes(max(0, frames[0] + offset), frames[-1] + 1 + offset):
            if take.end - take.first >= shortest:
                yield Copy(first=take.first - offset, end=take.end - offset, src=src, take=take)


def _joinable(codec: str, indexes: Mapping[str, PacketIndex]) -> frozenset[str]:
    """Return those sources whose parameter sets find room in one header, beside those of what is encoded anew."""
    known = codec_of(codec)
    assert known is not None, "an index is of a known codec"
    fitting: set[str] = set()
    taken: list[bytes] = []
    seen: set[tuple[bytes, ...]] = set()
    for src, index in indexes.items():
        sets = index.parameter_sets
        try:
            # Twice at first: what is encoded anew wants the ids that most sources have, too.
            for _ in range(0 if sets in seen else 1 if seen else 2):
                taken += known.renamed(sets, taken).sets
        except (Crowded, DamagedUnit):
            continue
        seen.add(sets)
        fitting.add(src)
    return frozenset(fitting)
