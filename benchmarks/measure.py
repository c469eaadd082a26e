"""What a command costs: the CPU time, wall time and peak memory of its whole process tree (Linux)."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

PROC = Path("/proc")
SAMPLE_SECONDS = 0.02
TREE_SECONDS = 0.2
"""How often the tree is walked anew; between two walks only the processes found are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command to measure; ``environment`` is added to this process's own."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU (user and system) and wall seconds, and the peak of resident memory in bytes, of a tree of processes."""

    cpu: float
    wall: float
    memory: int


class CommandError(Exception):
    """A measured command did not end well; the message holds the end of what it printed."""


def measure(command: Command, *, log: Path, timeout: float = 3600) -> Cost:
    """Run a command to its end, what it prints going to ``log``; raise ``CommandError`` when it does not exit with 0.

    CPU time is the kernel's account of the process and of all that it waited for (wait4), so that none is missed
    between samples; a command that leaves processes behind is a failure, for theirs would be.
    """
    with log.open("wb") as printed:
        started = time.perf_counter()
        process = subprocess.Popen(
            command.argv,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            env=os.environ | command.environment,
            cwd=command.folder,
            start_new_session=True,
        )
        watch = _MemoryWatch(process.pid)
        watch.start()
        overdue = threading.Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))
        overdue.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            overdue.cancel()
            watch.stop()
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandError(f"{command.argv[0]} ended with {process.returncode}: {_tail(log)}")
    if _has_left_processes(process.pid):
        os.killpg(process.pid, signal.SIGKILL)
        raise CommandError(f"{command.argv[0]} left processes behind")
    return Cost(cpu=usage.ru_utime + usage.ru_stime, wall=wall, memory=watch.peak)


def median_of(costs: list[Cost]) -> Cost:
    """Return the median of each measure."""
    return Cost(
        cpu=median(cost.cpu for cost in costs),
        wall=median(cost.wall for cost in costs),
        memory=round(median(cost.memory for cost in costs)),
    )


class _MemoryWatch(threading.Thread):
    """Samples the resident memory of a session's processes.

    The peak is that of the sum over the tree, or of one process's own high-water mark, whichever is larger: a lone
    process's peak is thus exact even between samples. (rusage's ru_maxrss is of no use here: a child starts with its
    parent's mark.)
    """

    def __init__(self, session: int) -> None:
        super().__init__(name="memory", daemon=True)
        self.peak = 0
        self._session = session
        self._stopped = threading.Event()

    def run(self) -> None:
        walked = float("-inf")
        members: list[Path] = []
        while not self._stopped.wait(SAMPLE_SECONDS):
            now = time.monotonic()
            if now - walked > TREE_SECONDS:
                members, walked = _members(self._session), now
            resident = [_memory(member) for member in members]
            self.peak = max(self.peak, sum(now for now, _ in resident), *(mark for _, mark in resident), 0)

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def _members(session: int) -> list[Path]:
    """Find the processes of a session."""
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                state = (entry / "stat").read_text()
            except OSError:  # it ended meanwhile
                continue
            # After the name, in brackets, which may hold anything: state, parent, group, session.
            if int(state.rpartition(")")[2].split()[3]) == session:
                found.append(entry)
    return found


def _memory(process: Path) -> tuple[int, int]:
    """Return a process's resident memory and its high-water mark in bytes; zeros when it has ended."""
    now = mark = 0
    try:
        status = (process / "status").read_text()
    except OSError:
        return 0, 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            mark = int(line.split()[1]) * 1024
        elif line.startswith("VmRSS:"):
            now = int(line.split()[1]) * 1024
    return now, mark


def _has_left_processes(session: int) -> bool:
    return bool(_members(session))


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
