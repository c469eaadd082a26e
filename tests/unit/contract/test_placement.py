"""Fitting a picture into its box, and placing the box on the frame."""

import numpy as np
import pytest

from core.contract.placement import box_transform, fit_rectangle
from core.media.layers.pose import Placed


@pytest.mark.parametrize(
    ("fit", "source", "box", "expected"),
    [
        ("cover", (1920, 1080), (1080, 1080), (-420, 0, 1920, 1080)),
        ("cover", (100, 400), (200, 200), (0, -300, 200, 800)),
        ("contain", (1920, 1080), (960, 960), (0, 210, 960, 540)),
        ("contain", (100, 400), (200, 200), (75, 0, 50, 200)),
        ("stretch", (123, 45), (320, 180), (0, 0, 320, 180)),
        ("none", (100, 50), (320, 180), (110, 65, 100, 50)),
        ("none", (400, 200), (320, 180), (-40, -10, 400, 200)),
    ],
)
def test_a_picture_is_fitted_into_its_box(
    fit: str, source: tuple[int, int], box: tuple[int, int], expected: tuple[float, ...]
) -> None:
    assert fit_rectangle(fit, *source, *box) == pytest.approx(expected)


def test_an_unknown_fit_is_an_error() -> None:
    with pytest.raises(KeyError):
        fit_rectangle("fill", 1, 1, 1, 1)


def moved(transform: tuple[float, ...], x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = transform
    return a * x + c * y + e, b * x + d * y + f


CENTRE = (0.5, 0.5)


@pytest.mark.parametrize(
    ("anchor", "scale", "rotate", "corners"),
    [
        (CENTRE, 1, 0, [(50, 75), (150, 75), (150, 125), (50, 125)]),
        (CENTRE, 2, 0, [(0, 50), (200, 50), (200, 150), (0, 150)]),
        ((0, 0), 2, 0, [(50, 75), (250, 75), (250, 175), (50, 175)]),
        (CENTRE, 1, 90, [(125, 50), (125, 150), (75, 150), (75, 50)]),
        ((0, 0), 1, 90, [(50, 75), (50, 175), (0, 175), (0, 75)]),
        ((1, 1), 0.5, 180, [(200, 150), (150, 150), (150, 125), (200, 125)]),
    ],
)
def test_a_box_is_scaled_and_turned_clockwise_about_its_anchor(
    anchor: tuple[float, float], scale: float, rotate: float, corners: list[tuple[float, float]]
) -> None:
    """A box of 100 by 50 centred on (100, 100); its corners clockwise from the top left."""
    transform = box_transform(100, 50, x=100, y=100, anchor=anchor, scale=scale, rotate=rotate)
    for (x, y), expected in zip([(0, 0), (100, 0), (100, 50), (0, 50)], corners, strict=True):
        assert moved(transform, x, y) == pytest.approx(expected)


def test_the_engine_places_boxes_by_this_transform() -> None:
    placed = Placed(x=400.5, y=-20, scale=1.7, rotate=-33, opacity=1, reveal=1)
    matrix = placed.matrix(320, 180, (0.2, 1.5))
    a, b, c, d, e, f = box_transform(320, 180, x=400.5, y=-20, anchor=(0.2, 1.5), scale=1.7, rotate=-33)
    assert np.allclose(matrix, [[a, c, e], [b, d, f]])
