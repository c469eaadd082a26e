import numpy as np
import pytest

from core.api import Color
from core.media.painters.premultiplied import faded, lay_over, replace_covered, tint
from core.media.painters.raster import Area, Box, fill_box, fill_polygons, place_bitmap, stroke_polylines

AREA = Area(left=0, top=0, right=40, bottom=30)
EVERY_BYTE = np.arange(256, dtype=np.uint8)[None, :]


def square(left: float, top: float, right: float, bottom: float, *, is_clockwise: bool = True) -> np.ndarray:
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)
    return corners if is_clockwise else corners[::-1]


def pixels(coverage: np.ndarray) -> float:
    return float(coverage.sum()) / 255


def test_a_polygon_covers_exactly_its_area() -> None:
    coverage = fill_polygons([square(5, 5, 15, 20)], AREA)
    assert pixels(coverage) == 150
    assert coverage[5:20, 5:15].min() == 255


def test_a_polygon_between_pixels_covers_them_in_part() -> None:
    coverage = fill_polygons([square(5.25, 5, 15, 20)], AREA)
    assert coverage[10, 5] == pytest.approx(191, abs=1)
    assert coverage[10, 4] == 0


def test_overlapping_polygons_of_one_direction_count_once_and_of_the_other_cut_out() -> None:
    outer, inner = square(5, 5, 25, 25), square(10, 10, 20, 20)
    assert pixels(fill_polygons([outer, inner], AREA)) == 400
    assert pixels(fill_polygons([outer, inner[::-1]], AREA)) == 300


def test_polygons_far_larger_than_their_area_are_cut_off() -> None:
    assert pixels(fill_polygons([square(-9000, -9000, 20, 9000)], AREA)) == pytest.approx(20 * 30, rel=0.02)


def test_no_polygon_covers_nothing() -> None:
    assert fill_polygons([], AREA).max() == 0


def test_a_stroke_is_as_wide_as_asked_and_its_ends_are_round() -> None:
    line = np.array([(10.0, 15.0), (30.0, 15.0)])
    coverage = stroke_polylines([line], 6, AREA, is_closed=False)
    assert coverage[:, 20].astype(int).sum() / 255 == pytest.approx(6, abs=0.3)
    assert coverage[11, 20] < 40
    assert pixels(coverage) == pytest.approx(20 * 6 + np.pi * 9, rel=0.04)


def test_a_closed_stroke_goes_round_and_an_open_one_does_not() -> None:
    corners = square(10, 8, 30, 22)
    assert stroke_polylines([corners], 2, AREA)[15, 10] > 200
    assert stroke_polylines([corners], 2, AREA, is_closed=False)[15, 10] == 0


def test_a_box_is_exact_between_pixels() -> None:
    coverage = fill_box(Box(left=2.5, top=3, right=10, bottom=4.25), AREA)
    assert coverage[3, 2:11].tolist() == [128, *[255] * 7, 0]
    assert coverage[4, 5] == 64


def test_a_rounded_boxs_corners_are_quarters_of_a_circle() -> None:
    coverage = fill_box(Box(left=0, top=0, right=40, bottom=30), AREA, 10)
    assert pixels(coverage) == pytest.approx(40 * 30 - (4 - np.pi) * 100, rel=0.001)
    assert coverage[0, 0] == 0
    assert coverage[0, 20] == 255


def test_a_radius_larger_than_the_box_makes_a_circle() -> None:
    coverage = fill_box(Box(left=5, top=5, right=25, bottom=25), AREA, 1000)
    assert pixels(coverage) == pytest.approx(np.pi * 100, rel=0.002)


def test_a_bitmap_is_placed_to_the_fraction_of_a_pixel() -> None:
    bitmap = np.full((64, 64, 4), 200, np.uint8)
    placed = place_bitmap(bitmap, Box(left=10, top=5, right=18, bottom=13), AREA)
    assert placed[5:13, 10:18].min() == 200
    assert placed.astype(int).sum() == 200 * 4 * 64
    moved = place_bitmap(bitmap, Box(left=10.5, top=5, right=18.5, bottom=13), AREA)
    assert moved[8, 10, 0] == moved[8, 18, 0] == 100


def test_tinted_coverage_is_the_exact_premultiplied_colour() -> None:
    tinted = tint(EVERY_BYTE, Color(255, 128, 0, 200))
    assert tinted[0, 255].tolist() == [200, 100, 0, 200]
    assert tinted[0, 0].tolist() == [0, 0, 0, 0]
    assert (tinted[:, :, :3] <= tinted[:, :, 3:]).all()


def test_laying_over_is_exact_and_never_exceeds_alpha() -> None:
    alphas = np.repeat(EVERY_BYTE, 256, axis=0)
    above = tint(alphas, Color(255, 37, 0))
    below = tint(alphas.T.copy(), Color(0, 255, 91))
    canvas = below.copy()
    lay_over(canvas, above, 0, 0)
    expected = above + np.rint(below * (255 - alphas[:, :, None].astype(float)) / 255)
    assert (canvas == expected).all()
    assert (canvas[:, :, :3] <= canvas[:, :, 3:]).all()


def test_a_picture_laid_half_outside_is_cut_off() -> None:
    canvas = np.zeros((4, 4, 4), np.uint8)
    picture = np.full((3, 3, 4), 9, np.uint8)
    lay_over(canvas, picture, -2, 2)
    assert np.argwhere(canvas[:, :, 0]).tolist() == [[2, 0], [3, 0]]
    lay_over(canvas, picture, 4, 0)
    lay_over(canvas, picture, 0, -3)
    assert canvas.astype(int).sum() == 2 * 4 * 9


def test_a_translucent_colour_takes_the_place_of_what_it_covers() -> None:
    canvas = tint(np.full((1, 256), 255, np.uint8), Color(255, 0, 0))
    replace_covered(canvas, EVERY_BYTE, Color(0, 0, 255, 100))
    assert canvas[0, 255].tolist() == [0, 0, 100, 100]
    assert canvas[0, 0].tolist() == [255, 0, 0, 255]
    assert (canvas[:, :, :3] <= canvas[:, :, 3:]).all()


def test_fading_scales_all_channels_and_leaves_the_original() -> None:
    picture = np.full((1, 1, 4), 200, np.uint8)
    assert faded(picture, 51)[0, 0].tolist() == [40] * 4
    assert faded(picture, 255) is picture
    assert picture[0, 0, 0] == 200
