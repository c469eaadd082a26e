"""A station: where work is done in this process. It has a cage for the workers and the ledger for what they make."""

import stat
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.api import MediaError
from core.render.report import WorkReport, work_report
from core.render.scratch import work_folder
from core.render.stopping import Stop
from core.render.work import Finishing, Indexing, Inspection, Message, PictureRun, Work
from core.render.writing import writing


class Launcher(Protocol):
    """Lets a worker work in a process of its own, which can write into ``folder`` and read ``inputs`` beside it."""

    def perform(
        self,
        work: Work | Finishing,
        folder: Path,
        *,
        inputs: Sequence[Path],
        on_message: Callable[[Message], None],
        cancelled: Stop,
    ) -> Message:
        """Call ``Worker.perform``. What the worker tells and returns comes from a process that is not trusted.

        Raise ``Cancelled`` within a second after ``cancelled`` is set; nothing is left of the process then.
        """


class KeptPieces(Protocol):
    """The store of finished pieces."""

    def get(self, key: str) -> Path | None:
        """Return the file of a key, whole and verified, or None."""

    def take(self, key: str, place: Path) -> bool:
        """Give the file of a key a second name, ``place``, under which it stays; tell whether there was one.

        Raise ``LedgerFailed`` when it can't be written there.
        """

    def put(self, key: str, path: Path) -> Path:
        """Keep a finished file under a key, taking it over; return where it lies now."""

    def remove(self, key: str) -> None:
        """Remove the file of a key, if there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """``folder`` holds a folder for each piece of work in progress, on the ledger's file system."""

    launcher: Launcher
    ledger: KeptPieces
    folder: Path

    def kept(self, key: str, work: Work, *, cancelled: Stop | None = None) -> Path:
        """Return what is kept under a key; have the work done that makes it where nothing is."""
        found = self.ledger.get(key)
        if found is None:
            self.produce(work, cancelled=cancelled or threading.Event())
            found = self.ledger.get(key)
        if found is None:
            raise _lost()
        return found

    def read[T](self, work: Inspection | Indexing, read: Callable[[bytes], T], *, cancelled: Stop | None = None) -> T:
        """Return what ``read`` makes of what a worker wrote; have it written where nothing is kept that can be read.

        Raise ``MediaError``, as ``read`` does, when what is written anew can't be read either.
        """
        with work_folder(self.folder, "reading-") as folder:
            place = folder / "written"
            if self.ledger.take(work.key, place):
                with suppress(MediaError):
                    return read(place.read_bytes())
                self.drop(work.key)
                place.unlink()
            self.produce(work, cancelled=cancelled or threading.Event())
            if not self.ledger.take(work.key, place):
                raise _lost()
            return read(place.read_bytes())

    def drop(self, key: str) -> None:
        """Remove what is kept under a key and is of no use: who makes it anew keeps that in its place."""
        self.ledger.remove(key)

    def produce(
        self,
        work: Work,
        *,
        cancelled: Stop,
        on_kept: Callable[[Sequence[str]], None] = lambda _keys: None,
        on_frames: Callable[[int], None] = lambda _frames: None,
    ) -> WorkReport:
        """Have work done and keep what it makes; return what the worker says of it.

        Each cut of a run is kept as soon as it is whole: what is done by then outlasts whatever happens to the rest.
        ``on_kept`` is told the keys, ``on_frames`` how many frames were drawn since.
        """
        with work_folder(self.folder, "work-") as parent:
            folder, taken = parent / "made", parent / "taken"
            with writing(parent):
                folder.mkdir()
                taken.mkdir()
            waiting = dict.fromkeys(work.keys)

            def keep(keys: Collection[str]) -> None:
                for key in keys:
                    waiting.pop(key)
                    # Out of the reach of the worker, which may run on, before it is looked at.
                    self.ledger.put(key, checked(_moved(folder / key, taken / key)))
                on_kept(tuple(keys))

            def listen(message: Message) -> None:
                match message:
                    case {"frames": int(frames)} if frames > 0:
                        on_frames(frames)
                    case {"cut": int(number)} if isinstance(work, PictureRun) and 0 <= number < len(work.cuts):
                        keep([key for key in work.keys_of(work.cuts[number]) if key in waiting])
                    case _:
                        raise MediaError("a worker said what it should not")

            done = self.launcher.perform(work, folder, inputs=work.paths, on_message=listen, cancelled=cancelled)
            if waiting:
                keep(tuple(waiting))
            return work_report(done)

    def finish(self, work: Finishing, folder: Path, *, cancelled: Stop) -> WorkReport:
        """Have finishing work done into a folder that the caller provides; return what the worker says of it."""
        done = self.launcher.perform(
            work, folder, inputs=work.paths, on_message=lambda _message: None, cancelled=cancelled
        )
        return work_report(done)


def checked(path: Path) -> Path:
    """Return the path of what a worker made. Raise ``MediaError`` unless it is a file of its own with content."""
    try:
        found = path.lstat()
    except OSError as err:
        raise _not_made(path) from err
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or not found.st_size:
        raise MediaError(f"a worker made {path.name}, but it is no file of its own")
    return path


def _moved(path: Path, place: Path) -> Path:
    try:
        return path.rename(place)
    except OSError as err:
        raise _not_made(path) from err


def _lost() -> MediaError:
    return MediaError("the ledger lost what it was just given", hint="give it more room")


def _not_made(path: Path) -> MediaError:
    return MediaError(f"a worker did not make {path.name}")
