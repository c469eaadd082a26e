"""Staging files: where uploads grow until they are whole. What a file holds has come, and is on the disk."""

import asyncio
import errno
import fcntl
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from tenants.library.failures import ChecksumMismatch, StorageFull, TooLarge, UploadBusy, WrongOffset

WRITE_BYTES = 1024 * 1024
"""How much is gathered before it is written."""
ALGORITHMS = ("sha256", "sha1", "md5")
"""Checksums that are understood. The weak ones find accidents, which is what they are for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checksum:
    """What a part must hash to; ``algorithm`` is one of ``ALGORITHMS``."""

    algorithm: str
    digest: bytes


class Staging:
    """The staging files below a folder, each tenant's in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, tenant: UUID, upload: UUID) -> Path:
        """Return where an upload's file lies."""
        return self._folder / str(tenant) / str(upload)

    def make(self, tenant: UUID, upload: UUID) -> None:
        """Make the empty file of an upload."""
        path = self.path(tenant, upload)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def offset(self, tenant: UUID, upload: UUID) -> int | None:
        """Return how many bytes have come; None where there is no file."""
        try:
            return self.path(tenant, upload).stat().st_size
        except FileNotFoundError:
            return None

    def remove(self, tenant: UUID, upload: UUID) -> None:
        """Remove an upload's file, if it is there."""
        for path in (self.path(tenant, upload), _beside(self.path(tenant, upload))):
            path.unlink(missing_ok=True)

    def sweep(self, before: datetime) -> int:
        """Remove the files that nothing was written to since; return how many. Their rows go when next looked at."""
        count = 0
        for path in self._folder.glob("*/*"):
            if path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                count += 1
        return count

    async def append(
        self,
        tenant: UUID,
        upload: UUID,
        parts: AsyncIterator[bytes],
        *,
        offset: int,
        size: int,
        checksum: Checksum | None = None,
    ) -> int:
        """Append what comes to an upload of ``size`` bytes; return how many there are then.

        What has come when the sender breaks off is kept, unless a checksum was promised: then it is all or nothing.
        Raise ``UploadBusy``, ``WrongOffset``, ``TooLarge`` (what fits is kept, the rest is not), ``ChecksumMismatch``,
        ``StorageFull``, ``FileNotFoundError``.
        """
        path = self.path(tenant, upload)
        with _alone(path) as file:
            begun = os.fstat(file).st_size
            if begun != offset:
                raise WrongOffset(begun)
            if checksum is None:
                await _write(file, parts, room=size - begun, digest=None)
            else:
                await _write_checked(path, file, parts, room=size - begun, checksum=checksum)
            return os.fstat(file).st_size


async def _write_checked(path: Path, file: int, parts: AsyncIterator[bytes], *, room: int, checksum: Checksum) -> None:
    """Gather the part beside, and append it when it is what it should be."""
    digest = hashlib.new(checksum.algorithm, usedforsecurity=False)
    beside = os.open(_beside(path), os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600)
    try:
        await _write(beside, parts, room=room, digest=digest)
        if digest.digest() != checksum.digest:
            raise ChecksumMismatch
        await asyncio.to_thread(_copy, beside, file)
    finally:
        os.close(beside)
        _beside(path).unlink(missing_ok=True)


async def _write(file: int, parts: AsyncIterator[bytes], *, room: int, digest: "hashlib._Hash | None") -> None:
    """Write what comes at the end of a file, as far as there is room; all of it is on the disk afterwards."""
    waiting = bytearray()
    try:
        async for part in parts:
            room -= len(part)
            waiting += part if room >= 0 else part[:room]
            if len(waiting) >= WRITE_BYTES or room < 0:
                await asyncio.to_thread(_flush, file, waiting, digest)
            if room < 0:
                raise TooLarge("more has come than was announced; the rest was not kept")
    finally:  # also when the sender breaks off
        _flush(file, waiting, digest)
        await asyncio.shield(asyncio.to_thread(os.fsync, file))


def _flush(file: int, waiting: bytearray, digest: "hashlib._Hash | None") -> None:
    if digest is not None:
        digest.update(waiting)
    with _disk_errors(), memoryview(waiting) as view:
        written = 0
        while written < len(view):
            written += os.write(file, view[written:])
    waiting.clear()


def _copy(source: int, target: int) -> None:
    with _disk_errors():
        size, copied = os.fstat(source).st_size, 0
        while copied < size:
            copied += os.sendfile(target, source, copied, size - copied)
        os.fsync(target)


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """Open an upload's file for one sender at a time, whatever process it talks to."""
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UploadBusy("another part of this upload is being sent") from None
        os.lseek(file, 0, os.SEEK_END)
        yield file
    finally:
        os.close(file)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as err:
        if err.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull from err
        raise


def _beside(path: Path) -> Path:
    return path.with_suffix(".checked")
