"""NAL units: found in packets, and changed at their heads alone."""

import random
from collections.abc import Sequence

import pytest

from core.render.copying.nal import (
    BitRange,
    BitReader,
    DamagedUnit,
    escape,
    golomb_length,
    joined,
    replaced,
    respelled,
    unescape,
    units,
)


def found(packet: bytes, length_size: int) -> list[bytes]:
    return [bytes(unit) for unit in units(memoryview(packet), length_size)]


def golomb(value: int) -> str:
    return f"{value + 1:b}".zfill(golomb_length(value))


def of_bits(bits: str) -> bytes:
    padded = bits + "0" * (-len(bits) % 8)
    return int(padded, 2).to_bytes(len(padded) // 8)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_units_with_lengths_are_found_in_order(size: int) -> None:
    parts = [b"\x65abc", b"\x41d", b"\x06" + b"e" * 200]
    packet = b"".join(len(part).to_bytes(size) + part for part in parts)
    assert found(packet, size) == parts


def test_units_with_start_codes_are_found_without_the_zeros_around_them() -> None:
    packet = b"\0\0\0\1\x09\x10\0\0\1\x67ab\0\0\0\0\1\x65c\0\0\3\0\x80\0"
    assert found(packet, 0) == [b"\x09\x10", b"\x67ab", b"\x65c\0\0\3\0\x80"]


@pytest.mark.parametrize("packet", [b"\0\0\0\5abcd", b"\0\0\0", b"\0\0\0\1a\0\0\0\x7f"])
def test_a_unit_longer_than_its_packet_is_damaged(packet: bytes) -> None:
    with pytest.raises(DamagedUnit, match="longer than its packet"):
        found(packet, 4)


def test_a_packet_without_start_codes_has_no_units() -> None:
    assert found(b"\x65abc", 0) == []
    assert found(b"", 4) == []


def test_empty_units_are_passed_over() -> None:
    assert found(b"\0\0\0\0\0\0\0\1a", 4) == [b"a"]


def test_joined_units_are_found_again() -> None:
    parts = [b"\x67a", b"\x65" + b"b" * 300]
    assert found(joined(iter(parts)), 4) == parts


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        (b"\0\0\0\4", b"\0\0\3\0\4"),
        (b"\0\0\1\0\0\2\0\0\3", b"\0\0\3\1\0\0\3\2\0\0\3\3"),
        (b"\0\0\4", b"\0\0\4"),
        (b"\0\0\0\0\0\1", b"\0\0\3\0\0\3\0\1"),
        (b"a\0\0", b"a\0\0\3"),
    ],
)
def test_start_codes_are_not_emulated(raw: bytes, stored: bytes) -> None:
    assert escape(raw) == stored
    assert unescape(stored) == raw


def test_numbers_are_read_as_exponential_golomb_codes() -> None:
    numbers = [0, 1, 2, 7, 254, 65_535]
    reader = BitReader(of_bits("".join(golomb(number) for number in numbers)))
    assert [reader.number() for _ in numbers] == numbers


def test_signed_numbers_alternate() -> None:
    reader = BitReader(of_bits("".join(golomb(number) for number in range(5))))
    assert [reader.signed() for _ in range(5)] == [0, 1, -1, 2, -2]


@pytest.mark.parametrize("raw", [b"", b"\0", b"\0\0\0\0\0\0\0\0"])
def test_reading_past_the_end_is_damage(raw: bytes) -> None:
    with pytest.raises(DamagedUnit):
        BitReader(raw).number()


def with_number(head: str, value: int, rest: Sequence[int]) -> bytes:
    """Return a unit of these bits, a number and these bytes' bits; its first byte is a header."""
    bits = "01100101" + head + golomb(value) + "".join(f"{byte:08b}" for byte in rest)
    return escape(of_bits(bits[: len(bits) // 8 * 8]))


@pytest.mark.parametrize(("old", "new"), [(0, 15), (0, 30), (1, 31), (2, 62), (1, 2), (6, 100), (0, 0)])
def test_a_respelled_unit_is_the_one_that_would_have_been_written(old: int, new: int) -> None:
    choice = random.Random(7)
    for _ in range(400):
        head = "".join(choice.choices("01", k=choice.randrange(40)))
        # Many zeros and small bytes: there emulation prevention moves about.
        rest = [choice.choice((0, 0, 0, 1, 2, 3, 4, 128, 255)) for _ in range(choice.randrange(4, 60))] + [0x80, 0x80]
        unit, wanted = with_number(head, old, rest), with_number(head, new, rest)
        place = BitRange(first=8 + len(head), end=8 + len(head) + golomb_length(old), value=old)
        assert bytes(respelled(memoryview(unit), place, new)) == wanted


def test_only_whole_bytes_are_put_in() -> None:
    unit = with_number("", 0, [1, 2, 3, 4])
    for value in (1, 3, 14, 31):
        with pytest.raises(ValueError, match="part of a byte"):
            respelled(unit, BitRange(first=8, end=9, value=0), value)
    with pytest.raises(ValueError, match="part of a byte"):
        respelled(with_number("", 15, [1, 2, 3, 4]), BitRange(first=8, end=17, value=15), 0)


@pytest.mark.parametrize(("old", "new"), [(0, 1), (0, 15), (3, 0), (200, 2), (5, 5)])
def test_a_parameter_set_moves_its_end_along(old: int, new: int) -> None:
    def unit(value: int) -> bytes:
        return escape(of_bits("01100111" + "1010" + golomb(value) + "110000000000000000000000000001" + "1"))

    place = BitRange(first=12, end=12 + golomb_length(old), value=old)
    assert replaced(unit(old), place, new) == unit(new)


def test_a_parameter_set_without_an_end_is_damaged() -> None:
    with pytest.raises(DamagedUnit, match="has no end"):
        replaced(b"\x67\x80\0\0\0", BitRange(first=8, end=9, value=0), 3)
