"""Grains: the numbers that a dissolve is made of, drawn step by step as ``transitions.json`` defines them.

PCG64 is the generator XSL RR 128/64 of M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically
Good Algorithms for Random Number Generation" (2014). Its state and stream come from the seed by the mixing of 32-bit
words that M. E. O'Neill describes in "Developing a seed_seq Alternative" (2015), with the constants and the order of
NumPy's ``SeedSequence``.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

_WORD, _OUTPUT, _STATE = 2**32, 2**64, 2**128
_MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
_POOL_WORDS = 4
_HASH_START, _HASH_FACTOR = 0x43B0D7E5, 0x931E8875
_DRAW_START, _DRAW_FACTOR = 0x8B51F9DD, 0x58F38DED
_MIX_LEFT, _MIX_RIGHT = 0xCA01F9DD, 0x4973F715
_SHIFT = 16


def grain_at(seed: int, place: int) -> float:
    """Return the number of one grain, from 0 to below 1, counted along the rows from the top left."""
    return _grains(seed, place // 1024)[place % 1024]


@lru_cache(maxsize=8)
def _grains(seed: int, block: int) -> tuple[float, ...]:
    return tuple(islice(grains(seed), block * 1024, (block + 1) * 1024))


def grains(seed: int) -> Iterator[float]:
    """Yield the numbers of a seed without end."""
    for output in _outputs(seed % 2**63):
        for half in (output % _WORD, output // _WORD):
            yield (half >> 8) / 2**24


def _outputs(seed: int) -> Iterator[int]:
    """Yield the generator's 64-bit outputs."""
    words = _seed_words(seed)
    state, stream = (
        words[start + 1] * _WORD + words[start] << 64 | words[start + 3] * _WORD + words[start + 2] for start in (0, 4)
    )
    increment = (2 * stream + 1) % _STATE
    state = ((increment + state) * _MULTIPLIER + increment) % _STATE
    while True:
        state = (state * _MULTIPLIER + increment) % _STATE
        folded, turn = (state // _OUTPUT) ^ (state % _OUTPUT), state >> 122
        yield (folded >> turn | folded << (-turn % 64)) % _OUTPUT


def _seed_words(seed: int) -> list[int]:
    """Spread a seed of at most 64 bits over eight words of 32."""
    hashed = _Hash(_HASH_START, _HASH_FACTOR)
    pool = [hashed(seed >> 32 * place & _WORD - 1) for place in range(_POOL_WORDS)]
    for source in range(_POOL_WORDS):
        for target in range(_POOL_WORDS):
            if source != target:
                pool[target] = _mixed(pool[target], hashed(pool[source]))
    draw = _Hash(_DRAW_START, _DRAW_FACTOR)
    return [draw(pool[place % _POOL_WORDS]) for place in range(2 * _POOL_WORDS)]


class _Hash:
    """A hash of words that changes with each use."""

    def __init__(self, start: int, factor: int) -> None:
        self._key = start
        self._factor = factor

    def __call__(self, word: int) -> int:
        word ^= self._key
        self._key = self._key * self._factor % _WORD
        word = word * self._key % _WORD
        return word ^ word >> _SHIFT


def _mixed(left: int, right: int) -> int:
    word = (left * _MIX_LEFT - right * _MIX_RIGHT) % _WORD
    return word ^ word >> _SHIFT
