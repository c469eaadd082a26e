"""Files that nobody else may read, and that are there whole or not at all."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from tenants.keys.failures import MasterKeyInvalid

MODE = 0o600
OTHERS = 0o077


def is_there(path: Path) -> bool:
    """Tell whether there is anything of that name; a link to nowhere is, so that it is refused and not passed over."""
    return path.exists(follow_symlinks=False)


def read_private(path: Path, *, at_most: int) -> bytes:
    """Return a file's content. Raise ``MasterKeyInvalid`` where others could have read or changed it.

    Refused: symbolic links and what is no file, files of other users but root, any right of group or world, more than
    ``at_most`` bytes.
    """
    with _opened(path) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise MasterKeyInvalid(f"{path} is not a file")
        if found.st_mode & OTHERS:
            raise MasterKeyInvalid(f"{path} can be used by others than its owner", hint=f"chmod 600 {path}")
        if found.st_uid not in (os.geteuid(), 0):
            raise MasterKeyInvalid(f"{path} belongs to another user (id {found.st_uid})")
        content = file.read(at_most + 1)
    if len(content) > at_most:
        raise MasterKeyInvalid(f"{path} has more than {at_most} bytes")
    return content


def create_private(path: Path, content: bytes) -> bool:
    """Make a file with mode 600, synced to disk; return False, and change nothing, when it is there already.

    Written under another name first, so that a crash leaves no half of it; linked, because renaming would replace.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, content)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    _sync_folder(path.parent)
    return True


def replace_private(path: Path, content: bytes) -> None:
    """Put a file with mode 600, synced to disk, in the place of the one there: at any moment one of them is whole."""
    draft = _draft(path, content)
    try:
        draft.replace(path)
    except OSError:
        draft.unlink()
        raise
    _sync_folder(path.parent)


@contextmanager
def alone_at(path: Path) -> Iterator[None]:
    """Keep other processes that ask for the same from changing files of that folder meanwhile."""
    descriptor = _folder(path.parent)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _opened(path: Path) -> BinaryIO:
    try:
        return open(path, "rb", opener=_without_following)
    except OSError as err:
        raise MasterKeyInvalid(f"{path} can't be opened: {err.strerror}", hint="It may be no symbolic link.") from err


def _without_following(path: str, flags: int) -> int:
    # Nor waiting for a writer, should it be a pipe.
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except OSError:
        draft.unlink()
        raise
    return draft


def _sync_folder(folder: Path) -> None:
    descriptor = _folder(folder)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _folder(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
