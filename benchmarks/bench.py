"""One run of the benchmark: every scene with every tool, round after round."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.catalogue import Entry, entries, memory_films
from benchmarks.environments import ffmpeg_program, melt_program, moviepy_python
from benchmarks.material import Material
from benchmarks.measure import CommandError, Cost, median_of
from benchmarks.report import faults, memory_table, notes, scene_table, target_table
from benchmarks.results import MemoryResult, Row, SceneResult, Target, targets_of
from benchmarks.runs import Runs
from benchmarks.scenes import Film
from benchmarks.tools.ffmpeg import Ffmpeg
from benchmarks.tools.floor import Floor
from benchmarks.tools.mlt import Mlt
from benchmarks.tools.moviepy import MoviePy
from benchmarks.tools.reelhouse import Reelhouse
from benchmarks.tools.tool import Tool
from benchmarks.trials.again import render_again
from benchmarks.trials.cage import cage_jobs
from benchmarks.trials.change import change_title
from benchmarks.trials.renditions import render_renditions
from benchmarks.trials.trial import Trial
from benchmarks.trials.untouched import pass_through
from benchmarks.trials.vaults import open_vaults
from benchmarks.trials.workers import share_work
from benchmarks.verify import Verdict, Verifier

COMPARED = ("film", "slides", "inset", "karaoke")
MEMORY = "memory"
TRIALS: Mapping[str, Callable[[Material, Path, Runs], Trial]] = {
    "again": render_again,
    "change": change_title,
    "untouched": pass_through,
    "workers": share_work,
    "renditions": render_renditions,
    "cage": cage_jobs,
    "vaults": open_vaults,
}
"""In the report's order; each is given the material, a home to draw titles in, and the runs."""
SCENES = (*COMPARED, MEMORY, *TRIALS)


class Bench:
    """One run over all that is ``wanted``; what was found is in ``scenes``, ``memory`` and ``trials``.

    ``failed`` names what could not be measured because Reelhouse failed.
    """

    def __init__(self, material: Material, *, rounds: int, scratch: Path, wanted: Sequence[str]) -> None:
        self.scenes: list[SceneResult] = []
        self.memory: MemoryResult | None = None
        self.trials: list[Trial] = []
        self.failed: list[str] = []
        self._material, self._wanted = material, wanted
        self._titles = scratch / "titles"
        self._runs = Runs(scratch, rounds=rounds)
        melt = melt_program()
        self._judged: tuple[Tool, ...] = (
            Ffmpeg(ffmpeg_program()),  # first, for its output is the reference
            Reelhouse(),
            Floor(),
        )
        self._slow: tuple[Tool, ...] = (MoviePy(moviepy_python()), *([Mlt(melt)] if melt else []))
        self.tools = (*self._judged, *self._slow)

    @property
    def is_whole(self) -> bool:
        """Whether all was measured that there is."""
        return {*SCENES} == {*self._wanted}

    @property
    def is_faulty(self) -> bool:
        """Whether Reelhouse or ffmpeg failed, or wrote something else than asked for: ratios then say nothing."""
        judged = {Reelhouse.name, Ffmpeg.name}
        return (
            bool(self.failed)
            or any(trial.complaints for trial in self.trials)
            or any(
                judged - {row.tool for row in scene.rows}
                or any(row.verdict.complaints for row in scene.rows if row.tool in judged)
                for scene in self.scenes
            )
        )

    @property
    def targets(self) -> tuple[Target, ...]:
        """All targets of what was measured."""
        compared = targets_of(self.scenes[0], self.memory) if self.scenes and self.memory else ()
        return (*compared, *(target for trial in self.trials for target in trial.targets))

    def run(self) -> None:
        """Measure and print."""
        for entry in entries(self._material, self._titles):
            if entry.scene.name in self._wanted:
                result = self._compare(entry)
                self.scenes.append(result)
                _tell(result.title, scene_table(result), *notes(result))
        if MEMORY in self._wanted:
            try:
                self.memory = self._grown()
            except CommandError as err:
                self._fail(MEMORY, err)
            else:
                _tell("Memory over time", memory_table(self.memory))
        for name, measured in TRIALS.items():
            if name in self._wanted:
                try:
                    trial = measured(self._material, self._titles, self._runs)
                except CommandError as err:
                    self._fail(name, err)
                else:
                    self.trials.append(trial)
                    _tell(trial.title, trial.description, trial.table, target_table(trial.targets), *faults(trial))

    def _compare(self, entry: Entry) -> SceneResult:
        """Measure a scene with all tools, round after round; outputs are judged in the first.

        The edit has as many rounds as were asked for, but for the slow tools; all else has one.
        """
        scene, verifier = entry.scene, Verifier(entry.scene)
        costs: dict[str, list[Cost]] = {}
        verdicts: dict[str, Verdict] = {}
        failed: set[str] = set()
        for number in range(self._runs.rounds if isinstance(scene, Film) else 1):
            for tool in self._judged if number else self.tools:
                if tool.name in failed:
                    continue
                with self._runs.folder() as folder:
                    output = folder / "out.mp4"
                    command = tool.command(scene, output, folder)
                    if command is None:
                        continue
                    try:
                        cost = self._runs.measure(f"{scene.name}: {tool.name}", command, folder)
                    except CommandError as err:
                        print(f"failed: {err}", flush=True)
                        failed.add(tool.name)
                        continue
                    costs.setdefault(tool.name, []).append(cost)
                    if number == 0:
                        verdicts[tool.name] = verifier.verify(output)
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

    def _grown(self) -> MemoryResult:
        """Measure the edit at two lengths; raise ``CommandError`` when Reelhouse fails."""
        short, long = memory_films(self._material, self._titles)
        form, reelhouse = self._material.format, Reelhouse()
        costs = []
        for film in (short, long):
            with self._runs.folder() as folder:
                command = reelhouse.command(film, folder / "out.mp4", folder)
                costs.append(self._runs.measure(f"memory: {film.name}", command, folder))
        return MemoryResult(
            description=f"The same edit, repeated, at {form.width}×{form.height} with x264 {short.preset} (to be done "
            "sooner), by Reelhouse alone; one round.",
            lengths=(short.seconds, long.seconds),
            short=costs[0],
            long=costs[1],
        )

    def _fail(self, name: str, error: CommandError) -> None:
        print(f"failed: {error}", flush=True)
        self.failed.append(name)


def _tell(*parts: str) -> None:
    print("\n".join(["", *parts, ""]), flush=True)
