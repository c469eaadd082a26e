"""Scratch: folders for work in progress. What a killed process left behind goes when the next one comes.

A lock on a file in a process's folder tells that it lives: the kernel takes it away with the process, however that
ends.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TextIO

from core.render.writing import writing

LOCK = "lock"


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """Make a process's own folder in ``parent``, and remove those whose process is gone.

    Raise ``MediaError`` when there can be none.
    """
    with writing(parent):
        folder, lock = _own_folder(parent)
    with lock:
        try:
            yield folder
        finally:
            remove_folder(folder)


@contextmanager
def work_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Make a folder in ``parent`` for one piece of work; it goes with the context.

    Raise ``MediaError`` when there can be none.
    """
    with writing(parent):
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
    try:
        yield folder
    finally:
        remove_folder(folder)


def remove_folder(folder: Path) -> None:
    """Remove a folder into which nobody writes any more, as far as it can be: the rest is left for the next process.

    A hostile worker may have put folders into each other by the thousands, and ``shutil.rmtree`` holds a descriptor
    for each level. So what lies deep is brought up first.
    """
    with suppress(OSError):
        up = Path(tempfile.mkdtemp(dir=folder))
        numbers = count()
        waiting = [folder]
        while waiting:
            inner = [path for path in waiting.pop().iterdir() if path.is_dir() and not path.is_symlink() and path != up]
            for path in inner:
                path.chmod(0o700)
                waiting.append(path.rename(up / str(next(numbers))))
    shutil.rmtree(folder, ignore_errors=True)


def _own_folder(parent: Path) -> tuple[Path, TextIO]:
    """Make a folder with a lock that tells that it is used; return both."""
    parent.mkdir(parents=True, exist_ok=True)
    with (parent / LOCK).open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        for left in parent.iterdir():
            if left.is_dir():
                _remove_if_left(left)
        folder = Path(tempfile.mkdtemp(dir=parent))
        lock = (folder / LOCK).open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        return folder, lock


def _remove_if_left(folder: Path) -> None:
    """Remove a folder whose process is gone. One without a lock is being removed, or its remover was killed."""
    with suppress(BlockingIOError):
        with suppress(FileNotFoundError), (folder / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove_folder(folder)
