"""A render by workers that have a core each: ``python -m benchmarks.trials.pinned TIMELINE OUTPUT HOME CORE…``."""

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.queues import Queue
from pathlib import Path

from core.host.host import PluginHost
from core.render.job import RenderJob, render
from core.render.opening import open_workshop
from core.render.preparing import prepare
from core.render.probing import Prober


def take_core(left: "Queue[int]") -> None:
    """Settle this process on one of the cores that are left: all that it starts stays there."""
    os.sched_setaffinity(0, {left.get()})


def main() -> None:
    """Render as the command does, with a worker on each core."""
    timeline, output, home = (Path(argument) for argument in sys.argv[1:4])
    cores = [int(argument) for argument in sys.argv[4:]]
    processes = multiprocessing.get_context("spawn")
    left: Queue[int] = processes.Queue()
    for core in cores:
        left.put(core)
    with (
        ProcessPoolExecutor(len(cores), mp_context=processes, initializer=take_core, initargs=(left,)) as executor,
        open_workshop(home, owner="local", executor=executor, workers=len(cores)) as workshop,
        PluginHost.load(home=home) as host,
    ):
        prepared = prepare(
            timeline.read_bytes(),
            root=timeline.parent,
            home=home,
            host=host,
            probe=Prober(workshop.station).probe,
        )
        job = RenderJob(plan=prepared.plan, output=output, materials=prepared.materials, assets=prepared.assets)
        render(job, workshop, lambda _event: None)


if __name__ == "__main__":
    main()
