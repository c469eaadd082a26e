"""Pictures: stills through Pillow, their headers checked before they are decoded."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from core.api import MediaError
from core.media.intake.failures import PICTURE_FAULTS, reading_picture
from core.media.intake.limits import LIMITS, Limits
from core.media.intake.signatures import recognise

_ORIENTATION = 0x0112
_PNG_SIGNATURE_BYTES = 8
_CHECKSUM_BYTES = 4
_MOST_EXIF_BYTES = 2**20
UPRIGHT = 1


@contextmanager
def open_picture(path: Path, *, limits: Limits = LIMITS) -> Iterator[Image.Image]:
    """Open a picture; its pixels are decoded when they are asked for.

    Pillow's formats are imported one by one as they are needed. Raise ``MediaError`` for what is no picture of an
    allowed kind, is too large, or can't be decoded: then, and for all that is done with it inside the ``with``.
    """
    form = recognise(path, limits).picture
    if not form:
        raise MediaError(f"{path.name}: is no picture")
    with reading_picture(path), Image.open(path, formats=(form,)) as image:
        limits.check_size(path.name, *image.size)
        yield image


def orientation(image: Image.Image, path: Path) -> int:
    """Return how an open picture lies, by its EXIF: 1 to 8, of which 5 to 8 are turned by a quarter.

    Nothing is decoded. Source: EXIF 2.32, tag 0x0112. What can't be read is taken for upright.
    """
    try:
        exif = Image.Exif()
        if image.format == "PNG":  # asked for its EXIF, Pillow decodes the whole picture to look behind it
            exif.load(image.info.get("exif") or _exif_of_png(path))
        else:
            exif = image.getexif()
        found = exif.get(_ORIENTATION, UPRIGHT)
    except PICTURE_FAULTS:
        return UPRIGHT
    return found if found in range(1, 9) else UPRIGHT


def _exif_of_png(path: Path) -> bytes:
    """Return a PNG's EXIF, wherever its chunk stands; empty when there is none."""
    with path.open("rb") as file:
        file.seek(_PNG_SIGNATURE_BYTES)
        while len(head := file.read(8)) == 8 and head[4:] != b"IEND":
            size = int.from_bytes(head[:4])
            if head[4:] == b"eXIf":
                return file.read(min(size, _MOST_EXIF_BYTES))
            file.seek(size + _CHECKSUM_BYTES, 1)
    return b""
