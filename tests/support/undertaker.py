"""Renders in processes that are killed, and what they leave behind."""

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
ROOT = Path(__file__).parents[2]
# Tells a line for each event, so that a test can choose a moment without any clock.
SCRIPT = """
import signal, sys
from pathlib import Path
from core.host.host import PluginHost
from core.render.job import RenderJob, render
from core.render.opening import open_workshop
from core.render.preparing import prepare
from core.render.probing import Prober

signal.signal(signal.SIGINT, signal.default_int_handler)  # tests that run in the background ignore it
folder, workers = Path(sys.argv[1]), int(sys.argv[2])
home = folder / "home"
with open_workshop(home, owner="tests", workers=workers) as workshop, PluginHost.load(home=home) as host:
    text = (folder / "timeline.json").read_text()
    prepared = prepare(text, root=folder, home=home, host=host, probe=Prober(workshop.station).probe)
    job = RenderJob(plan=prepared.plan, output=folder / "out" / "video.mp4", materials=prepared.materials)
    render(job, workshop, lambda event: print(type(event).__name__, getattr(event, "outcome", ""), flush=True))
"""


class Render:
    """A render of ``folder/timeline.json`` in a process of its own."""

    def __init__(self, folder: Path, *, workers: int = 1) -> None:
        # Every frame is told, so that there are as many moments as frames.
        script = f"import core.render.progress\ncore.render.progress.EVERY_SECONDS = 0\n{SCRIPT}"
        self._process = subprocess.Popen(
            [sys.executable, "-c", script, str(folder), str(workers)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.events: list[str] = []

    def run(self, events: int | None = None) -> bool:
        """Let it run until it has told of so many events, or to its end; tell whether it came to its end."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.events.append(line.strip())
            if len(self.events) == events:
                return False
        _, errors = self._process.communicate()
        assert self._process.returncode == 0, errors
        return True

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it by a signal, and wait for that."""
        self._process.send_signal(number)
        self._process.communicate()

    def kill_a_child(self, depth: int) -> bool:
        """Kill the warm process (depth 1) or one of those that work (depth 2); tell whether there was one."""
        found = [self._process.pid]
        for _ in range(depth):
            found = [child for parent in found for child in children(parent)]
        for pid in found[:1]:
            os.kill(pid, signal.SIGKILL)
        return bool(found)

    @property
    def rendered(self) -> int:
        """How many segments were drawn."""
        return self.events.count("SegmentDone rendered")


@contextmanager
def orphans_waited_for() -> Iterator[None]:
    """Adopt what killed processes leave, and wait at the end until all of it has ended: none may stay."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    before = set(children(os.getpid()))
    try:
        yield
        while left := set(children(os.getpid())) - before:
            for pid in left:
                with suppress(ChildProcessError):  # another thread waited for it
                    os.waitpid(pid, 0)
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


def write_timeline(folder: Path, document: object) -> None:
    """Put a document where ``Render`` looks for it."""
    (folder / "timeline.json").write_text(json.dumps(document))


def children(pid: int) -> list[int]:
    """Return the processes that a process has started, those included that have ended and are not waited for."""
    try:
        return [
            int(child)
            for thread in Path(f"/proc/{pid}/task").iterdir()
            for child in (thread / "children").read_text().split()
        ]
    except OSError:
        return []


def family(pid: int) -> list[int]:
    """Return a process and all that it started, and they in turn, as far as they live."""
    return [*([pid] if _lives(pid) else []), *(each for child in children(pid) for each in family(child))]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def unfinished(folder: Path) -> list[str]:
    """Name what lies in the folder of running renders of the installation in ``folder``, beside its lock."""
    return [path.name for path in (folder / "home" / "rendering").iterdir() if path.name != "lock"]
