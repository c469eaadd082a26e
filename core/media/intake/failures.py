"""Failures: what FFmpeg, Pillow and the system raise over an untrusted file, told in a sentence with its name."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from PIL import Image

from core.api import MediaError, ReelhouseError

PICTURE_FAULTS = (
    OSError,
    ValueError,
    ArithmeticError,
    LookupError,
    SyntaxError,
    TypeError,
    EOFError,
    RuntimeError,
    AssertionError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow raises over broken pictures: each of its formats has its own way."""


_DAMAGED = "it is damaged or cut off"
_UNSUPPORTED = "it uses what FFmpeg does not support"
_FOR_DAMAGE = (
    av.error.InvalidDataError,
    av.error.EOFError,
    av.error.ArgumentError,
    av.error.ExternalError,
    av.error.PermissionError,
    av.error.UnknownError,
    av.error.BugError,
)
"""What FFmpeg raises over broken files beside the error that is meant for it."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what is raised while a file is read or decoded into ``MediaError``; our own errors pass through."""
    try:
        yield
    except ReelhouseError:
        raise
    except MemoryError as err:  # FFmpeg's own, too
        raise MediaError(f"{path.name}: needs more memory than there is", hint="give it smaller or shorter") from err
    except _FOR_DAMAGE as err:
        raise MediaError(f"{path.name}: can't be read: {_DAMAGED}") from err
    except av.error.PatchWelcomeError as err:
        raise MediaError(f"{path.name}: can't be read: {_UNSUPPORTED}") from err
    except (av.FFmpegError, OSError) as err:
        raise MediaError(f"{path.name}: can't be read: {err.strerror or err}") from err
    except (ValueError, ArithmeticError) as err:
        # Headers whose text, times or sizes can't be: not UTF-8, beyond 64 bits, divided by zero.
        raise MediaError(f"{path.name}: its headers can't be read") from err


@contextmanager
def reading_picture(path: Path) -> Iterator[None]:
    """Turn what Pillow raises over a picture into ``MediaError``; our own errors pass through."""
    try:
        yield
    except ReelhouseError:
        raise
    except MemoryError as err:
        raise MediaError(f"{path.name}: needs more memory than there is", hint="give it smaller") from err
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as err:
        raise MediaError(f"{path.name}: the picture is too large") from err
    except PICTURE_FAULTS as err:
        raise MediaError(f"{path.name}: can't be decoded: {getattr(err, 'strerror', None) or _DAMAGED}") from err
