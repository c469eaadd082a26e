"""The report of a render: what was done for each span and what it cost."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from core.timeline.plan import Layer, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanReport:
    """One span: its frames, the clips seen, how it was made, and its share of wall and CPU time in seconds.

    CPU time is the whole process's while the span was drawn: decoding and encoding run beside the drawing.
    """

    first: int
    end: int
    key: str
    clips: tuple[str, ...]
    work: str
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderReport:
    """One render, as ``--report`` writes it. Loudness in LUFS, true peak in dBTP, sizes in bytes, times in seconds."""

    name: str
    output: str
    files: tuple[str, ...]
    encoder: str
    width: int
    height: int
    fps: str
    frames: int
    duration: float
    seconds: float
    cpu_seconds: float
    peak_memory: int
    loudness: float | None
    true_peak: float | None
    spans: tuple[SpanReport, ...]
    notes: tuple[str, ...]

    def to_json(self) -> str:
        """Return the report as a JSON document."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


def work_of(span: Span) -> str:
    """Say in a word how a span is made: ``mix``, ``composite``, ``draw`` or ``background``."""
    if span.mixes:
        return "mix"
    if not span.layers:
        return "background"
    return "draw" if len(span.layers) == 1 else "composite"


def clips_of(layers: Iterable[Layer], span: Span) -> tuple[str, ...]:
    """Name the clips that are seen in a span, lowest first."""
    listed = tuple(layers)
    return tuple(listed[index].id or listed[index].path for index in span.layers)
