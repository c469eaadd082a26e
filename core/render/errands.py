"""Errands: work given to an executor, as its caller and its worker see it through what both can reach."""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Protocol

from core.cage import CageEnd
from core.render.ledger.shelf import Shelf

ROOM = "errands"
"""What the keys of notes begin with in a store."""
LOOK_SECONDS = 0.5
"""How often a worker asks a store whether its work is still wanted, at most."""


class WorkerLost(CageEnd):
    """The executor lost the process that did the work, or could not run it."""

    code = "worker_lost"
    status = 503


class Errand(Protocol):
    """A piece of work on its way. A ``Stop`` for whoever does it."""

    def begin(self) -> None:
        """Note that a worker begins. Raise ``WorkerLost`` when one began before.

        Executors give work again whose worker died. How often that is done is the render's to decide, not theirs.
        """

    def is_set(self) -> bool:
        """Return whether to stop."""

    def stop(self) -> None:
        """Ask whoever does it to stop."""

    def close(self) -> None:
        """Remove the notes: it is over."""


@dataclass(frozen=True, slots=True)
class FolderErrand:
    """An errand whose notes are files beside ``path``, in a folder that caller and workers share."""

    path: Path

    def begin(self) -> None:
        """See ``Errand``."""
        try:
            self._begun.touch(exist_ok=False)
        except FileExistsError as err:
            raise _given_again() from err

    def is_set(self) -> bool:
        """See ``Errand``."""
        return self.path.exists()

    def stop(self) -> None:
        """See ``Errand``."""
        self.path.touch()

    def close(self) -> None:
        """See ``Errand``."""
        self._begun.unlink(missing_ok=True)

    @property
    def _begun(self) -> Path:
        return self.path.with_suffix(".begun")


class StoredErrand:
    """An errand whose notes are small objects on a shelf, under ``name``."""

    def __init__(self, shelf: Shelf, name: str) -> None:
        self._shelf = shelf
        self._name = name
        self._looked = -LOOK_SECONDS
        self._is_stopped = False

    def begin(self) -> None:
        """See ``Errand``."""
        if self._shelf.stat(f"{self._name}.begun") is not None:
            raise _given_again()
        self._shelf.note(f"{self._name}.begun")

    def is_set(self) -> bool:
        """See ``Errand``."""
        now = monotonic()
        if not self._is_stopped and now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._is_stopped = self._shelf.stat(self._name) is not None
        return self._is_stopped

    def stop(self) -> None:
        """See ``Errand``."""
        self._shelf.note(self._name)

    def close(self) -> None:
        """See ``Errand``."""
        self._shelf.delete(f"{self._name}.begun")


def _given_again() -> WorkerLost:
    return WorkerLost("the worker that began this work is gone")
