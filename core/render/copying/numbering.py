"""Ids for parameter sets, so that those of several streams can stand in one header."""

from collections.abc import Iterable, Iterator
from itertools import chain

from core.render.copying.nal import golomb_length


class Crowded(ValueError):
    """There are more parameter sets than ids that they could be given."""


def free_id(wanted: Iterable[int], used: set[int]) -> int:
    """Return the first id that is not used, and use it. Raise ``Crowded`` when there is none."""
    for number in wanted:
        if number not in used:
            used.add(number)
            return number
    raise Crowded("too many different parameter sets")


def as_easily_written(number: int, most: int) -> Iterator[int]:
    """Yield the ids below ``most`` that take as many bits as a number, then those that take a byte more."""
    length = golomb_length(number)
    ways = (tuple(each for each in range(most) if golomb_length(each) == length + more) for more in (0, 8))
    return chain.from_iterable(ways)
