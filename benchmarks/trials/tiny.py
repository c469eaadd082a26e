"""Many tiny jobs, in the cage or in plain forked children: ``python -m benchmarks.trials.tiny caged|forked JOBS``.

Both are forked from a process in which everything is imported that renders need. Prints the median seconds of a job.
"""

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.cage import PROBE, Cage
from core.cage.proof import nothing
from core.render import caged

CAGED, FORKED = "caged", "forked"
WARM_UP, JOB = f"{caged.__name__}:{caged.warm_up.__name__}", f"{nothing.__module__}:{nothing.__name__}"


@contextmanager
def in_cage(folder: Path) -> Iterator[Callable[[], None]]:
    """Do jobs in the cage, from their order to the moment their process is gone."""
    with Cage(WARM_UP, None, folder) as cage:
        yield lambda: _checked(cage.run(JOB, profile=PROBE, folder=folder))


@contextmanager
def in_forks(folder: Path) -> Iterator[Callable[[], None]]:
    """Do jobs in children of this process, which is got ready as the cage's warm one is."""
    caged.warm_up(None, folder)
    gc.collect()
    gc.freeze()
    yield _fork


def median_seconds(job: Callable[[], None], jobs: int) -> float:
    """Return the median of many jobs, one after another; a first one is not counted."""
    job()
    return statistics.median(_timed(job) for _ in range(jobs))


def main() -> None:
    """Print the median."""
    kind, jobs = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as name, {CAGED: in_cage, FORKED: in_forks}[kind](Path(name)) as job:
        print(median_seconds(job, jobs))


def _timed(job: Callable[[], None]) -> float:
    started = time.perf_counter()
    job()
    return time.perf_counter() - started


def _fork() -> None:
    child = os.fork()
    if child == 0:
        nothing()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    _checked(status or None)


def _checked(result: object) -> None:
    if result is not None:
        raise ValueError(f"the job came to {result}")


if __name__ == "__main__":
    main()
