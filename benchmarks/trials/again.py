"""Again: the edit rendered a second time in the same home, with nothing changed."""

from pathlib import Path

from benchmarks.catalogue import film
from benchmarks.material import Material
from benchmarks.measure import Cost, median_of
from benchmarks.results import Target
from benchmarks.runs import Runs
from benchmarks.tables import costs_table
from benchmarks.tools.reelhouse import render_command, timeline_of, write_timeline
from benchmarks.trials.sameness import differing_frames, frames_of, is_same_sound
from benchmarks.trials.trial import Trial

FIRST, SECOND = "first render", "second render"


def render_again(material: Material, titles: Path, runs: Runs) -> Trial:
    """Render the edit twice in an empty home, round after round. ``titles`` is a home to draw titles in."""
    scene = film(material, len(material.clips), titles, name="again")
    timeline = write_timeline(scene.name, timeline_of(scene), material)
    costs: dict[str, list[Cost]] = {FIRST: [], SECOND: []}
    complaints: tuple[str, ...] = ()
    for _ in range(runs.rounds):
        with runs.folder() as folder:
            one, other = folder / "first.mp4", folder / "second.mp4"
            for name, output in ((FIRST, one), (SECOND, other)):
                command = render_command(timeline, output, folder / "home")
                costs[name].append(runs.measure(f"again: {name}", command, folder))
            complaints = complaints or faults(one, other, frames=scene.frames, fps=scene.format.fps)
    medians = {name: median_of(measured) for name, measured in costs.items()}
    return Trial(
        title="The edit again",
        description="The edit above, rendered twice in one home with nothing changed in between. Both files are the "
        "same, packet by packet.",
        table=costs_table(medians),
        targets=(
            Target(
                name="CPU, unchanged second render / first",
                wanted=0.03,
                measured=medians[SECOND].cpu / medians[FIRST].cpu,
            ),
        ),
        complaints=complaints,
    )


def faults(one: Path, other: Path, *, frames: int, fps: int) -> tuple[str, ...]:
    """Say what is wrong with two files that should be the same and have so many frames."""
    found = []
    if (count := frames_of(one)) != frames:
        found.append(f"{count} frames instead of {frames}")
    if changed := differing_frames(one, other, fps):
        found.append(f"{len(changed)} frames differ in the second file")
    if not is_same_sound(one, other):
        found.append("the sound differs in the second file")
    return tuple(found)
