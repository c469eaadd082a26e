"""Supplemental information (SEI): which of a source's messages go along with its pictures."""

from collections.abc import Iterator

from core.render.copying.nal import escape, unescape

RECOVERY_POINT, FILM_GRAIN = 6, 19
KEPT = (RECOVERY_POINT, FILM_GRAIN)
"""What decoding may need, the same numbers in H.264 and H.265.

The rest tells of buffers and clocks, which are others after cutting, or of the camera and where it was.
"""


def kept_messages(unit: bytes, *, header: int) -> bytes | None:
    """Return a unit with those of its messages that are kept, if any; ``header`` is the length of a unit's own one."""
    raw = unescape(unit)
    kept = [message for kind, message in _messages(raw, header) if kind in KEPT]
    return escape(raw[:header] + b"".join(kept) + b"\x80") if kept else None


def _messages(raw: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and the whole of each message (7.3.2.3.1 of H.264, 7.3.5 of H.265)."""
    while len(raw) - place > 2:
        begin = place
        kind, place = _number(raw, place)
        size, place = _number(raw, place)
        place += size
        yield kind, raw[begin:place]


def _number(raw: bytes, place: int) -> tuple[int, int]:
    """Read a number that is written as a sum of bytes, of which all but the last are 255; return where it ends."""
    number = 0
    while raw[place : place + 1] == b"\xff":
        number, place = number + 255, place + 1
    return number + int.from_bytes(raw[place : place + 1]), place + 1
