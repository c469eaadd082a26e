"""What the harness asks of a tool."""

from pathlib import Path
from typing import Protocol

from benchmarks.measure import Command
from benchmarks.scenes import Scene


class Tool(Protocol):
    """A competitor."""

    name: str
    """As the tables call it."""

    def version(self) -> str:
        """Return the version that is measured."""
        ...

    def command(self, scene: Scene, output: Path, folder: Path) -> Command | None:
        """Return the command that renders ``scene`` to ``output``, or None when the tool cannot.

        ``folder`` is an empty one, the run's own, for scripts and scratch files.
        """
        ...
