"""What a render tells while it runs: the same stream for the command line, the library and the web shell."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Where a render stands."""

    GATHER = "gathering"
    AUDIO = "mixing"
    VIDEO = "rendering"
    FINISH = "finishing"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted:
    """A stage began; ``detail`` says on what (the asset that is fetched)."""

    stage: Stage
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The timeline is compiled: this many frames in this many spans."""

    frames: int
    spans: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """Frames are encoded. ``span`` counts from 1; ``fps`` is the speed so far, ``left`` the seconds that remain."""

    done: int
    frames: int
    span: int
    spans: int
    fps: float
    left: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The video lies at ``output``; ``seconds`` is the render's wall time."""

    output: str
    frames: int
    seconds: float


type RenderEvent = StageStarted | Planned | Progressed | Finished
