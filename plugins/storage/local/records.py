"""Records: what a store knows of each file beside its bytes, in small JSON files of its own.

A file and its record can't be replaced at one instant. So a record describes up to two versions of a key, told apart
by size and time of change: it is written with the new version *before* that takes its place, and keeps the one that
lies there. Whatever moment the machine stops, the file that is found is described.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

FRESH = ".fresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One content of a key. ``mtime_ns`` and ``size`` tell it from others."""

    size: int
    mtime_ns: int
    sha256: str
    content_type: str

    def describes(self, found: os.stat_result) -> bool:
        """Tell whether a file that was found is this version."""
        return (self.size, self.mtime_ns) == (found.st_size, found.st_mtime_ns)


class Records:
    """The folder of records. Changes to one key are made under its lock, which other processes respect, too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def locked(self, key: str) -> Iterator[None]:
        """Hold the lock of a key (and of a few others)."""
        folder = self._shelf(key)
        folder.mkdir(exist_ok=True)  # without its parents: where the store's disk is unmounted there is none to make
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def read(self, key: str) -> tuple[Version, ...]:
        """Return the versions that are known of a key; none where the record is missing or damaged."""
        try:
            record = json.loads(self._path(key).read_bytes())
            return tuple(Version(**version) for version in record["versions"])
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return ()

    def write(self, key: str, versions: tuple[Version, ...]) -> None:
        """Replace a record, whole and on disk when this returns. The key must be locked."""
        path = self._path(key)
        record = {"key": key, "versions": [asdict(version) for version in versions]}
        # One name for what is being written: the key is locked, and a kill leaves nothing that the next does not take.
        fresh = path.with_suffix(FRESH)
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(record, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync_folder(path.parent)

    def remove(self, key: str) -> None:
        """Forget a key."""
        for suffix in (".json", FRESH):
            self._path(key).with_suffix(suffix).unlink(missing_ok=True)

    def _shelf(self, key: str) -> Path:
        return self._folder / _digest(key)[:2]

    def _path(self, key: str) -> Path:
        return self._shelf(key) / f"{_digest(key)}.json"


def sync_folder(folder: Path) -> None:
    """Write a folder's names to disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()
