"""What the cage costs: an empty job, from its order to the moment its process is gone."""

import statistics
import tempfile
import time
from pathlib import Path

from core.cage import PROBE, Cage


def seconds_per_job(cage: Cage, *, jobs: int = 100) -> float:
    """Return the median of many empty jobs, one after another. Outside a cage the same call takes nothing."""
    with tempfile.TemporaryDirectory() as folder:
        cage.run("core.cage.proof:nothing", profile=PROBE, folder=Path(folder))
        return statistics.median(_seconds(cage, Path(folder)) for _ in range(jobs))


def _seconds(cage: Cage, folder: Path) -> float:
    started = time.perf_counter()
    cage.run("core.cage.proof:nothing", profile=PROBE, folder=folder)
    return time.perf_counter() - started
