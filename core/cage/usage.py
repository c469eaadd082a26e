"""What a caged job uses, as its host can see it from outside."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 512
"""Bytes of what ``st_blocks`` counts, on every file system (stat(2))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a job has used: ``cpu_seconds`` of all its threads, and the most resident memory at once, in bytes."""

    cpu_seconds: float
    peak_memory: int


class FolderUse:
    """How much a folder has grown since this was made. Links are not followed."""

    def __init__(self, folder: Path, *, entries: int) -> None:
        self._folder = folder
        self._most = entries
        self._entries, self._bytes = self._measured(None)

    def grown(self) -> tuple[int, int]:
        """Return by how many entries and bytes on disk; counting stops past ``entries`` more than there were."""
        entries, size = self._measured(self._entries + self._most)
        return entries - self._entries, size - self._bytes

    def _measured(self, most: int | None) -> tuple[int, int]:
        entries = size = 0
        for entry in _walk(self._folder):
            entries += 1
            if most is not None and entries > most:
                break
            with suppress(OSError):  # it may have gone since
                size += entry.stat(follow_symlinks=False).st_blocks * _BLOCK
        return entries, size


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    folders = [str(folder)]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)


def threads_of(pid: int) -> int:
    """Return how many threads a process has; 0 when it has ended."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("Threads:"):
                return int(line.removeprefix("Threads:"))
    return 0
