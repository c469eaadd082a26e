"""The log of a caged process: a file without a name that takes what it prints."""

import os
import tempfile
from pathlib import Path
from typing import IO

from core.cage.told import plain_text

TAIL = 16 * 1024
"""Bytes of a log's end that go with an error."""


def open_log(folder: Path) -> IO[bytes]:
    """Open a log on the disk that holds ``folder``; it is gone when it is closed."""
    return tempfile.TemporaryFile(dir=folder, buffering=0)


def tail(log: IO[bytes]) -> str:
    """Return the end of a log as text."""
    fd = log.fileno()
    size = os.fstat(fd).st_size
    return plain_text(os.pread(fd, TAIL, max(0, size - TAIL)).decode(errors="replace"))
