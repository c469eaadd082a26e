"""The cage: what it adds to a job, measured with jobs that do nothing."""

import sys
from pathlib import Path
from statistics import median

from benchmarks.environments import ROOT
from benchmarks.material import Material
from benchmarks.measure import Command
from benchmarks.results import Target
from benchmarks.runs import Runs
from benchmarks.tables import table
from benchmarks.trials.tiny import CAGED, FORKED
from benchmarks.trials.trial import Trial

MODULE = "benchmarks.trials.tiny"
JOBS = 200


def cage_jobs(_material: Material, _titles: Path, runs: Runs) -> Trial:
    """Do many tiny jobs both ways, round after round."""
    found: dict[str, list[float]] = {FORKED: [], CAGED: []}
    for _ in range(runs.rounds):
        for kind, medians in found.items():
            with runs.folder() as folder:
                command = Command(argv=(sys.executable, "-m", MODULE, kind, str(JOBS)), folder=ROOT)
                runs.measure(f"cage: {kind}", command, folder)
                medians.append(float((folder / "log.txt").read_text()) * 1000)
    forked, caged = (median(found[kind]) for kind in (FORKED, CAGED))
    return Trial(
        title="The cage",
        description=f"A job that does nothing, from its order to the end of its process, {JOBS} times one after "
        "another (median): in a plain forked child, and in the cage. The processes that are forked have all imported "
        "that renders need.",
        table=table(("way", "ms a job"), [("forked child", f"{forked:.2f}"), ("caged child", f"{caged:.2f}")]),
        targets=(Target(name="Milliseconds that the cage adds to a job", wanted=10, measured=caged - forked),),
    )
