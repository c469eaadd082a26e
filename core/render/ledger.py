"""The ledger: finished pieces, each kept under the key of all that it depends on.

A piece lies in a folder of its own, beside its checksum. The folder gets its name when both are on the disk, and loses
it before they go: whatever is killed whenever, there is the whole piece or none. Bookkeeping is the file system's:
when a piece was last used is its folder's time of modification.
"""

import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from core.api import ReelhouseError

LIMIT = 20 * 2**30
"""Bytes that an owner's pieces may take by default."""
KEPT_SHARE = 0.9
"""What is left of the limit when the ledger makes room: not each new piece shall cost another look at all."""
LEFT_AFTER = 3600
"""Seconds after which an unfinished entry was left by a process that is gone."""
PIECE, CHECKSUM = "piece", "sha256"
_UNFINISHED = "."


class LedgerFailed(ReelhouseError):
    """The ledger's folder can't be written: the disk is full, or it is not ours."""

    code = "ledger_failed"
    status = 507


class Ledger:
    """One owner's pieces. For any thread, and for any number of processes at once.

    Owners have folders of their own, named by a hash: no name of an owner can lead to another's.
    """

    def __init__(self, folder: Path, *, owner: str, limit: int = LIMIT) -> None:
        """Open the ledger in ``folder``; ``limit`` is in bytes."""
        self._folder = folder / hashlib.sha256(owner.encode()).hexdigest()
        self._limit = limit
        self._lock = threading.Lock()
        self._verified: set[_Stamp] = set()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._size = sum(entry.size for entry in self._entries())
        self._remove_left()

    def get(self, key: str) -> Path | None:
        """Return the file of a key, None where there is none.

        It is compared with its checksum, once by each ledger as long as it does not change; a damaged one is removed.
        """
        entry = self._folder / key
        piece = entry / PIECE
        try:
            stamp = _Stamp.of(piece)
            if stamp not in self._verified:
                if _digest(piece) != (entry / CHECKSUM).read_text():
                    self._remove(entry)
                    return None
                self._verified.add(stamp)
            os.utime(entry)
        except OSError:  # it is not there, or another process just removed it
            return None
        return piece

    def put(self, key: str, path: Path) -> Path:
        """Keep a finished file, which is taken over from ``path``; return where it lies.

        Where the key has a piece already, that one stays. Raise ``LedgerFailed`` when it can't be kept.
        """
        entry = self._folder / key
        try:
            made = Path(tempfile.mkdtemp(dir=self._folder, prefix=_UNFINISHED))
            try:
                self._fill(made, path)
                self._name(made, entry)
            finally:
                shutil.rmtree(made, ignore_errors=True)
            self._count((entry / PIECE).stat().st_size)
        except OSError as err:
            raise LedgerFailed(f"a piece can't be kept: {err.strerror or err}", hint="is the disk full?") from err
        return entry / PIECE

    def forget(self) -> None:
        """Remove all that the owner has here."""
        shutil.rmtree(self._folder)

    def _fill(self, made: Path, path: Path) -> None:
        (made / CHECKSUM).write_text(_digest(path))
        try:
            path.rename(made / PIECE)
        except OSError:  # another file system
            shutil.copyfile(path, made / PIECE)
            path.unlink()
        for name in (PIECE, CHECKSUM):
            with (made / name).open("rb") as file:
                os.fsync(file.fileno())
        _sync_folder(made)

    def _name(self, made: Path, entry: Path) -> None:
        """Give a finished entry its name, unless a sound one has it."""
        try:
            made.rename(entry)
        except OSError:
            if self.get(entry.name) is not None:
                return
            self._remove(entry)
            made.rename(entry)
        _sync_folder(self._folder)

    def _count(self, size: int) -> None:
        """Count a new piece, and make room when there are too many bytes: the longest unused go first."""
        with self._lock:
            self._size += size
            if self._size <= self._limit:
                return
            entries = sorted(self._entries(), key=lambda entry: entry.used)
            self._size = sum(entry.size for entry in entries)
            for entry in entries[:-1]:  # never what just came
                if self._size <= self._limit * KEPT_SHARE:
                    return
                self._remove(entry.path)
                self._size -= entry.size

    def _entries(self) -> Iterator["_Entry"]:
        for path in self._folder.iterdir():
            if not path.name.startswith(_UNFINISHED):
                with suppress(OSError):  # another process just removed it
                    yield _Entry(path=path, size=(path / PIECE).stat().st_size, used=path.stat().st_mtime_ns)

    def _remove(self, entry: Path) -> None:
        """Take an entry's name away at once, then its files."""
        with suppress(OSError):  # another process was faster
            going = Path(tempfile.mkdtemp(dir=self._folder, prefix=_UNFINISHED))
            entry.rename(going / entry.name)
            shutil.rmtree(going, ignore_errors=True)

    def _remove_left(self) -> None:
        """Remove what killed processes left unfinished."""
        for path in self._folder.iterdir():
            if path.name.startswith(_UNFINISHED):
                with suppress(OSError):  # its process is at it still
                    if time.time() - path.stat().st_mtime > LEFT_AFTER:
                        shutil.rmtree(path, ignore_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    path: Path
    size: int
    used: int


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What tells one state of a file from another."""

    path: Path
    inode: int
    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> Self:
        found = path.lstat()
        return cls(path, found.st_ino, found.st_size, found.st_mtime_ns)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
