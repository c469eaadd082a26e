"""Scratch: a process's own folder for work in progress. What a killed process left behind goes when the next one comes.

A lock on a file in it tells that its process lives: the kernel takes it away with the process, however that ends.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = "lock"


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """Make a folder in ``parent`` for the time of the context, and remove those whose process is gone."""
    parent.mkdir(parents=True, exist_ok=True)
    with (parent / LOCK).open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        for left in parent.iterdir():
            if left.is_dir():
                _remove_if_left(left)
        folder = Path(tempfile.mkdtemp(dir=parent))
        lock = (folder / LOCK).open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    with lock:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_if_left(folder: Path) -> None:
    with suppress(FileNotFoundError, BlockingIOError):  # it is being removed, or in use
        with (folder / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
