"""Runs: commands that are measured, each in an empty folder of its own, and told on the terminal."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import Command, Cost, measure
from benchmarks.tables import MEGABYTE


class Runs:
    """The runs of a benchmark; their folders lie in ``scratch``. What is short is measured in ``rounds`` rounds."""

    def __init__(self, scratch: Path, *, rounds: int) -> None:
        self.rounds = rounds
        self._scratch = scratch

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Make an empty folder; it goes with all that is in it at the end."""
        with tempfile.TemporaryDirectory(dir=self._scratch) as name:
            yield Path(name)

    def measure(self, label: str, command: Command, folder: Path) -> Cost:
        """Run a command to its end; raise ``CommandError`` when it fails. Its log goes to ``folder``."""
        print(f"  {label} … ", end="", flush=True)
        cost = measure(command, log=folder / "log.txt")
        print(f"{cost.cpu:.1f} s CPU, {cost.wall:.1f} s, {cost.memory / MEGABYTE:.0f} MB", flush=True)
        return cost
