"""How several values become one string of bytes that can be read in one way only."""

FRAME_BYTES = 4
NUMBER_BYTES = 8


def framed(*parts: bytes) -> bytes:
    """Join parts, each after its length (4 bytes, big-endian): no two lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(FRAME_BYTES) + part for part in parts)


def number(value: int) -> bytes:
    """Return a number from 0 to 2**64 - 1 as 8 bytes, big-endian; raise ``OverflowError`` for others."""
    return value.to_bytes(NUMBER_BYTES)
