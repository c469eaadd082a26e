"""Fitting a picture into its box."""

import pytest

from core.contract.placement import fit_rectangle


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
