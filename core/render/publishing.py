"""Publishing: a finished file gets its name, at once and whole, wherever it lies."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from core.api import MediaError
from core.render.writing import unwritten


def publish(made: Path, output: Path) -> Path:
    """Move a finished file or folder to ``output``, in the place of what lies there; return ``output``.

    Its content has reached the disk before its name does. Raise ``MediaError`` when the place can't be written, or is
    a folder that holds something else than what was published there before. What was there then lies there still.
    """
    part = output.with_name(f".{output.name}.part")
    try:
        if made.is_dir() and _holds_something_else(output, made):
            raise MediaError(f"{output}: is a folder that holds something else", hint="give the output another name")
        _remove(part)
        try:
            made.rename(part)
        except OSError:  # another file system
            shutil.move(made, part)
        _sync(part)
        _put(part, output)
        _sync_folder(output.parent)
    except OSError as err:
        raise unwritten(output, err) from err
    finally:  # it is there, too, where both are names of one file already: rename(2) does nothing then
        with suppress(OSError):
            _remove(part)
    return output


def _holds_something_else(place: Path, made: Path) -> bool:
    """Tell whether a place is a folder with files, none of which has the name of one in the folder that was made."""
    if not place.is_dir() or place.is_symlink():
        return False
    names = {path.name for path in place.iterdir()}
    return bool(names) and names.isdisjoint(path.name for path in made.iterdir())


def _put(part: Path, output: Path) -> None:
    """Give a file or folder its name. What can't be replaced in one step steps aside until that is done."""
    old = output.with_name(f".{output.name}.old")
    is_in_the_way = part.is_dir() and os.path.lexists(output)
    if is_in_the_way:
        _remove(old)
        output.rename(old)
    try:
        part.replace(output)
    except BaseException:
        if is_in_the_way and not os.path.lexists(output):
            old.rename(output)
        raise
    _remove(old)


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
