"""Ways to spoil what was sealed: each gives bytes that differ from the original."""

import random
from collections.abc import Iterator


def spoilt(original: bytes, *, seed: int, count: int) -> Iterator[bytes]:
    """Yield ``count`` different spoilt forms: bits flipped, cut off, extended, pieces swapped, zeroed or left out."""
    luck = random.Random(seed)
    seen = {original}
    while count:
        made = _spoil(original, luck)
        if made not in seen:
            seen.add(made)
            count -= 1
            yield made


def _spoil(original: bytes, luck: random.Random) -> bytes:
    spoiling = bytearray(original)
    at, other = luck.randrange(len(original)), luck.randrange(len(original))
    length = luck.randrange(1, 17)
    match luck.randrange(7):
        case 0 | 1:
            spoiling[at] ^= 1 << luck.randrange(8)
        case 2:
            del spoiling[at:]
        case 3:
            spoiling += luck.randbytes(length)
        case 4:
            spoiling[at], spoiling[other] = spoiling[other], spoiling[at]
        case 5:
            del spoiling[at : at + length]
        case _:
            spoiling[at : at + length] = bytes(len(spoiling[at : at + length]))
    return bytes(spoiling)
