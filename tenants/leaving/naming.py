"""Naming: file names within an export that every system can hold, whatever a tenant has called its things."""

import mimetypes
import re
import unicodedata
from uuid import UUID

_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST = 60


def safe_name(title: str, row: UUID, *, ending: str = "") -> str:
    """Return a title as a file's name, made unique, on systems that ignore case too, by the row's id.

    The id stands behind the title, so the name is none that Windows reserves; what stands before is letters, digits,
    ``_``, ``-`` and inner dots alone.
    """
    plain = _UNSAFE.sub("_", unicodedata.normalize("NFC", title)).strip("._-")[:_LONGEST].rstrip("._-")
    # Windows takes what stands before the first dot for the name of a device.
    return f"{plain.replace('.', '_') or 'untitled'}-{row}{ending}"


def ending_of(media_type: str) -> str:
    """Return the usual ending of a media type's files, ``.bin`` where there is none."""
    return mimetypes.guess_extension(media_type, strict=False) or ".bin"
