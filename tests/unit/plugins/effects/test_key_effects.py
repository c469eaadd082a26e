"""Chroma key, luma key, shadow."""

import cv2
import numpy as np
import pytest

from core.api import Color, Planes
from core.media.frames import color_to_yuv
from plugins.effects.key.chroma import CHROMA
from plugins.effects.key.luma import LUMA
from plugins.effects.key.shadow import SHADOW
from tests.support.drawing import draw_effect, largest_difference, over_color, to_planes
from tests.support.photo import cut_out, greenscreen, photo


def alpha_of(pixel: tuple[int, int, int], **params: object) -> int:
    drawn = draw_effect(CHROMA, to_planes(np.full((16, 16, 3), pixel, np.uint8)), params)
    return 255 if drawn.a is None else int(drawn.a[8, 8])


@pytest.mark.parametrize("color", [(0, 177, 64), (0, 140, 50), (0, 220, 80), (20, 160, 70)])
def test_the_backdrop_goes_in_light_and_shadow(color: tuple[int, int, int]):
    assert alpha_of(color) == 0


@pytest.mark.parametrize(
    "color", [(0, 0, 0), (255, 255, 255), (128, 128, 128), (222, 172, 142), (90, 56, 40), (190, 30, 40), (30, 60, 170)]
)
def test_other_colours_stay_opaque(color: tuple[int, int, int]):
    assert alpha_of(color) == 255


def test_an_edge_half_covered_is_half_transparent():
    """Half backdrop, half dark hair."""
    mixed = tuple(round((a + b) / 2) for a, b in zip((0, 177, 64), (50, 34, 24), strict=True))
    assert 60 < alpha_of(mixed) < 200


def test_blue_screens_key_as_well():
    assert alpha_of((0, 71, 187), color="#0047bb") == 0
    assert alpha_of((222, 172, 142), color="#0047bb") == 255


def test_a_grey_backdrop_keys_nothing():
    planes = to_planes(photo(64, 36))
    assert draw_effect(CHROMA, planes, {"color": "#808080"}).a is None


def test_similarity_takes_more_away_and_smoothness_softens():
    dull = (90, 150, 100)
    assert alpha_of(dull, similarity=0.1) > alpha_of(dull, similarity=0.5) > alpha_of(dull, similarity=0.8) == 0
    drawn = draw_effect(CHROMA, to_planes(greenscreen()), {"smoothness": 0})
    soft = draw_effect(CHROMA, to_planes(greenscreen()), {"smoothness": 1})
    assert partly(drawn.a) < partly(soft.a)


def partly(alpha: np.ndarray) -> int:
    return int(((alpha > 10) & (alpha < 245)).sum())


def test_spill_suppression_takes_green_out_of_skin_and_edges():
    planes = to_planes(greenscreen())
    kept, cleaned = (
        over_color(draw_effect(CHROMA, planes, {"spill": spill}), Color(250, 250, 250)) for spill in (0, 1)
    )

    def greenness(picture: np.ndarray) -> int:
        red, green, blue = (picture[:, :, index].astype(int) for index in range(3))
        return int((green - np.maximum(red, blue) > 24).sum())

    assert greenness(kept) > 300
    assert greenness(cleaned) < 40


def test_yellow_keeps_its_colour():
    yellow = np.full((16, 16, 3), (230, 200, 40), np.uint8)
    planes = to_planes(yellow)
    assert largest_difference(draw_effect(CHROMA, planes), planes) <= 1


def test_fine_hair_survives_as_unbroken_strands():
    """Chroma alone sees hair in every second pixel; luma must lead the matte along it."""
    picture = np.full((64, 64, 3), (0, 177, 64), np.uint8)
    cv2.line(picture, (5, 60), (60, 20), (40, 26, 20), 1, cv2.LINE_AA)
    drawn = draw_effect(CHROMA, to_planes(picture))
    along = [
        int(drawn.a[round(60 - 40 * t) - 1 : round(60 - 40 * t) + 2, round(5 + 55 * t)].max())
        for t in np.linspace(0.1, 0.9, 40)
    ]
    assert min(along) > 90
    assert drawn.a[:10].max() == 0


def test_a_key_multiplies_the_alpha_that_is_there():
    planes = to_planes(greenscreen(64, 36))
    alpha = np.full((36, 64), 100, np.uint8)
    drawn = draw_effect(CHROMA, Planes(planes.y, planes.u, planes.v, alpha))
    assert drawn.a.max() == 100
    assert drawn.a.min() == 0


