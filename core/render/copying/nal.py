"""NAL units of H.264 and H.265: finding them in packets, and changing numbers near their beginning.

Emulation prevention (Rec. ITU-T H.264 7.4.1 and H.265 7.4.2): in the bytes that are stored, a 3 stands after any two
zeros that a byte below 4 follows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

_EMULATED = re.compile(rb"\x00\x00(?=[\x00-\x03])")
_START_CODE = b"\0\0\1"
LENGTH_SIZE = 4
"""How many bytes tell a NAL unit's length in what is written here."""
MOST_ZEROS = 32
"""Zeros before an Exp-Golomb number: no number of the standards takes more than 32 bits (H.264 9.1, H.265 9.2)."""


class DamagedUnit(ValueError):
    """A NAL unit ends too early, or says what it should not."""


def escape(raw: bytes) -> bytes:
    """Insert the bytes that prevent the emulation of start codes."""
    return _EMULATED.sub(b"\0\0\3", raw) + (b"\3" if raw.endswith(b"\0\0") else b"")


def unescape(stored: bytes) -> bytes:
    """Remove the bytes that prevent the emulation of start codes."""
    return stored.replace(b"\0\0\3", b"\0\0")


def units(packet: memoryview, length_size: int) -> Iterator[memoryview]:
    """Yield a packet's NAL units. ``length_size`` is 0 for Annex B. Raise ``DamagedUnit`` where lengths don't fit."""
    if length_size == 0:
        yield from _between_start_codes(packet)
        return
    place, end = 0, len(packet)
    while place < end:
        begin = place + length_size
        place = begin + int.from_bytes(packet[place:begin])
        if place > end or begin > end:
            raise DamagedUnit("a NAL unit is longer than its packet")
        if place > begin:
            yield packet[begin:place]


def _between_start_codes(packet: memoryview) -> Iterator[memoryview]:
    stored = bytes(packet)
    begin = stored.find(_START_CODE)
    while begin >= 0:
        begin += len(_START_CODE)
        end = stored.find(_START_CODE, begin)
        stop = len(stored) if end < 0 else end
        while stop > begin and not stored[stop - 1]:  # zeros may stand before a start code
            stop -= 1
        if stop > begin:
            yield packet[begin:stop]
        begin = end


def joined(stored: Iterator[bytes | memoryview]) -> bytes:
    """Return NAL units as one packet, each with its length before it."""
    parts: list[bytes | memoryview] = []
    for unit in stored:
        parts += (len(unit).to_bytes(LENGTH_SIZE), unit)
    return b"".join(parts)


class BitReader:
    """Reads numbers from a NAL unit without its emulation prevention. Raises ``DamagedUnit`` past its end."""

    def __init__(self, raw: bytes, position: int = 0) -> None:
        """Begin at a bit."""
        self._bits = int.from_bytes(raw)
        self._count = len(raw) * 8
        self.position = position

    def take(self, count: int) -> int:
        """Read an unsigned number of so many bits."""
        self.position += count
        if self.position > self._count:
            raise DamagedUnit("a NAL unit ends too early")
        return self._bits >> (self._count - self.position) & ((1 << count) - 1)

    def flag(self) -> bool:
        """Read one bit."""
        return bool(self.take(1))

    def number(self) -> int:
        """Read an unsigned Exp-Golomb number, ue(v): zeros, and one bit more than these of the number plus one."""
        left = self._count - self.position
        zeros = left - (self._bits & ((1 << left) - 1)).bit_length()
        if zeros > MOST_ZEROS:
            raise DamagedUnit("a NAL unit holds a number too large")
        return self.take(2 * zeros + 1) - 1

    def signed(self) -> int:
        """Read a signed Exp-Golomb number, se(v)."""
        number = self.number()
        return (number + 1) // 2 if number % 2 else -(number // 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class BitRange:
    """Where a number lies in a NAL unit without emulation prevention: bits ``[first, end)``."""

    first: int
    end: int
    value: int

    @classmethod
    def read(cls, reader: BitReader) -> Self:
        """Read an Exp-Golomb number and note where it lies."""
        first = reader.position
        value = reader.number()
        return cls(first=first, end=reader.position, value=value)


def golomb_length(value: int) -> int:
    """Return how many bits ue(v) takes."""
    return 2 * (value + 1).bit_length() - 1


def replaced(unit: bytes, place: BitRange, value: int) -> bytes:
    """Return a parameter set with another number in a place; what follows moves along, the trailing bits too."""
    raw = unescape(unit)
    bits = int.from_bytes(raw)
    count = len(raw) * 8
    stop = (bits & -bits).bit_length()  # the stop bit and the zeros behind it
    tail_length = count - place.end - stop + 1
    if bits == 0 or tail_length < 1:
        raise DamagedUnit("a parameter set has no end")
    head = bits >> (count - place.first)
    tail = bits >> (stop - 1) & ((1 << tail_length) - 1)
    length = golomb_length(value)
    changed = ((head << length | value + 1) << tail_length) | tail
    total = place.first + length + tail_length
    padding = -total % 8
    return escape((changed << padding).to_bytes((total + padding) // 8))


def respelled(unit: bytes | memoryview, place: BitRange, value: int) -> bytes:
    """Return a NAL unit with another number in a place; the number is as long, or a whole number of bytes longer.

    So all that follows stays in its place within its byte: only the unit's head is written anew, however long it is.
    """
    more, rest = divmod(golomb_length(value) - (place.end - place.first), 8)
    if rest or more < 0:
        raise ValueError("the number's length differs by a part of a byte")
    raw, used = _head(unit, -(-place.end // 8))
    count = len(raw) * 8
    bits = int.from_bytes(raw)
    tail_length = count - place.end
    length = golomb_length(value)
    changed = ((bits >> (count - place.first)) << length | value + 1) << tail_length | bits & ((1 << tail_length) - 1)
    return escape(changed.to_bytes(len(raw) + more)) + unit[used:]


def _head(unit: bytes | memoryview, least: int) -> tuple[bytes, int]:
    """Return at least so many raw bytes up to one that is not zero, and how many stored bytes they took.

    After a byte that is not zero, what is stored does not depend on what stands before it.
    """
    raw = bytearray()
    zeros = 0
    for used, byte in enumerate(unit):
        if zeros >= 2 and byte == 3:
            zeros = 0
            continue
        raw.append(byte)
        zeros = 0 if byte else zeros + 1
        if byte and len(raw) > least:
            return bytes(raw), used + 1
    return bytes(raw), len(unit)
