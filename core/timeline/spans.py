"""Spans: a plan's frames, cut wherever what is seen begins, ends, or stops being mixed."""

from collections.abc import Sequence
from itertools import pairwise

from core.timeline.plan import Layer, Span


def cut_spans(layers: Sequence[Layer], frames: int) -> tuple[Span, ...]:
    """Tile ``[0, frames)`` with spans, without keys. Work grows with layers times the spans each is seen in."""
    borders = {0, frames}
    for layer in layers:
        borders |= {layer.first, layer.end}
        if layer.transition:
            borders.add(layer.first + layer.transition.frames)
    edges = sorted(border for border in borders if 0 <= border <= frames)
    starting: dict[int, list[int]] = {}
    for index, layer in enumerate(layers):
        starting.setdefault(layer.first, []).append(index)
    spans: list[Span] = []
    seen: list[int] = []
    for first, end in pairwise(edges):
        seen = sorted([index for index in seen if layers[index].end > first] + starting.get(first, []))
        mixes = tuple(
            (before, index)
            for index in seen
            if (before := layers[index].mixes_with) is not None and _is_mixing(layers[index], first)
        )
        spans.append(Span(first=first, end=end, layers=tuple(seen), mixes=mixes))
    return tuple(spans)


def _is_mixing(layer: Layer, frame: int) -> bool:
    return layer.transition is not None and layer.first <= frame < layer.first + layer.transition.frames
