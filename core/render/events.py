"""What a render tells while it runs: the same stream for the command line, the library and the web shell."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Where a render stands."""

    GATHER = "gathering"
    AUDIO = "mixing"
    VIDEO = "rendering"
    ASSEMBLE = "assembling"
    FINISH = "finishing"


class Outcome(StrEnum):
    """How a segment came about: it lay in the ledger, was copied from its source, or was drawn and encoded."""

    CACHED = "cached"
    COPIED = "copied"
    RENDERED = "rendered"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted:
    """A stage began; ``detail`` says on what (the asset that is fetched)."""

    stage: Stage
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The timeline is compiled: this many frames in this many segments, all renditions counted."""

    frames: int
    segments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDone:
    """A segment, the ``number``-th of those that are done, is finished: frames ``[first, end)`` of its rendition."""

    number: int
    segments: int
    first: int
    end: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """Frames are done: drawn and encoded, or found. ``segments_done`` of ``segments`` are whole.

    ``fps`` is the speed so far of those that are drawn, ``left`` the seconds that remain.
    """

    done: int
    frames: int
    segments_done: int
    segments: int
    fps: float
    left: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The video lies at ``output``; ``seconds`` is the render's wall time."""

    output: str
    frames: int
    seconds: float


type RenderEvent = StageStarted | Planned | SegmentDone | Progressed | Finished
