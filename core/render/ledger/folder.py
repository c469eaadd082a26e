"""The ledger in a folder: each piece in a folder of its own, beside its checksum.

That folder gets its name when both are on the disk, and loses it before they go: whatever is killed whenever, there is
the whole piece or none. Bookkeeping is the file system's: when a piece was last used is its folder's time of
modification. What is not finished, or going, has a name that begins with a dot.
"""

import errno
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from core.api import InvalidInput
from core.render.ledger.failures import LedgerFailed

LIMIT = 20 * 2**30
"""Bytes that an owner's pieces may take by default."""
KEPT_SHARE = 0.9
"""What is left of the limit when the ledger makes room: not each new piece shall cost another look at all."""
LOOK_SHARE = 0.01
"""How much of the limit a process keeps before it looks again at what all processes keep: so far each may pass it."""
LEFT_AFTER = 3600
"""Seconds after which an unfinished entry without a lock was left by a process that is gone."""
REMEMBERED = 10_000
"""How many pieces are remembered as verified; then that begins anew, or a process that runs for years would grow."""
PIECE, CHECKSUM = "piece", "sha256"
_MADE, _GONE, _LOCK, _ENTRY = ".made-", ".gone-", "lock", "entry"
_FORGOTTEN = ".forgotten"
_IN_THE_WAY = frozenset({errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR})
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


