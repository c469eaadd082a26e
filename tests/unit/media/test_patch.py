"""Patches keep colours, edges and sub-pixel places."""

import numpy as np
import pytest

from core.api import Canvas, Color, Planes
from core.media.blend import blend, over
from core.media.compositor import transparent_canvas
from core.media.frames import Converter, canvas_view, color_to_yuv, new_frame
from core.media.patch import Patch, fade, place_rgba, premultiply, straighten, warp_planes, warp_rgba
from core.timeline.plan import Blend

RED, BLUE, WHITE = Color(255, 0, 0), Color(0, 0, 255), Color(255, 255, 255)


def filled(color: Color, width: int = 64, height: int = 32, alpha: int | None = None) -> Planes:
    y, u, v = color_to_yuv(color)
    half = (height // 2, width // 2)
    opacity = None if alpha is None else np.full((height, width), alpha, np.uint8)
    return Planes(
        np.full((height, width), y, np.uint8), np.full(half, u, np.uint8), np.full(half, v, np.uint8), opacity
    )


def canvas_of(color: Color, width: int = 64, height: int = 32) -> Canvas:
    canvas = canvas_view(new_frame(width, height))
    over(canvas, Patch(0, 0, premultiply(filled(color, width, height))))
    return canvas


def rgb_of(canvas: Canvas) -> np.ndarray:
    return Converter().to_rgb(Planes(canvas.y, canvas.u, canvas.v))


def identity(x: float = 0, y: float = 0, scale: float = 1) -> np.ndarray:
    return np.array([[scale, 0, x], [0, scale, y]])


def test_premultiplying_and_straightening_keep_the_colour() -> None:
    planes = straighten(premultiply(filled(RED, alpha=128)))
    y, u, v = color_to_yuv(RED)
    assert abs(int(planes.y[3, 3]) - y) <= 1
    assert abs(int(planes.u[3, 3]) - u) <= 1
    assert abs(int(planes.v[3, 3]) - v) <= 1


def test_half_of_red_over_blue_is_their_mean() -> None:
    canvas = canvas_of(BLUE)
    over(canvas, Patch(0, 0, fade(premultiply(filled(RED)), 0.5)))
    assert np.abs(rgb_of(canvas).astype(int) - (128, 0, 128)).max() <= 2


def test_a_patch_beyond_the_frame_is_cut_off_and_the_rest_stays() -> None:
    canvas = canvas_of(BLUE)
    over(canvas, Patch(-32, -16, premultiply(filled(RED))))
    over(canvas, Patch(200, 0, premultiply(filled(RED))))
    pixels = rgb_of(canvas)
    assert np.abs(pixels[5, 5].astype(int) - (255, 0, 0)).max() <= 2
    assert np.abs(pixels[25, 50].astype(int) - (0, 0, 255)).max() <= 2


@pytest.mark.parametrize(("x", "y"), [(10, 6), (11, 6), (10, 7), (11, 7), (-3, -1)])
def test_a_drawing_lies_on_the_very_pixel_it_was_put(x: int, y: int) -> None:
    drawing = np.full((9, 13, 4), 255, np.uint8)
    canvas = canvas_of(Color(0, 0, 0))
    over(canvas, place_rgba(drawing, x, y))
    expected = np.full((32, 64), 16, np.uint8)
    expected[max(0, y) : y + 9, max(0, x) : x + 13] = 235
    assert np.abs(canvas.y.astype(int) - expected).max() <= 1


def test_the_identity_transform_changes_nothing() -> None:
    noise = np.random.default_rng(3).integers(16, 236, (32, 64), dtype=np.uint8)
    planes = Planes(noise, noise[::2, ::2].copy(), noise[1::2, 1::2].copy())
    patch = warp_planes(planes, identity(), 64, 32)
    assert patch is not None
    assert patch.picture.is_opaque
    assert (patch.picture.y == planes.y).all()
    assert (patch.picture.u == planes.u).all()


def centroid(plane: np.ndarray, rest: int) -> tuple[float, float]:
    weight = np.abs(plane.astype(float) - rest)
    weight[:4], weight[:, :4] = 0, 0  # the picture's own edges fade as they move in
    rows, columns = np.indices(plane.shape)
    return (
        float((weight * (columns + 0.5)).sum() / weight.sum()),
        float((weight * (rows + 0.5)).sum() / weight.sum()),
    )


def test_sub_pixel_motion_is_even_and_moves_luma_and_chroma_together() -> None:
    planes = filled(Color(20, 20, 20), 128, 64)
    y, u, v = color_to_yuv(RED)
    planes.y[20:36, 40:56], planes.u[10:18, 20:28], planes.v[10:18, 20:28] = y, u, v
    places = []
    for step in range(11):
        patch = warp_planes(planes, identity(step * 0.3, step * 0.1), 128, 64)
        assert patch is not None
        luma = centroid(patch.picture.y, int(planes.y[0, 0]))
        chroma = centroid(patch.picture.v, int(planes.v[0, 0]))
        assert luma == pytest.approx((chroma[0] * 2, chroma[1] * 2), abs=0.05)
        places.append((patch.x + luma[0], patch.y + luma[1]))
    steps = np.diff(np.array(places), axis=0)
    assert np.abs(steps - (0.3, 0.1)).max() < 0.05


def test_a_moved_edge_is_as_transparent_as_the_share_it_covers() -> None:
    canvas = canvas_of(Color(0, 0, 0))
    patch = warp_rgba(np.full((8, 8, 4), 255, np.uint8), identity(10.25, 8), 64, 32)
    assert patch is not None
    over(canvas, patch)
    assert abs(int(canvas.y[12, 10]) - (16 + 0.75 * 219)) <= 3
    assert abs(int(canvas.y[12, 18]) - (16 + 0.25 * 219)) <= 3


def test_what_lies_outside_the_frame_is_not_drawn() -> None:
    assert warp_planes(filled(RED), identity(100, 0), 64, 32) is None
    assert warp_rgba(np.zeros((4, 4, 4), np.uint8), identity(0, -20), 64, 32) is None


REFERENCES = {
    Blend.MULTIPLY: lambda b, s: b * s,
    Blend.SCREEN: lambda b, s: b + s - b * s,
    Blend.OVERLAY: lambda b, s: np.where(b <= 0.5, 2 * b * s, 1 - 2 * (1 - b) * (1 - s)),
    Blend.DARKEN: np.minimum,
    Blend.LIGHTEN: np.maximum,
    Blend.ADD: lambda b, s: np.minimum(b + s, 1),
}


@pytest.mark.parametrize("mode", [mode for mode in Blend if mode is not Blend.NORMAL])
def test_blend_modes_follow_their_formulas_on_rgb(mode: Blend) -> None:
    below, above = Color(200, 90, 40), Color(120, 180, 220)
    canvas = canvas_of(below)
    blend(canvas, Patch(16, 8, premultiply(filled(above, 32, 16))), mode, Converter())
    expected = REFERENCES[mode](
        np.array([below.r, below.g, below.b]) / 255, np.array([above.r, above.g, above.b]) / 255
    )
    pixels = rgb_of(canvas)
    assert np.abs(pixels[16, 32] / 255 - expected).max() < 0.015
    assert np.abs(pixels[2, 2].astype(int) - (200, 90, 40)).max() <= 2


def test_a_transparent_canvas_takes_on_the_alpha_of_what_is_laid_on_it() -> None:
    canvas = transparent_canvas(64, 32)
    over(canvas, Patch(0, 0, fade(premultiply(filled(WHITE)), 0.5)))
    over(canvas, Patch(0, 0, fade(premultiply(filled(WHITE)), 0.5)))
    assert canvas.a is not None
    assert abs(int(canvas.a[4, 4]) - 191) <= 1
    assert abs(int(straighten(canvas).y[4, 4]) - 235) <= 2
