"""What a render tells while it runs: the same stream for the command line, the library and the web shell.

After the gathering one ``Planned``; then a ``SegmentDone`` for each segment, and ``Progressed`` between them and when
all are done; in the end one ``Finished``. A render that fails raises what happened instead.
"""

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
    """Frames are done: drawn and encoded, copied, or found. ``segments_done`` of ``segments`` are whole.

    Neither number ever falls. The last of these events, before files are assembled, tells of all frames and segments:
    it comes in every render, also when there is nothing to draw. ``fps`` is the speed so far of the frames that are
    drawn, ``left`` the seconds that remain; None while that can't be told.
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
