"""Blur, sharpen, vignette, grain, pixelate, mirror."""

import cv2
import numpy as np
import pytest

from core.api import Planes
from plugins.effects.focus.blur import BLUR
from plugins.effects.focus.gaussian import soften
from plugins.effects.focus.grain import GRAIN
from plugins.effects.focus.mirror import MIRROR
from plugins.effects.focus.pixelate import PIXELATE
from plugins.effects.focus.sharpen import SHARPEN
from plugins.effects.focus.vignette import VIGNETTE
from tests.support.drawing import draw_effect, largest_difference, to_planes
from tests.support.photo import photo


def flat(level: int, width: int = 64, height: int = 36, alpha: np.ndarray | None = None) -> Planes:
    chroma = np.full((height // 2, width // 2), 128, np.uint8)
    return Planes(np.full((height, width), level, np.uint8), chroma, chroma, alpha)


@pytest.mark.parametrize(
    ("effect", "params"),
    [
        (BLUR, {"radius": 0}),
        (SHARPEN, {"amount": 0}),
        (VIGNETTE, {"amount": 0}),
        (GRAIN, {"amount": 0}),
        (PIXELATE, {"size": 0}),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_neutral_parameters_pass_the_picture_on_untouched(effect, params):
    planes = to_planes(photo(64, 36))
    assert np.shares_memory(draw_effect(effect, planes, params).y, planes.y)


@pytest.mark.parametrize("sigma", [0.5, 2.0, 6.0, 6.5, 13.0, 30.0])
def test_a_blur_of_any_width_is_a_gaussian(sigma: float):
    """Wide ones are made on smaller pictures; the eye, and 8 bits, can't tell."""
    plane = np.zeros((360, 480), np.uint8)
    plane[120:240, 200:280] = 220
    ideal = cv2.GaussianBlur(plane.astype(np.float64), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    assert np.abs(soften(plane, sigma) - ideal).max() <= 2


def test_a_blur_keeps_luma_and_chroma_together():
    red = np.zeros((180, 320, 3), np.uint8)
    red[:, 160:] = (191, 0, 0)
    drawn = draw_effect(BLUR, to_planes(red), {"radius": 0.05})
    luma_edge = np.interp(0.5, (drawn.y[90] - 16) / (drawn.y[90].max() - 16), np.arange(320) + 0.5)
    chroma_edge = np.interp(0.5, (drawn.v[45] - 128) / (drawn.v[45].max() - 128.0), np.arange(160) * 2 + 1)
    assert abs(luma_edge - chroma_edge) < 0.35


def test_colours_under_transparent_pixels_do_not_bleed():
    alpha = np.zeros((36, 64), np.uint8)
    alpha[:, 32:] = 255
    planes = flat(200, alpha=alpha)
    luma = planes.y.copy()
    luma[:, :32] = 16
    hidden_black = Planes(luma, planes.u, planes.v, alpha)
    for effect, params in ((BLUR, {"radius": 0.1}), (PIXELATE, {"size": 0.3})):
        drawn = draw_effect(effect, hidden_black, params)
        assert (drawn.y[drawn.a > 8] >= 199).all()
        assert drawn.a[0, 0] == 0
        assert drawn.a[0, 63] > 250


def test_sharpening_steepens_edges_of_luma_and_leaves_chroma():
    planes = to_planes(cv2.GaussianBlur(photo(320, 180), (0, 0), 1))
    drawn = draw_effect(SHARPEN, planes, {"amount": 1, "radius": 0.01})
    assert drawn.y.astype(float).std() > planes.y.astype(float).std()
    assert np.shares_memory(drawn.u, planes.u)
    assert largest_difference(draw_effect(SHARPEN, flat(90), {"amount": 3}), flat(90)) == 0


def test_a_vignette_darkens_the_corners_and_leaves_the_middle():
    drawn = draw_effect(VIGNETTE, flat(216), {"amount": 1, "size": 0.6, "softness": 0.5})
    assert drawn.y[18, 32] == 216
    assert drawn.y[0, 0] == 16
    assert drawn.y[0, 32] == drawn.y[35, 31] > drawn.y[0, 0]
    half = draw_effect(VIGNETTE, flat(216), {"amount": 0.5, "size": 0.6, "softness": 0.5})
    assert half.y[0, 0] == 116


def test_a_vignettes_roundness_goes_from_the_pictures_shape_to_a_circle():
    def edges(roundness: float) -> tuple[int, int]:
        drawn = draw_effect(VIGNETTE, flat(216, 320, 180), {"amount": 1, "size": 0.8, "roundness": roundness})
        return int(drawn.y[90, 0]), int(drawn.y[0, 160])

    oval_side, oval_top = edges(0)
    assert abs(oval_side - oval_top) <= 2
    round_side, round_top = edges(1)
    assert round_side < round_top


def test_a_vignette_follows_its_centre():
    drawn = draw_effect(VIGNETTE, flat(216), {"center": [0.2, 0.5], "amount": 1})
    assert drawn.y[18, 13] > drawn.y[18, 60]


def test_grain_repeats_itself_by_seed_and_frame():
    planes = flat(120, 160, 90)
    first = draw_effect(GRAIN, planes, frame=4)
    assert largest_difference(first, draw_effect(GRAIN, planes, frame=4)) == 0
    assert largest_difference(first, draw_effect(GRAIN, planes, frame=5)) > 4
    assert largest_difference(first, draw_effect(GRAIN, planes, frame=4, seed=6)) > 4


def test_grain_is_strongest_in_mid_tones_and_shifts_no_brightness():
    def spread(level: int) -> float:
        return float(draw_effect(GRAIN, flat(level, 160, 90), {"amount": 0.4}).y.std())

    assert spread(110) > spread(200) > spread(233)
    assert spread(110) > spread(40) > spread(17)
    assert spread(110) == pytest.approx(8, rel=0.25)
    assert draw_effect(GRAIN, flat(110, 160, 90)).y.mean() == pytest.approx(110, abs=0.5)


def test_grains_have_a_size_of_their_own():
    fine = draw_effect(GRAIN, flat(110, 160, 90), {"size": 0.005}, frame_height=400).y.astype(float)
    coarse = draw_effect(GRAIN, flat(110, 160, 90), {"size": 0.02}, frame_height=400).y.astype(float)

    def likeness(plane: np.ndarray) -> float:
        return float(np.corrcoef(plane[:, :-2].ravel(), plane[:, 2:].ravel())[0, 1])

    assert likeness(coarse) > 0.7 > 0.4 > likeness(fine)


def test_grain_without_colour_leaves_chroma():
    planes = flat(110)
    assert np.shares_memory(draw_effect(GRAIN, planes, {"color": 0}).u, planes.u)
    assert draw_effect(GRAIN, planes, {"color": 1, "amount": 1}).u.std() > 2


def test_blocks_are_square_and_the_same_in_luma_and_chroma():
    drawn = draw_effect(PIXELATE, to_planes(photo(320, 180)), {"size": 0.1})
    edges = np.flatnonzero(np.diff(drawn.y.astype(int), axis=1).any(axis=0)) + 1
    assert np.abs(edges / (320 / 18) - np.rint(edges / (320 / 18))).max() < 0.04
    chroma_edges = np.flatnonzero(np.diff(drawn.v.astype(int), axis=1).any(axis=0)) + 1
    assert {round(edge * 2 / (320 / 18)) for edge in chroma_edges} <= {round(edge / (320 / 18)) for edge in edges}


def test_mirroring_twice_gives_the_picture_back():
    planes = to_planes(photo(64, 36))
    for axis in ("horizontal", "vertical", "both"):
        once = draw_effect(MIRROR, planes, {"axis": axis})
        assert largest_difference(draw_effect(MIRROR, once, {"axis": axis}), planes) == 0
    assert np.array_equal(draw_effect(MIRROR, planes).y, planes.y[:, ::-1])
    assert np.array_equal(draw_effect(MIRROR, planes, {"axis": "vertical"}).u, planes.u[::-1])


@pytest.mark.parametrize("size", [(64, 36), (66, 38)])
def test_a_reflection_is_symmetric_and_keeps_its_first_half(size: tuple[int, int]):
    planes = to_planes(photo(*size))
    drawn = draw_effect(MIRROR, planes, {"axis": "both", "reflect": True})
    for plane, source in ((drawn.y, planes.y), (drawn.u, planes.u), (drawn.v, planes.v)):
        assert np.array_equal(plane, plane[:, ::-1])
        assert np.array_equal(plane, plane[::-1])
        rows, columns = plane.shape[0] // 2, plane.shape[1] // 2
        assert np.array_equal(plane[:rows, :columns], source[:rows, :columns])
