"""Arrivals: files on their way into a store. One that nobody holds any more is swept away."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from io import FileIO
from pathlib import Path

from core.api import NotReady

CHUNK = 1024 * 1024


class Arrivals:
    """The folder where files arrive, on the file system of the store. Each is locked by whoever writes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def receive(self, source: FileIO, check: Callable[[], None]) -> Iterator["Arrival"]:
        """Copy ``source`` in, verified and on disk; what was not moved away is removed at the end.

        ``check`` is called between chunks; what it raises ends the copying.
        """
        path, handle = self._new()
        try:
            digest, size = _copy(source, handle, check)
            os.fsync(handle)
            _verify(path, handle, digest, check)
            yield Arrival(path, handle, digest, size)
        finally:
            path.unlink(missing_ok=True)
            os.close(handle)

    def sweep(self) -> None:
        """Remove what a stopped process left behind: the system has released its locks."""
        for path in self._folder.iterdir():
            with suppress(OSError):
                handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink(missing_ok=True)
                finally:
                    os.close(handle)

    def _new(self) -> tuple[Path, int]:
        while True:
            path = self._folder / secrets.token_hex(16)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_nlink:
                return path, handle
            os.close(handle)  # swept away between the two calls


class Arrival:
    """A file that has arrived whole, not yet in its place."""

    def __init__(self, path: Path, handle: int, digest: str, size: int) -> None:
        self.path = path
        self.sha256 = digest
        self.size = size
        self._handle = handle

    def stat(self) -> os.stat_result:
        """Return its size and times."""
        return os.fstat(self._handle)

    def differ_from(self, other: os.stat_result) -> None:
        """Change its time until it differs from another file of its size, as coarse as the file system may count."""
        step = 1
        while self.stat().st_size == other.st_size and self.stat().st_mtime_ns == other.st_mtime_ns:
            later = other.st_mtime_ns + step
            os.utime(self._handle, ns=(later, later))
            step *= 10
        os.fsync(self._handle)


def _copy(source: FileIO, target: int, check: Callable[[], None]) -> tuple[str, int]:
    digest, size = sha256(), 0
    buffer = memoryview(bytearray(CHUNK))
    while count := source.readinto(buffer):
        check()
        digest.update(buffer[:count])
        size += count
        written = 0
        while written < count:
            written += os.write(target, buffer[written:count])
    return digest.hexdigest(), size


def _verify(path: Path, written: int, wanted: str, check: Callable[[], None]) -> None:
    """Read what was written again, from the disk where the system lets go of its copy."""
    os.posix_fadvise(written, 0, 0, os.POSIX_FADV_DONTNEED)
    digest = sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK):
            check()
            digest.update(chunk)
    if digest.hexdigest() != wanted:
        raise NotReady("the disk gave back other bytes than were written", hint="check the disk of the store")
