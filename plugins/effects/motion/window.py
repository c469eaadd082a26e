"""Windows: the part of a picture that is seen, and its way from one to another."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi, sin

EASES: dict[str, Callable[[float], float]] = {
    "linear": lambda t: t,
    "ease-in": lambda t: 1 - cos(t * pi / 2),
    "ease-out": lambda t: sin(t * pi / 2),
    "ease-in-out": lambda t: (1 - cos(t * pi)) / 2,
}
"""Sine eases: of the usual families the gentlest, whose speed never jumps."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture: its centre as fractions of the picture, and how many times it is enlarged to fill it."""

    x: float
    y: float
    zoom: float

    @classmethod
    def inside(cls, focus: tuple[float, float], zoom: float) -> "Window":
        """Return the window centred on ``focus``, or as near to it as the picture's edges let it."""
        half = 0.5 / zoom
        x, y = (min(max(at, half), 1 - half) for at in focus)
        return cls(x, y, zoom)

    def toward(self, other: "Window", progress: float) -> "Window":
        """Return the window on the straight way to another.

        The zoom grows by equal factors in equal times, which is seen as a steady speed; the centre moves along with
        the window's size, so that one point of the picture stands still throughout.
        """
        zoom = self.zoom * (other.zoom / self.zoom) ** progress
        span = 1 / other.zoom - 1 / self.zoom
        share = (1 / zoom - 1 / self.zoom) / span if abs(span) > 1e-9 else progress
        return Window(self.x + (other.x - self.x) * share, self.y + (other.y - self.y) * share, zoom)
