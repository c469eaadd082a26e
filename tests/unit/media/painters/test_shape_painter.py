from fractions import Fraction

import numpy as np
import pytest

from core.api import Color, InvalidInput, Rgba
from core.media.painters import Bleed, open_painter
from core.media.text.fonts import FontLibrary
from core.timeline.sources import ColorSource, GradientKind, GradientSource, ShapeKind, ShapeSource

RED, WHITE = Color(255, 0, 0), Color(255, 255, 255)
START = Fraction(0)


def paint(source: ShapeSource | ColorSource | GradientSource, width: int = 40, height: int = 30) -> tuple[Rgba, Bleed]:
    painter = open_painter(
        source, frame_width=160, frame_height=100, box_width=width, box_height=height, fonts=FontLibrary()
    )
    assert (painter.width, painter.height) == (width, height)
    assert painter.is_static
    assert painter.state(START, 1.0) == painter.state(Fraction(9), 0.0)
    drawing = painter.draw(START, 1.0)
    bleed = painter.bleed
    assert drawing.shape == (bleed.top + height + bleed.bottom, bleed.left + width + bleed.right, 4)
    assert (drawing[:, :, :3] <= drawing[:, :, 3:]).all()
    return drawing, bleed


def test_a_rectangle_fills_its_box_to_the_last_pixel() -> None:
    drawing, bleed = paint(ShapeSource(kind=ShapeKind.RECTANGLE, fill=RED))
    assert bleed == Bleed()
    assert (drawing == [255, 0, 0, 255]).all()


def test_a_stroke_lies_astride_the_edge_above_the_fill() -> None:
    source = ShapeSource(kind=ShapeKind.RECTANGLE, fill=RED, stroke_color=WHITE, stroke_width=0.04)
    drawing, bleed = paint(source)
    assert bleed == Bleed(left=2, top=2, right=2, bottom=2)
    row = drawing[17, :6].tolist()
    assert row == [[255] * 4] * 4 + [[255, 0, 0, 255]] * 2
    assert drawing[0, 0].tolist() == [255] * 4


def test_a_stroke_without_a_fill_is_hollow() -> None:
    drawing, _ = paint(ShapeSource(kind=ShapeKind.RECTANGLE, fill=None, stroke_color=WHITE, stroke_width=0.04))
    assert drawing[17, 22].tolist() == [0] * 4


def test_a_stroke_wider_than_its_box_fills_it() -> None:
    drawing, _ = paint(ShapeSource(kind=ShapeKind.RECTANGLE, fill=None, stroke_color=WHITE, stroke_width=0.5))
    assert drawing[:, :, 3].min() == 255


def test_an_ellipse_covers_the_area_of_one() -> None:
    drawing, _ = paint(ShapeSource(kind=ShapeKind.ELLIPSE, fill=RED), 300, 200)
    assert drawing[:, :, 3].sum() / 255 == pytest.approx(np.pi * 150 * 100, rel=0.0005)
    mirrored = drawing[::-1, ::-1, 3]
    assert np.abs(drawing[:, :, 3].astype(int) - mirrored).max() <= 16


def test_an_ellipses_stroke_is_equally_wide_all_round() -> None:
    source = ShapeSource(kind=ShapeKind.ELLIPSE, fill=None, stroke_color=WHITE, stroke_width=0.1)
    drawing, bleed = paint(source, 301, 101)
    across = drawing[:, bleed.left + 150, 3].astype(int)[: drawing.shape[0] // 2].sum() / 255
    along = drawing[bleed.top + 50, :, 3].astype(int)[: drawing.shape[1] // 2].sum() / 255
    assert across == pytest.approx(10, abs=0.2)
    assert along == pytest.approx(10, abs=0.2)


def test_a_path_may_leave_its_box_a_little_but_not_eat_memory() -> None:
    near, near_bleed = paint(ShapeSource(kind=ShapeKind.PATH, fill=RED, path="M-.1 0H1V1H-.1Z"))
    assert near_bleed == Bleed(left=4)
    assert near[:, :, 3].min() == 255
    _, far_bleed = paint(ShapeSource(kind=ShapeKind.PATH, fill=RED, path="M-900 -900H900V900H-900Z"))
    assert far_bleed == Bleed(left=20, top=15, right=20, bottom=15)


def test_an_empty_path_draws_nothing() -> None:
    drawing, _ = paint(ShapeSource(kind=ShapeKind.PATH, fill=RED, stroke_color=WHITE, stroke_width=0.02))
    assert drawing.max() == 0


def test_a_wrong_path_is_refused_when_it_is_opened() -> None:
    with pytest.raises(InvalidInput, match="a command is expected"):
        paint(ShapeSource(kind=ShapeKind.PATH, fill=RED, path="M0 0?"))


def test_a_colour_is_premultiplied() -> None:
    drawing, _ = paint(ColorSource(color=Color(200, 100, 0, 128)))
    assert (drawing == [100, 50, 0, 128]).all()


def gradient(kind: GradientKind, angle: float, *colors: Color, width: int = 64, height: int = 64) -> Rgba:
    stops = tuple((index / (len(colors) - 1), color) for index, color in enumerate(colors))
    return paint(GradientSource(kind=kind, angle=angle, stops=stops), width, height)[0]


@pytest.mark.parametrize(
    ("angle", "dark", "light"),
    [(0, (63, 32), (0, 32)), (90, (32, 0), (32, 63)), (180, (0, 32), (63, 32)), (45, (63, 0), (0, 63))],
)
def test_angles_turn_clockwise_from_upwards(angle: float, dark: tuple[int, int], light: tuple[int, int]) -> None:
    drawing = gradient(GradientKind.LINEAR, angle, Color(0, 0, 0), WHITE)
    assert drawing[dark][0] <= 4
    assert drawing[light][0] >= 251


def test_a_linear_gradients_corners_have_its_end_colours_in_any_proportion() -> None:
    drawing = gradient(GradientKind.LINEAR, 45, Color(0, 0, 0), WHITE, width=400, height=40)
    assert drawing[-1, 0, 0] <= 1
    assert drawing[0, -1, 0] >= 254
    assert drawing[20, 200, 0] == pytest.approx(128, abs=2)


def test_a_radial_gradient_runs_from_the_middle_to_the_corners() -> None:
    drawing = gradient(GradientKind.RADIAL, 0, WHITE, Color(0, 0, 0), width=400, height=100)
    assert drawing[50, 200, 0] >= 253
    assert drawing[0, 0, 0] <= 2
    assert drawing[50, 0, 0] == pytest.approx(255 * (1 - 0.5**0.5), abs=2)


def test_colours_hold_before_the_first_stop_and_after_the_last() -> None:
    stops = ((0.25, RED), (0.75, WHITE))
    drawing, _ = paint(GradientSource(kind=GradientKind.LINEAR, angle=90, stops=stops), 80, 4)
    assert (drawing[:, :20] == [255, 0, 0, 255]).all()
    assert (drawing[:, 60:] == 255).all()


def test_a_colour_fades_to_transparent_without_darkening() -> None:
    drawing = gradient(GradientKind.LINEAR, 90, RED, Color(255, 0, 0, 0))
    assert (drawing[:, :, 0] == drawing[:, :, 3]).all()


def test_a_slow_gradient_has_no_bands() -> None:
    drawing = gradient(GradientKind.LINEAR, 90, Color(40, 40, 40), Color(48, 48, 48), width=800, height=16)
    means = drawing[:, :, 0].reshape(2, 8, 100, 8).mean((1, 3))
    assert np.abs(np.diff(means, axis=1)).max() < 0.3
