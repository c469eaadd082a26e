"""Encoding: sessions that write one file each, and the caption files beside it."""

from core.media.encode.session import open_session
from core.media.encode.sidecars import write_sidecars

__all__ = ["open_session", "write_sidecars"]
