"""The report of a render: what was done for each span and what it cost."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import FiniteFloat, TypeAdapter, ValidationError

from core.api import MediaError
from core.render.events import Outcome
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
    seconds: FiniteFloat
    cpu_seconds: FiniteFloat


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkReport:
    """What a worker says of a piece of work: its cost, CPU time in seconds and memory in bytes, and what it drew."""

    cpu_seconds: FiniteFloat
    peak_memory: int
    notes: tuple[str, ...] = ()
    spans: tuple[SpanReport, ...] = ()


_WORK_REPORT = TypeAdapter(WorkReport)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentReport:
    """One segment of a file: its frames ``[first, end)``, its key, and how it came about."""

    first: int
    end: int
    key: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderReport:
    """One render, as ``--report`` writes it. Loudness in LUFS, true peak in dBTP, sizes in bytes, times in seconds.

    ``copied`` frames are packets of the sources themselves. ``segments`` are all that the files are made of, ``spans``
    those that were drawn. ``cpu_seconds`` is that of all workers together, ``peak_memory`` that of the largest.
    """

    name: str
    output: str
    files: tuple[str, ...]
    encoder: str
    width: int
    height: int
    fps: str
    frames: int
    copied: int
    duration: float
    seconds: float
    cpu_seconds: float
    peak_memory: int
    loudness: float | None
    true_peak: float | None
    segments: tuple[SegmentReport, ...]
    spans: tuple[SpanReport, ...]
    notes: tuple[str, ...]

    def to_json(self) -> str:
        """Return the report as a JSON document."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


def work_report(told: Mapping[str, Any]) -> WorkReport:
    """Read what a worker returned; raise ``MediaError`` when it is something else: workers are not trusted."""
    try:
        return _WORK_REPORT.validate_python(told)
    except ValidationError as err:
        raise MediaError("a worker returned what is no report") from err


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
