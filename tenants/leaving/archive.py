"""The archive: a ZIP file that is written beside its name, and takes it only when it is whole."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from tenants.leaving.failures import ExportBusy
from tenants.vault.files import VaultFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file of the archive; ``size`` in bytes before compression, ``sha256`` in lower-case hex."""

    path: str
    size: int
    sha256: str


class Member:
    """A file that is being written into the archive."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, content: bytes) -> None:
        """Write some of it."""
        self._file.write(content)
        self._digest.update(content)
        self.size += len(content)


class Archive:
    """A ZIP file being written, file after file. ``entries`` tells what is in it by now."""

    def __init__(self, file: ZipFile, *, moment: tuple[int, int, int, int, int, int]) -> None:
        self._file = file
        self._moment = moment
        self.entries: list[Entry] = []

    @contextmanager
    def member(self, path: str, *, is_compressed: bool = True) -> Iterator[Member]:
        """Write one file, of whatever size."""
        info = ZipInfo(path, date_time=self._moment)
        info.compress_type = ZIP_DEFLATED if is_compressed else ZIP_STORED
        info.external_attr = 0o600 << 16
        with self._file.open(info, "w", force_zip64=True) as file:
            member = Member(file)
            yield member
        self.entries.append(Entry(path=path, size=member.size, sha256=member.sha256))

    def add(self, path: str, content: bytes) -> None:
        """Write a small file."""
        with self.member(path) as member:
            member.write(content)


@contextmanager
def archive_at(target: Path, *, moment: tuple[int, int, int, int, int, int]) -> Iterator[Archive]:
    """Write an archive, readable by its owner alone, in place of what is there; it is there when it is on the disk.

    What an export that was killed has left is written over; after an error nothing is left. Raise ``ExportBusy``.
    """
    beside = target.with_name(f".{target.name}.part")
    beside.touch(mode=0o600)
    with beside.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = beside.stat().st_ino == os.fstat(file.fileno()).st_ino
        except (BlockingIOError, FileNotFoundError):
            is_ours = False
        if not is_ours:  # the file that was opened may have become the finished export just now: hands off
            raise ExportBusy(f"another export writes {target.name}")
        try:
            file.truncate()
            with ZipFile(file, "w") as zipped:
                yield Archive(zipped, moment=moment)
            file.flush()
            os.fsync(file.fileno())
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    VaultFiles(folder=target.parent).sync()
