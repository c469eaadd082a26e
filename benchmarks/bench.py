"""One run of the benchmark: every scene with every tool, round after round."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.catalogue import Entry, entries, memory_films
from benchmarks.environments import ffmpeg_program, melt_program, moviepy_python
from benchmarks.material import Material
from benchmarks.measure import CommandError, Cost, measure, median_of
from benchmarks.report import MEGABYTE, memory_table, notes, scene_table
from benchmarks.results import MemoryResult, Row, SceneResult
from benchmarks.scenes import Scene
from benchmarks.tools.ffmpeg import Ffmpeg
from benchmarks.tools.floor import Floor
from benchmarks.tools.mlt import Mlt
from benchmarks.tools.moviepy import MoviePy
from benchmarks.tools.reelhouse import Reelhouse
from benchmarks.tools.tool import Tool
from benchmarks.verify import Verdict, Verifier

SCENES = ("film", "slides", "inset", "karaoke", "memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one tool: what it cost, and where its output lies."""

    cost: Cost
    output: Path


class Bench:
    """One run over all that is ``wanted``; what was found is in ``scenes`` and ``memory``."""

    def __init__(self, material: Material, *, rounds: int, scratch: Path, wanted: Sequence[str]) -> None:
        self.scenes: list[SceneResult] = []
        self.memory: MemoryResult | None = None
        self._material, self._rounds, self._scratch, self._wanted = material, rounds, scratch, wanted
        self._runs = 0
        melt = melt_program()
        self.tools: list[Tool] = [
            Ffmpeg(ffmpeg_program()),  # first, for its output is the reference
            Reelhouse(),
            Floor(),
            MoviePy(moviepy_python()),
            *([Mlt(melt)] if melt else []),
        ]

    @property
    def is_faulty(self) -> bool:
        """Whether Reelhouse or ffmpeg failed, or wrote something else than asked for: ratios then say nothing."""
        judged = {Reelhouse.name, Ffmpeg.name}
        return any(
            judged - {row.tool for row in scene.rows}
            or any(row.verdict.complaints for row in scene.rows if row.tool in judged)
            for scene in self.scenes
        )

    def run(self) -> None:
        """Measure and print."""
        home = self._scratch / "titles"
        for entry in entries(self._material, home):
            if entry.scene.name in self._wanted:
                result = self._compare(entry)
                self.scenes.append(result)
                print("\n".join(["", result.title, scene_table(result), *notes(result), ""]), flush=True)
        if "memory" in self._wanted:
            self.memory = self._grown(home)
            if self.memory:
                print("\n".join(["", "Memory over time", memory_table(self.memory), ""]), flush=True)

    def _compare(self, entry: Entry) -> SceneResult:
        """Measure a scene with all tools, round after round; outputs are judged in the first."""
        scene, verifier = entry.scene, Verifier(entry.scene)
        costs: dict[str, list[Cost]] = {}
        verdicts: dict[str, Verdict] = {}
        failed: set[str] = set()
        for number in range(self._rounds):
            for tool in self.tools:
                if tool.name in failed:
                    continue
                try:
                    run = self._run(tool, scene)
                except CommandError as err:
                    print(f"failed: {err}", flush=True)
                    failed.add(tool.name)
                    continue
                if run is None:
                    continue
                costs.setdefault(tool.name, []).append(run.cost)
                if number == 0:
                    verdicts[tool.name] = verifier.verify(run.output)
                run.output.unlink()
        return SceneResult(
            title=entry.title,
            description=entry.description,
            frames=scene.frames,
            rows=tuple(
                Row(tool=name, cost=median_of(measured), verdict=verdicts[name])
                for name, measured in costs.items()
                if name not in failed
            ),
            failed=tuple(sorted(failed)),
        )

    def _grown(self, home: Path) -> MemoryResult | None:
        """Measure the edit at two lengths; None when Reelhouse fails."""
        short, long = memory_films(self._material, home)
        form = self._material.format
        reelhouse = Reelhouse()
        try:
            runs = [self._run(reelhouse, film) for film in (short, long)]
        except CommandError as err:
            print(f"failed: {err}", flush=True)
            return None
        first, second = (run.cost for run in runs if run is not None)
        return MemoryResult(
            description=f"The same edit, repeated, at {form.width}×{form.height} with x264 {short.preset} (to be done "
            "sooner), by Reelhouse alone; one round.",
            lengths=(short.seconds, long.seconds),
            short=first,
            long=second,
        )

    def _run(self, tool: Tool, scene: Scene) -> Run | None:
        """Run a tool once, in a folder of its own; None when it cannot do the scene."""
        self._runs += 1
        folder = self._scratch / str(self._runs)
        folder.mkdir()
        output = folder / "out.mp4"
        command = tool.command(scene, output, folder)
        if command is None:
            return None
        print(f"  {scene.name}: {tool.name} … ", end="", flush=True)
        cost = measure(command, log=folder / "log.txt")
        print(f"{cost.cpu:.1f} s CPU, {cost.wall:.1f} s, {cost.memory / MEGABYTE:.0f} MB", flush=True)
        return Run(cost=cost, output=output)
