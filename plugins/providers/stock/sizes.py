"""Sizes: which of a film's files is taken."""

from collections.abc import Iterable

from core.api import Parameter, ParameterType

SHORTEST_SIDE = Parameter(
    name="shortest_side",
    title="Quality",
    type=ParameterType.INT,
    default=1080,
    minimum=240,
    maximum=4320,
    help="Of a film's sizes the smallest is taken whose shorter side has as many pixels.",
    unit="px",
)


def smallest_enough(files: Iterable[tuple[int, int, str]], shortest_side: int) -> str:
    """Return the address of the smallest file (width, height, address) that is large enough, else of the largest.

    Empty without any.
    """
    sized = [(min(width, height), address) for width, height, address in files if address]
    enough = [each for each in sized if each[0] >= shortest_side]
    return min(enough)[1] if enough else max(sized, default=(0, ""))[1]
