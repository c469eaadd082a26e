"""What was measured, and the targets it is held against."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.measure import Cost
from benchmarks.tools.ffmpeg import Ffmpeg
from benchmarks.tools.floor import Floor
from benchmarks.tools.moviepy import MoviePy
from benchmarks.tools.reelhouse import Reelhouse
from benchmarks.verify import Verdict

REELHOUSE, FFMPEG, MOVIEPY, FLOOR = Reelhouse.name, Ffmpeg.name, MoviePy.name, Floor.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One tool in one scene: the medians of its rounds, and what was found in its output."""

    tool: str
    cost: Cost
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneResult:
    """One scene: its rows in the order of the tools, and the tools that failed."""

    title: str
    description: str
    frames: int
    rows: tuple[Row, ...]
    failed: tuple[str, ...] = ()

    def cost_of(self, tool: str) -> Cost | None:
        """Return a tool's cost, None when it did not run."""
        return next((row.cost for row in self.rows if row.tool == tool), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryResult:
    """What a short and a ten times longer video of the same kind cost; ``lengths`` in seconds."""

    description: str
    lengths: tuple[float, float]
    short: Cost
    long: Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One target: ``measured`` (None when a tool is missing) against ``wanted``, the largest or least allowed."""

    name: str
    wanted: float
    measured: float | None
    is_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the target is reached; what was not measured is not."""
        if self.measured is None:
            return False
        return self.measured >= self.wanted if self.is_least else self.measured <= self.wanted


def targets_of(film: SceneResult, memory: MemoryResult) -> tuple[Target, ...]:
    """Return the project's targets with what was measured."""
    costs: Mapping[str, Cost | None] = {row.tool: row.cost for row in film.rows}

    def ratio(above: str, below: str, measure: str) -> float | None:
        one, other = costs.get(above), costs.get(below)
        return getattr(one, measure) / getattr(other, measure) if one and other else None

    return (
        Target(name="CPU, Reelhouse / ffmpeg", wanted=0.88, measured=ratio(REELHOUSE, FFMPEG, "cpu")),
        Target(name="CPU, Reelhouse / floor", wanted=1.2, measured=ratio(REELHOUSE, FLOOR, "cpu")),
        Target(name="Peak memory, Reelhouse / ffmpeg", wanted=0.8, measured=ratio(REELHOUSE, FFMPEG, "memory")),
        Target(
            name="Peak memory, 10 minutes / 1 minute", wanted=1.1, measured=memory.long.memory / memory.short.memory
        ),
        Target(
            name="Wall time, MoviePy / Reelhouse",
            wanted=3.0,
            measured=ratio(MOVIEPY, REELHOUSE, "wall"),
            is_least=True,
        ),
    )
