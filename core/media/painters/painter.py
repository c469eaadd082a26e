"""Painters: sources that are drawn rather than decoded, as the compositor sees them."""

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from core.api import Rgba
from core.media.text.fonts import FontWarning


@dataclass(frozen=True, slots=True, kw_only=True)
class Bleed:
    """Pixels that a drawing reaches beyond its box: shadows, strokes, letters that hang over."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0


class Painter(Protocol):
    """Draws one source at one size. One owner, one thread.

    ``width`` and ``height`` are the box in whole output pixels. ``is_static``: the same pixels at every time for
    ``reveal`` 1. ``warnings`` tell what could not be drawn as asked.
    """

    width: int
    height: int
    bleed: Bleed
    is_static: bool
    warnings: tuple[FontWarning, ...]

    def state(self, time: Fraction, reveal: float) -> Hashable:
        """Return what tells two drawings apart: equal states have equal pixels.

        ``time`` is in seconds from the clip's start, ``reveal`` the share (0 to 1) of a text's letters that is shown.
        """

    def draw(self, time: Fraction, reveal: float) -> Rgba:
        """Draw the box with its bleed: premultiplied, shape (top + height + bottom, left + width + right, 4).

        The caller must not write into it.
        """