def ramp() -> Planes:
    luma = np.tile(np.arange(16, 236, dtype=np.uint8), (4, 1))
    half = np.full((2, 110), 128, np.uint8)
    return Planes(luma, half, half)


def test_a_luma_key_fades_out_what_is_darker_than_its_threshold():
    alpha = draw_effect(LUMA, ramp(), {"threshold": 0.5, "softness": 0.2}).a[0]
    levels = np.arange(220) / 219
    assert (alpha[levels <= 0.3] == 0).all()
    assert (alpha[levels >= 0.5] == 255).all()
    assert (np.diff(alpha.astype(int)) >= 0).all()
    assert abs(int(alpha[88]) - 128) <= 5


def test_an_inverted_luma_key_fades_out_what_is_brighter():
    alpha = draw_effect(LUMA, ramp(), {"threshold": 0.5, "softness": 0.2, "invert": True}).a[0]
    levels = np.arange(220) / 219
    assert (alpha[levels <= 0.5] == 255).all()
    assert (alpha[levels >= 0.7] == 0).all()


def test_a_luma_key_at_the_end_of_the_scale_leaves_the_picture_opaque():
    assert draw_effect(LUMA, ramp(), {"threshold": 0, "softness": 0.3}).a is None
    assert draw_effect(LUMA, ramp(), {"threshold": 1, "invert": True}).a is None


def test_a_luma_key_multiplies_the_alpha_that_is_there():
    planes = ramp()
    drawn = draw_effect(LUMA, Planes(planes.y, planes.u, planes.v, np.full((4, 220), 100, np.uint8)))
    assert (drawn.a[:, 0].max(), drawn.a[:, -1].min()) == (0, 100)


def dot(alpha: int = 255) -> Planes:
    outline = np.zeros((100, 200), np.uint8)
    outline[40:60, 90:110] = alpha
    half = np.full((50, 100), 128, np.uint8)
    return Planes(np.full((100, 200), 200, np.uint8), half, half, outline)


def test_a_shadow_lies_where_it_is_told_and_below_the_picture():
    drawn = draw_effect(SHADOW, dot(), {"x": 0.3, "y": 0.1, "blur": 0, "opacity": 0.5})
    assert (drawn.a[50:70, 120:140] == 128).all()
    assert (drawn.y[50:70, 120:140] == 16).all()
    assert (drawn.a[40:60, 90:110] == 255).all()
    assert (drawn.y[40:60, 90:110] == 200).all()
    assert drawn.a.astype(int).sum() == 400 * 255 + 400 * 128


def test_a_shadow_is_seen_through_what_is_half_transparent():
    drawn = draw_effect(SHADOW, dot(128), {"x": 0, "y": 0, "blur": 0, "opacity": 1})
    share = 128 / 255
    assert abs(int(drawn.a[50, 100]) - 255 * (share + share * (1 - share))) <= 1
    expected = (200 * share + 16 * share * (1 - share)) / (share + share * (1 - share))
    assert abs(int(drawn.y[50, 100]) - expected) <= 1


def test_a_shadows_blur_keeps_its_amount():
    hard, soft = (draw_effect(SHADOW, dot(), {"x": 0.5, "y": 0, "blur": blur, "opacity": 1}) for blur in (0, 0.05))
    assert soft.a[:, 115:].astype(int).sum() == pytest.approx(hard.a[:, 115:].astype(int).sum(), rel=0.03)
    assert soft.a[50, 150] < 255


def test_a_shadow_has_its_colour():
    drawn = draw_effect(SHADOW, dot(), {"x": 0.3, "y": 0, "blur": 0, "opacity": 1, "color": "#ff0000"})
    assert (drawn.y[50, 130], drawn.u[25, 65], drawn.v[25, 65]) == color_to_yuv(Color(255, 0, 0))


def test_the_picture_does_not_grow_and_what_falls_beyond_is_cut_off():
    drawn = draw_effect(SHADOW, dot(), {"x": 0.5, "y": 0.5, "blur": 0, "opacity": 1})
    assert drawn.a.shape == (100, 200)
    assert (drawn.a[90:, 140:160] == 255).all()
    assert drawn.a.astype(int).sum() == 255 * (400 + 200)


def test_an_opaque_picture_shows_no_shadow():
    planes = to_planes(photo(64, 36))
    assert np.shares_memory(draw_effect(SHADOW, planes).y, planes.y)


def test_a_shadow_leaves_the_picture_itself_alone():
    planes = to_planes(cut_out())
    drawn = draw_effect(SHADOW, planes)
    solid = planes.a == 255
    assert np.array_equal(drawn.y[solid], planes.y[solid])
    assert (drawn.a >= planes.a).all()
