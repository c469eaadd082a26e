"""The folder tree of a store, walked from its root by descriptors, so that no symbolic link is ever followed."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.api import InvalidInput, NotFound

OWN = ".reelhouse"
"""The folder under the root that is not for keys."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class Tree:
    """The root and the folders below it. Keys are checked before they come here."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def parent(self, key: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """Give the descriptor of the folder that holds a key, and the key's last part.

        Without ``make`` raise ``NotFound`` where there is no such folder. With it, missing folders are made and
        written to disk; ``InvalidInput`` is raised where a file or a link stands in the way, ``NotFound`` only when
        somebody removes a folder at that moment.
        """
        *folders, name = key.split("/")
        here = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for folder in folders:
                below = self._enter(here, folder, key, make=make)
                os.close(here)
                here = below
            yield here, name
        finally:
            os.close(here)

    def _enter(self, here: int, folder: str, key: str, *, make: bool) -> int:
        try:
            if make:
                _make(here, folder)
            return os.open(folder, _FOLDER, dir_fd=here)
        except OSError as err:
            if err.errno not in _NOT_THERE:
                raise
            if make and err.errno != errno.ENOENT:
                raise InvalidInput(f'"{key}" can\'t be stored: "{folder}" is no folder here', path="key") from err
            raise missing(key) from err

    def open(self, key: str) -> int:
        """Open what is stored under a key for reading; raise ``NotFound``."""
        with self.parent(key) as (folder, name):
            try:
                found = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
            except OSError as err:
                if err.errno in (*_NOT_THERE, errno.ENXIO):
                    raise missing(key) from err
                raise
        if not stat.S_ISREG(os.fstat(found).st_mode):
            os.close(found)
            raise missing(key)
        return found

    def remove(self, key: str) -> None:
        """Remove a key and the folders that it leaves empty; nothing happens when it is not there."""
        try:
            with self.parent(key) as (folder, name):
                if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                    return
                os.unlink(name, dir_fd=folder)
                os.fsync(folder)
        except (NotFound, FileNotFoundError):
            return
        self.prune(key)

    def prune(self, key: str) -> None:
        """Remove the empty folders above a key."""
        above, _, _ = key.rpartition("/")
        while above:
            try:
                with self.parent(above) as (folder, name):
                    os.rmdir(name, dir_fd=folder)
            except (OSError, NotFound):  # it holds something else, or another has removed it
                return
            above, _, _ = above.rpartition("/")

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin with a prefix, in their order. Links and unreadable names are left out."""
        yield from self._below("", prefix)

    def _below(self, path: str, prefix: str) -> Iterator[str]:
        try:
            with os.scandir(self.root / path) as listed:
                entries = [
                    (each.name, each.is_dir(follow_symlinks=False), each.is_file(follow_symlinks=False))
                    for each in listed
                ]
        except (FileNotFoundError, NotADirectoryError):
            if not path:  # the root: a store that is gone is not an empty one
                raise
            return  # removed meanwhile
        # A folder sorts as its keys do, with the stroke that follows its name.
        for name, is_folder, is_file in sorted(entries, key=lambda each: f"{each[0]}/" if each[1] else each[0]):
            key = f"{path}{name}"
            if key == OWN or not _is_text(name):
                continue
            if is_folder and (f"{key}/".startswith(prefix) or prefix.startswith(f"{key}/")):
                yield from self._below(f"{key}/", prefix)
            elif is_file and key.startswith(prefix):
                yield key


def _make(here: int, folder: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(folder, dir_fd=here)
        os.fsync(here)


def missing(key: str) -> NotFound:
    """Return the error for a key that is not there."""
    return NotFound(f'nothing is stored under "{key}"')


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
