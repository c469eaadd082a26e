"""Writing: what can't be written ends in an error that names the place and, when the disk is full, says what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

from PIL import Image

from core.api import MediaError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_ROOM = "make room on the disk and render again: what is finished is kept"


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Write to ``place`` or into it. Raise ``MediaError`` when the system refuses, with a hint where the disk is full.

    Errors of our own pass as they are.
    """
    try:
        yield
    except OSError as err:
        raise unwritten(place, err) from err


def unwritten(place: Path, error: OSError) -> MediaError:
    """Return the error that says that ``place`` can't be written."""
    return MediaError(f"{place}: can't be written: {error.strerror or error}", hint=room_hint(error))


def room_hint(error: BaseException) -> str | None:
    """Say what to do about an error that comes of a full disk, however deep down; None for any other."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _FULL:
            return _ROOM
        cause = cause.__cause__
    return None


def write_picture(picture: Image.Image, path: Path, form: str, *, quality: int) -> None:
    """Write a picture in a ``form`` that Pillow knows. Raise ``OSError`` when it can't be written whole."""
    content = BytesIO()  # Pillow does not notice when a full disk takes only a part of what it writes
    picture.save(content, form, quality=quality)
    path.write_bytes(content.getvalue())


def write_whole(path: Path, text: str) -> Path:
    """Write a file, whole or not at all; return ``path``. Raise ``MediaError`` when it can't be written.

    What was there before lies there still then.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with writing(path):
            part.write_text(text, encoding="utf-8")
            part.replace(path)
    finally:
        with suppress(OSError):  # it may not be there
            part.unlink()
    return path
