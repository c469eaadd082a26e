"""Outlines of glyphs as polygons, for stroking."""

import numpy as np
import uharfbuzz as hb
from numpy.typing import NDArray

type Contour = NDArray[np.float64]
"""Points of a polyline, shape (count, 2)."""

QUADRATIC_STEPS = 8
CUBIC_STEPS = 16


class _Pen:
    """Takes a glyph's segments and keeps them as points."""

    def __init__(self) -> None:
        self.contours: list[list[tuple[float, float]]] = []

    def move_to(self, x: float, y: float) -> None:
        self.contours.append([(x, y)])

    def line_to(self, x: float, y: float) -> None:
        self.contours[-1].append((x, y))

    def quadratic_to(self, x1: float, y1: float, x2: float, y2: float) -> None:
        x0, y0 = self.contours[-1][-1]
        for step in range(1, QUADRATIC_STEPS + 1):
            t = step / QUADRATIC_STEPS
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
            self.line_to(a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2)

    def cubic_to(self, x1: float, y1: float, x2: float, y2: float, x3: float, y3: float) -> None:
        x0, y0 = self.contours[-1][-1]
        for step in range(1, CUBIC_STEPS + 1):
            t = step / CUBIC_STEPS
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            self.line_to(a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3)


def _draw_funcs() -> hb.DrawFuncs:
    funcs = hb.DrawFuncs()
    funcs.set_move_to_func(lambda x, y, pen: pen.move_to(x, y))
    funcs.set_line_to_func(lambda x, y, pen: pen.line_to(x, y))
    funcs.set_quadratic_to_func(lambda x1, y1, x2, y2, pen: pen.quadratic_to(x1, y1, x2, y2))
    funcs.set_cubic_to_func(lambda x1, y1, x2, y2, x3, y3, pen: pen.cubic_to(x1, y1, x2, y2, x3, y3))
    return funcs


def trace(font: hb.Font, glyph: int) -> tuple[Contour, ...]:
    """Return a glyph's closed contours in font units, y upwards."""
    pen = _Pen()
    font.draw_glyph(glyph, _draw_funcs(), pen)
    return tuple(np.array(contour) for contour in pen.contours if len(contour) > 1)
