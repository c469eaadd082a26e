"""Mutants: files that were good once, spoilt in ways that hurt readers. The same seed gives the same mutants."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.support.structures import fields, mended

TEXTS = frozenset({"srt", "vtt", "cube"})
_HEAD = 512
"""Where headers stand in most files: every second blow falls here."""
_NUMBERS = (
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    2**63 - 1,
    2**64 - 1,
)
_WORDS = (
    *("-1", "0", "99999999999999999999", "1e309", "nan", "-inf", "0x10", "00:00:00,000", "99:99:99,999", "-->"),
    *(
        "<00:00:01.000>",
        "<i",
        "</",
        "&#0;",
        "&#x110000;",
        "{\\an8",
        "\x00",
        "\ufeff",
        "\u202e",
        "٣",
        "#",
        "LUT_3D_SIZE 129",
    ),
)

type Content = bytearray


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A spoilt file; ``kind`` is that of its seed, ``ways`` tell what was done to it."""

    number: int
    kind: str
    ways: tuple[str, ...]
    content: bytes


def mutants(seeds: Mapping[str, bytes], count: int, *, seed: int) -> Iterator[Mutant]:
    """Yield ``count`` mutants, of every kind in turn; a mutant's content depends on its number and ``seed`` alone."""
    kinds = sorted(seeds)
    for number in range(count):
        chance = random.Random(f"{seed} {number}")
        kind = kinds[number % len(kinds)]
        ways = tuple(chance.choice(_TEXT_WAYS if kind in TEXTS else _WAYS) for _ in range(chance.choice((1, 1, 2, 4))))
        content = bytearray(seeds[kind])
        for way in ways:
            way(content, chance)
        if chance.random() < 0.2:
            content = bytearray(_spliced(content, seeds[chance.choice(kinds)], chance))
        whole = mended(bytes(content)) if chance.random() < 0.8 else bytes(content)
        yield Mutant(number=number, kind=kind, ways=tuple(way.__name__.strip("_") for way in ways), content=whole)


def _place(content: Content, chance: random.Random) -> int:
    return chance.randrange(min(len(content), _HEAD) if chance.random() < 0.5 else len(content)) if content else 0


def _stretch(content: Content, chance: random.Random) -> slice:
    start = _place(content, chance)
    return slice(start, start + chance.choice((1, 4, 16, 64, 188, 1024)))


def _flip_bits(content: Content, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 8, 32)) if content else 0):
        content[_place(content, chance)] ^= 1 << chance.randrange(8)


def _overwrite(content: Content, chance: random.Random) -> None:
    stretch = _stretch(content, chance)
    content[stretch] = chance.randbytes(len(content[stretch]))


def _truncate(content: Content, chance: random.Random) -> None:
    del content[_place(content, chance) :]


def _swap_blocks(content: Content, chance: random.Random) -> None:
    size = chance.choice((4, 16, 188, 512))
    if len(content) >= 2 * size:
        first, second = sorted(chance.sample(range(0, len(content) - size + 1, size), 2))
        content[first : first + size], content[second : second + size] = (
            content[second : second + size],
            content[first : first + size],
        )


def _repeat(content: Content, chance: random.Random) -> None:
    piece = bytes(content[_stretch(content, chance)])
    place = _place(content, chance)
    content[place:place] = piece * chance.choice((1, 2, 64))


def _remove(content: Content, chance: random.Random) -> None:
    del content[_stretch(content, chance)]


def _blank(content: Content, chance: random.Random) -> None:
    stretch = _stretch(content, chance)
    content[stretch] = chance.choice((b"\0", b"\xff")) * len(content[stretch])


def _change_number(content: Content, chance: random.Random) -> None:
    """Put a number that programs stumble over anywhere."""
    _put(content, (_place(content, chance), chance.choice((1, 2, 4, 8))), chance)


def _change_field(content: Content, chance: random.Random) -> None:
    """Put a number that programs stumble over, or one that is nearly right, where a length or count stands."""
    found = fields(bytes(content))
    for field in chance.sample(found, min(len(found), chance.choice((1, 1, 3)))):
        _put(content, field, chance)


def _put(content: Content, field: tuple[int, int], chance: random.Random) -> None:
    place, width = field
    order = chance.choice(("big", "little"))
    before = int.from_bytes(content[place : place + width], order)
    number = chance.choice(
        (*_NUMBERS, before + 1, before - 1, before * 2, before * 256, before // 2, chance.getrandbits(32))
    )
    content[place : place + width] = (number & (1 << 8 * width) - 1).to_bytes(width, order)


def _put_word(content: Content, chance: random.Random) -> None:
    words = content.split(b" ")
    words[chance.randrange(len(words))] = bytearray(chance.choice(_WORDS).encode())
    content[:] = b" ".join(words)


def _shuffle_lines(content: Content, chance: random.Random) -> None:
    lines = content.split(b"\n")
    chance.shuffle(lines)
    content[:] = b"\n".join(lines)


def _lengthen_line(content: Content, chance: random.Random) -> None:
    place = _place(content, chance)
    content[place:place] = chance.choice((b"9", b"<", b"{\\", b"<00:00:01.000>", b"\xc3")) * chance.choice((100, 6_000))


def _spliced(first: bytes, second: bytes, chance: random.Random) -> bytes:
    """Return the beginning of one file with the end of another."""
    return first[: chance.randrange(len(first) + 1)] + second[chance.randrange(len(second) + 1) :]


type _Way = Callable[[Content, random.Random], None]

_WAYS: Sequence[_Way] = (
    _flip_bits,
    _flip_bits,
    _overwrite,
    _truncate,
    _swap_blocks,
    _repeat,
    _remove,
    _blank,
    _change_number,
    _change_number,
    _change_field,
    _change_field,
    _change_field,
)
_TEXT_WAYS: Sequence[_Way] = (
    _flip_bits,
    _overwrite,
    _truncate,
    _repeat,
    _remove,
    _put_word,
    _put_word,
    _shuffle_lines,
    _lengthen_line,
)
