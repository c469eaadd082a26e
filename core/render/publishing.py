"""Publishing: a finished file gets its name, at once and whole, wherever it lies."""

import os
import shutil
from pathlib import Path

from core.api import MediaError


def publish(made: Path, output: Path) -> Path:
    """Move a finished file or folder to ``output``, in the place of what lies there; return ``output``.

    Its content has reached the disk before its name does. Raise ``MediaError`` when the place can't be written; what
    was there before then lies there still.
    """
    part = output.with_name(f".{output.name}.part")
    try:
        _remove(part)
        try:
            made.rename(part)
        except OSError:  # another file system
            shutil.move(made, part)
        _sync(part)
        if part.is_dir() and output.exists():
            _remove(output)  # a folder's place can't be taken while another one is there
        part.replace(output)
        _remove(part)  # it stays where both are names of one file already (rename(2) does nothing then)
        _sync_folder(output.parent)
    except OSError as err:
        _remove(part)
        raise MediaError(f"{output}: can't be written: {err.strerror or err}") from err
    return output


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Let the content of a file, or of all files in a folder, reach the disk."""
    for each in (path, *path.rglob("*")) if path.is_dir() else (path,):
        if each.is_file():
            with each.open("rb") as file:
                os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Let the names in a folder reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