class Ledger:
    """One owner's pieces. For any thread, and for any number of processes at once.

    Owners have folders of their own, named by a hash: no name of an owner can lead to another's. No lock is held while
    a piece is read or written.
    """

    def __init__(self, folder: Path, *, owner: str, limit: int = LIMIT) -> None:
        """Open the ledger in ``folder``; ``limit`` is in bytes. Raise ``LedgerFailed`` where there can be none."""
        self._root = folder
        self._folder = folder / owner_name(owner)
        self._limit = limit
        self._lock = threading.Lock()
        self._unseen = limit  # bytes kept since all was looked at; never yet
        self._verified: dict[str, _Stamp] = {}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _sweep(self._root / _FORGOTTEN)
            _sweep(self._folder)
        except OSError as err:
            raise LedgerFailed(f"{folder} can't be a ledger: {err.strerror or err}") from err

    def get(self, key: str) -> Path | None:
        """Return the file of a key, None where there is none.

        It is compared with its checksum, once by each ledger as long as it does not change; a damaged one is removed.
        It may be removed at any time to make room: who needs it for longer asks for ``take``.
        """
        entry = self._entry(key)
        piece = entry / PIECE
        try:
            os.utime(entry)
            stamp = _Stamp.of(piece)
            if self._verified.get(key) != stamp:
                if digest_of(piece).encode() != (entry / CHECKSUM).read_bytes():
                    self._remove(entry)
                    return None
                if len(self._verified) >= REMEMBERED:
                    self._verified.clear()
                self._verified[key] = stamp
        except OSError:  # it is not there, or another process just removed it
            self._verified.pop(key, None)
            return None
        return piece

    def has(self, key: str) -> bool:
        """Tell whether there is a piece of a key. It is not verified, and does not count as used."""
        return (self._entry(key) / PIECE).is_file()

    def take(self, key: str, place: Path) -> bool:
        """Give the piece of a key a second name, ``place``, that nobody has; tell whether there was one.

        It stays there when the ledger makes room, forgets its owner or is removed, until ``place`` goes: with the
        folder that holds it, when its process is killed. On another file system it becomes a copy.
        Raise ``LedgerFailed`` when it can't be written there.
        """
        found = self.get(key)
        if found is None:
            return False
        try:
            _link(found, place)
        except OSError as err:
            if not found.exists():  # another process just removed it
                return False
            raise LedgerFailed(f"a piece can't be taken: {err.strerror or err}", hint="is the disk full?") from err
        return True

    def put(self, key: str, path: Path) -> Path:
        """Keep a finished file, which is taken over from ``path``; return where it lies.

        Where the key has a piece already, that one stays. Raise ``LedgerFailed`` when it can't be kept; then it lies
        at ``path`` still, and the ledger is as it was.
        """
        entry = self._entry(key)
        try:
            with self.arriving() as made:
                fresh = made / _ENTRY
                fresh.mkdir(mode=0o700)
                with _taken_over(path, fresh / PIECE):
                    size = _complete(fresh)
                    is_new = self._name(fresh, entry)
        except OSError as err:
            raise LedgerFailed(f"a piece can't be kept: {err.strerror or err}", hint="is the disk full?") from err
        if is_new:
            self._count(key, size)
        return entry / PIECE

    def remove(self, key: str) -> None:
        """Remove the piece of a key, if there is one: it is of no use. What is linked to it stays."""
        self._remove(self._entry(key))

    def forget(self) -> None:
        """Remove all that the owner has here. Raise ``LedgerFailed`` when something can't be removed.

        The name goes at once; what a killed process did not remove goes when the next ledger is opened in the folder.
        """
        self._verified.clear()
        gone = self._root / _FORGOTTEN / _gone_name()
        try:
            gone.parent.mkdir(exist_ok=True)
            with suppress(FileNotFoundError):  # nothing is kept, or another process was faster
                self._folder.rename(gone)
                _sync_folder(self._root)
                shutil.rmtree(gone)
        except OSError as err:
            raise LedgerFailed(f"what was kept can't be removed: {err.strerror or err}") from err

    @contextmanager
    def arriving(self) -> Iterator[Path]:
        """Make a folder in the ledger's file system for what is not finished; it goes with the context.

        A lock in it tells others that this process is at it: the kernel takes it away with the process.
        """
        made, lock = self._locked_folder()
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)
            os.close(lock)

    def _locked_folder(self) -> tuple[Path, int]:
        while True:
            self._folder.mkdir(parents=True, exist_ok=True)  # its owner may have been forgotten meanwhile
            made = Path(tempfile.mkdtemp(dir=self._folder, prefix=_MADE))
            try:
                lock = os.open(made / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError:
                made.rmdir()
                raise
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock).st_nlink:
                return made, lock
            os.close(lock)  # swept away between the two calls

    def _entry(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise InvalidInput(f"{key[:80]!r} is no key of a piece", path="key")
        return self._folder / key

    def _name(self, made: Path, entry: Path) -> bool:
        """Give a finished entry its name, unless a sound one has it; tell whether it was given."""
        while True:  # others may keep and remove the same key between any two steps
            try:
                made.rename(entry)
            except OSError as err:
                if err.errno not in _IN_THE_WAY:
                    raise
                if self.get(entry.name) is not None:
                    return False
                with suppress(FileNotFoundError):
                    self._detach(entry)
            else:
                _sync_folder(self._folder)
                return True

    def _count(self, key: str, size: int) -> None:
        """Count a new piece; now and then, look at all and make room: the longest unused go first, never this one."""
        with self._lock:
            self._unseen += size
            if self._unseen < self._limit * LOOK_SHARE:
                return
            self._unseen = 0
            entries = sorted(self._entries(), key=lambda entry: entry.used)
            total = sum(entry.size for entry in entries)
            if total <= self._limit:
                return
            for entry in entries:
                if total <= self._limit * KEPT_SHARE:
                    return
                if entry.path.name != key:
                    self._remove(entry.path)
                    total -= entry.size

    def _entries(self) -> Iterator["_Entry"]:
        with suppress(FileNotFoundError):  # the owner was just forgotten
            for path in self._folder.iterdir():
                if not path.name.startswith("."):
                    with suppress(OSError):  # another process just removed it
                        yield _Entry(path=path, size=(path / PIECE).stat().st_size, used=path.stat().st_mtime_ns)

    def _remove(self, entry: Path) -> None:
        with suppress(OSError):  # another process was faster
            self._detach(entry)

    def _detach(self, entry: Path) -> None:
        """Take an entry's name away at once, then its files. That needs no room on the disk."""
        self._verified.pop(entry.name, None)
        gone = self._folder / _gone_name()
        entry.rename(gone)
        _discard(gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    path: Path
    size: int
    used: int


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What tells one state of a file from another."""

    inode: int
    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> Self:
        found = path.lstat()
        return cls(found.st_ino, found.st_size, found.st_mtime_ns)


def owner_name(owner: str) -> str:
    """Return the name that an owner goes by in paths and keys. Any text is an owner, and no two share a name."""
    return hashlib.sha256(owner.encode(errors="surrogatepass")).hexdigest()


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _taken_over(path: Path, place: Path) -> Iterator[None]:
    """Move a file to ``place``, and back when the context fails.

    It has but one name meanwhile: who writes to ``path`` again, after a kill, shall not write into the ledger.
    """
    try:
        path.rename(place)
    except OSError:  # another file system
        shutil.copyfile(path, place, follow_symlinks=False)
        yield
        path.unlink()
        return
    try:
        yield
    except BaseException:
        with suppress(FileNotFoundError):  # it has its name in the ledger already
            place.rename(path)
        raise


def _complete(entry: Path) -> int:
    """Add the checksum to an entry's piece, and let all of it reach the disk; return the piece's size in bytes."""
    piece = entry / PIECE
    if not stat.S_ISREG(piece.lstat().st_mode):
        raise OSError("it is no file")
    with piece.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
        size = os.fstat(file.fileno()).st_size
    with (entry / CHECKSUM).open("w") as file:
        file.write(checksum)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(entry)
    return size


def _link(path: Path, place: Path) -> None:
    """Give a file a second name; where that can't be, copy it, whole or not at all."""
    try:
        os.link(path, place, follow_symlinks=False)
    except OSError:
        if os.path.lexists(place) or not os.path.lexists(path):
            raise
        try:
            shutil.copyfile(path, place, follow_symlinks=False)
        except OSError:
            place.unlink(missing_ok=True)
            raise


def _gone_name() -> str:
    return f"{_GONE}{secrets.token_hex(8)}"


def _sweep(folder: Path) -> None:
    """Remove what killed processes left: what was going, and what is not finished and nobody is at any more."""
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            if path.name.startswith(_GONE):
                _discard(path)
            elif path.name.startswith(_MADE):
                with suppress(OSError):  # its process is at it still, or another one was faster
                    _discard_if_left(path)


def _discard_if_left(made: Path) -> None:
    try:
        lock = os.open(made / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:  # it is just coming or going, or its process was killed at that moment
        if time.time() - made.stat().st_mtime > LEFT_AFTER:
            _discard(made)
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _discard(made)
    finally:
        os.close(lock)


def _discard(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
