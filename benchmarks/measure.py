"""What a command costs: the CPU time, wall time and peak memory of its whole process tree (Linux)."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from core.cage.kernel import prctl

PROC = Path("/proc")
PR_SET_CHILD_SUBREAPER = 36
"""Of prctl(2): orphans among a process's descendants become its own children, not those of init."""
MARK_SECONDS = 0.02
"""How often the processes' own high-water marks are read, which costs next to nothing."""
SUM_SECONDS = 0.2
"""How often the tree is walked and its memory summed: the kernel goes through all pages for that."""
LEAVE_SECONDS = 2.0
"""How long what a command started may outlive it: some end when they see that it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command to measure; ``environment`` is added to this process's own. It may use ``cores``, if they are named."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    cores: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU (user and system) and wall seconds, and the peak of memory in bytes, of a tree of processes."""

    cpu: float
    wall: float
    memory: int


class CommandError(Exception):
    """A measured command did not end well; the message holds the end of what it printed."""


def measure(command: Command, *, log: Path, timeout: float = 3600) -> Cost:
    """Run a command to its end, what it prints going to ``log``; raise ``CommandError`` when it does not exit with 0.

    CPU time is the kernel's account of the process and of all that it waited for (wait4), so that none is missed
    between samples, and of what ended after it without being waited for. A command that leaves processes behind is a
    failure, for theirs would be missing.
    """
    strangers = _children()
    with log.open("wb") as printed, _adopting():
        started = time.perf_counter()
        with _on_cores(command.cores):
            process = subprocess.Popen(
                command.argv,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                env=os.environ | command.environment,
                cwd=command.folder,
                start_new_session=True,
            )
        watch = _MemoryWatch(strangers)
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
        late, is_left = _orphans_cpu(strangers)
    if process.returncode:
        raise CommandError(f"{command.argv[0]} ended with {process.returncode}: {_tail(log)}")
    if is_left:
        raise CommandError(f"{command.argv[0]} left processes behind")
    return Cost(cpu=usage.ru_utime + usage.ru_stime + late, wall=wall, memory=watch.peak)


def median_of(costs: list[Cost]) -> Cost:
    """Return the median of each measure."""
    return Cost(
        cpu=median(cost.cpu for cost in costs),
        wall=median(cost.wall for cost in costs),
        memory=round(median(cost.memory for cost in costs)),
    )


@contextmanager
def _on_cores(cores: tuple[int, ...]) -> Iterator[None]:
    """Let this thread, and what it starts meanwhile, run on some cores alone, or on all where none is named."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _adopting() -> Iterator[None]:
    """Make orphans among this process's descendants its own children."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0)


def _orphans_cpu(strangers: frozenset[int]) -> tuple[float, bool]:
    """Wait for what a command that has ended left running; return its CPU seconds, and whether it had to be killed."""
    cpu, patience, is_left = 0.0, time.monotonic() + LEAVE_SECONDS, False
    while orphans := _children() - strangers:
        for pid in orphans:
            if time.monotonic() > patience:
                is_left = True
                os.kill(pid, signal.SIGKILL)
            ended, _, usage = os.wait4(pid, 0 if is_left else os.WNOHANG)
            if ended:
                cpu += usage.ru_utime + usage.ru_stime
        time.sleep(0.01)
    return cpu, is_left


class _MemoryWatch(threading.Thread):
    """Samples the memory of this process's descendants but ``strangers`` and theirs.

    The peak is that of the sum over the tree of each process's proportional set size, in which a page that several
    processes share counts in equal parts (so once in the sum), or of one process's own high-water mark, whichever is
    larger: a lone process's peak is thus exact even between samples. (rusage's ru_maxrss is of no use here: a child
    starts with its parent's mark.)
    """

    def __init__(self, strangers: frozenset[int]) -> None:
        super().__init__(name="memory", daemon=True)
        self.peak = 0
        self._strangers = strangers
        self._stopped = threading.Event()

    def run(self) -> None:
        summed = float("-inf")
        members: list[Path] = []
        while not self._stopped.wait(MARK_SECONDS):
            now = time.monotonic()
            if now - summed > SUM_SECONDS:
                members, summed = _descendants(self._strangers), now
                self.peak = max(self.peak, sum(_proportional(member) for member in members))
            self.peak = max(self.peak, *(_kilobytes(member / "status", "VmHWM:") for member in members), 0)

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def _children() -> frozenset[int]:
    """Return this process's children, those that have ended and were not waited for among them."""
    return frozenset(pid for pid, parent in _parents().items() if parent == os.getpid())


def _descendants(strangers: frozenset[int]) -> list[Path]:
    """Return this process's children but ``strangers``, with all their descendants, whatever session they are in."""
    parents = _parents()
    found = [pid for pid, parent in parents.items() if parent == os.getpid() and pid not in strangers]
    for each in found:
        found += (pid for pid, parent in parents.items() if parent == each)
    return [PROC / str(pid) for pid in found]


def _parents() -> dict[int, int]:
    """Return the parent of each process."""
    parents = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                state = (entry / "stat").read_text()
            except OSError:  # it ended meanwhile
                continue
            # After the name, in brackets, which may hold anything: state, parent.
            parents[int(entry.name)] = int(state.rpartition(")")[2].split()[1])
    return parents


def _proportional(process: Path) -> int:
    """Return a process's proportional set size in bytes; 0 when it has ended.

    Of one that hides from its user, as a caged one does, root alone may read that. For others it is the resident size,
    in which shared pages count whole: too much, never too little.
    """
    return _kilobytes(process / "smaps_rollup", "Pss:") or _kilobytes(process / "status", "VmRSS:")


def _kilobytes(path: Path, name: str) -> int:
    """Return a line's kilobytes as bytes; 0 when it can't be read."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
