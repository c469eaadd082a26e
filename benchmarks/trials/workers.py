"""Workers: the same edit by one worker and by two, each on a core of its own."""

import os
import sys
from pathlib import Path

from benchmarks.catalogue import SHORT, clips_for, film
from benchmarks.environments import ROOT
from benchmarks.material import Material
from benchmarks.measure import Command, Cost
from benchmarks.results import Target
from benchmarks.runs import Runs
from benchmarks.tables import costs_table
from benchmarks.tools.reelhouse import timeline_of, write_timeline
from benchmarks.trials.again import faults
from benchmarks.trials.trial import Trial

MODULE = "benchmarks.trials.pinned"
ONE, TWO = "one worker", "two workers"


def share_work(material: Material, titles: Path, runs: Runs) -> Trial:
    """Render a minute of the edit with one pinned worker, then with two; one round. ``titles`` is a home for titles."""
    scene = film(material, clips_for(material, material.format.clip_seconds * SHORT), titles, name="workers")
    timeline = write_timeline(scene.name, timeline_of(scene), material)
    cores = sorted(os.sched_getaffinity(0))[:2]
    costs: dict[str, Cost] = {}
    with runs.folder() as folder:
        outputs = []
        for name, used in ((ONE, cores[:1]), (TWO, cores)):
            output, home = folder / f"{name}.mp4", folder / f"home of {name}"
            argv = (sys.executable, "-m", MODULE, str(timeline), str(output), str(home), *map(str, used))
            command = Command(argv=argv, folder=ROOT, cores=tuple(used))
            costs[name] = runs.measure(f"workers: {name}", command, folder)
            outputs.append(output)
        complaints = faults(*outputs, frames=scene.frames, fps=scene.format.fps)
    return Trial(
        title="Two workers",
        description=f"The edit, {scene.seconds:g} s long, by one worker that has one core, then by two that have one "
        "core each (on an executor of two processes, all of a worker's own processes on its core); one round. Both "
        "files are the same, packet by packet.",
        table=costs_table(costs),
        targets=(
            Target(
                name="Wall time, two pinned workers / one",
                wanted=0.55,
                measured=costs[TWO].wall / costs[ONE].wall if len(cores) == 2 else None,
            ),
        ),
        complaints=complaints,
    )
