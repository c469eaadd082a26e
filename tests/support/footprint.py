"""The footprint of a process and all that it started: memory, open files, threads, processes."""

import gc
import os
import threading
import time
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support.undertaker import family

PATIENCE = 30
REST = 0.3
"""Seconds without a change after which nothing is thought to be going on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What a process takes with all that it started, at a moment in which nothing runs.

    ``objects`` are bytes that Python's own objects take in this process, ``memory`` those that are no file's in all
    processes together: what is shared among them counts once. ``peak`` is the most that each ever had, of any kind.
    """

    objects: int
    memory: int
    peak: int
    files: int
    threads: int
    processes: int

    @classmethod
    def now(cls) -> Self:
        """Measure this process; ``tracemalloc`` must be on."""
        for thread in threading.enumerate():
            if thread.name.startswith("caged job"):  # its job has ended, it is about to
                thread.join(PATIENCE)
        gc.collect()
        pids = _at_rest()
        return cls(
            objects=tracemalloc.get_traced_memory()[0],
            memory=sum(_anonymous(pid) for pid in pids),
            peak=sum(int(_status(pid, "VmHWM") or 0) * 1024 for pid in pids),
            files=sum(sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()) for pid in pids),
            threads=sum(sum(1 for _ in Path(f"/proc/{pid}/task").iterdir()) for pid in pids),
            processes=len(pids),
        )


def _at_rest() -> list[int]:
    """Return all processes, once none has come or gone for a while: one may be forked ahead at this moment."""
    patience, pids = time.monotonic() + PATIENCE, family(os.getpid())
    while time.monotonic() < patience:
        time.sleep(REST)
        before, pids = pids, family(os.getpid())
        if pids == before:
            break
    return pids


def _status(pid: int, name: str) -> str:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # it is gone
        return ""
    return next((line.split()[1] for line in lines if line.startswith(f"{name}:")), "")


def _anonymous(pid: int) -> int:
    """Return a process's share of memory that is no file's, in bytes: files are shared with who knows whom."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss_Anon:"))
