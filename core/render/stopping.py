"""Requests to stop, for work in this process and in others."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Stop(Protocol):
    """Tells whether work is still wanted, as ``threading.Event`` does."""

    def is_set(self) -> bool:
        """Return whether to stop."""


@dataclass(frozen=True, slots=True)
class StopFile:
    """A request to stop that reaches other processes: it is made when the file is there."""

    path: Path

    def is_set(self) -> bool:
        """Return whether to stop."""
        return self.path.exists()
