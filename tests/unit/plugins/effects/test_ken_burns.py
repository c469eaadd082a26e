"""Ken Burns: smooth, straight, and with luma and chroma on top of each other."""

from itertools import pairwise

import numpy as np
import pytest

from core.api import JsonValue, Planes
from plugins.effects.motion.kenburns import KEN_BURNS
from plugins.effects.motion.window import EASES, Window
from tests.support.drawing import draw_effect, largest_difference, to_planes
from tests.support.photo import photo

WIDTH, HEIGHT, FRAMES = 320, 180, 60


def dot(x: float, y: float, *, sigma: float = 4.0) -> Planes:
    """Draw a round dot in luma and chroma alike, centred on a place in luma pixels (continuous)."""

    def bump(width: int, height: int, step: int) -> np.ndarray:
        across = (np.arange(width) + 0.5) * step - x
        down = (np.arange(height) + 0.5) * step - y
        return np.exp(-(across[None, :] ** 2 + down[:, None] ** 2) / (2 * sigma**2))

    chroma = np.rint(128 + 80 * bump(WIDTH // 2, HEIGHT // 2, 2)).astype(np.uint8)
    return Planes(np.rint(16 + 200 * bump(WIDTH, HEIGHT, 1)).astype(np.uint8), chroma, chroma)


def centroid(plane: np.ndarray, base: int, step: int) -> tuple[float, float]:
    weight = np.maximum(plane.astype(float) - base - 3, 0)
    rows, columns = np.indices(plane.shape)
    return (
        float((weight * (columns + 0.5)).sum() / weight.sum() * step),
        float((weight * (rows + 0.5)).sum() / weight.sum() * step),
    )


def track(params: dict[str, JsonValue], planes: Planes) -> tuple[np.ndarray, np.ndarray]:
    """Return the dot's place in luma and in chroma for each frame, shape (frames, 2)."""
    drawn = [draw_effect(KEN_BURNS, planes, params, frame=frame, frames=FRAMES) for frame in range(FRAMES)]
    luma = np.array([centroid(picture.y, 16, 1) for picture in drawn])
    chroma = np.array([centroid(picture.v, 128, 2) for picture in drawn])
    return luma, chroma


def test_a_slow_pan_moves_in_equal_steps_without_jitter():
    """A quarter of a pixel a frame: the case in which whole-pixel movers shiver."""
    params: dict[str, JsonValue] = {
        "zoom_from": 1.25,
        "zoom_to": 1.25,
        "focus_from": [0.45, 0.5],
        "focus_to": [0.4875, 0.5],
    }
    luma, chroma = track(params, dot(150, 90))
    steps = np.diff(luma[:, 0])
    assert (steps < 0).all()
    assert np.abs(steps - steps.mean()).max() < 0.05
    assert steps.mean() == pytest.approx(-0.0375 * WIDTH * 1.25 / FRAMES, abs=0.002)
    straight = np.polyval(np.polyfit(np.arange(FRAMES), luma[:, 0], 1), np.arange(FRAMES))
    assert np.abs(luma[:, 0] - straight).max() < 0.05
    assert np.ptp(luma[:, 1]) < 0.05
    assert np.abs(luma - chroma).max() < 0.1


def test_a_slow_zoom_keeps_its_fixed_point_and_luma_on_chroma():
    luma, chroma = track({"zoom_from": 1.0, "zoom_to": 1.2}, dot(160, 90))
    assert np.abs(luma - (160, 90)).max() < 0.05
    assert np.abs(luma - chroma).max() < 0.1


def test_a_zoom_moves_what_lies_beside_its_centre_outwards_ever_more_smoothly():
    luma, chroma = track({"zoom_from": 1.0, "zoom_to": 1.3}, dot(220, 120))
    expected = 160 + 60 * 1.3 ** ((np.arange(FRAMES) + 0.5) / FRAMES)
    assert np.abs(luma[:, 0] - expected).max() < 0.08
    assert (np.diff(luma[:, 0]) > 0).all()
    assert np.abs(luma - chroma).max() < 0.12


def test_no_zoom_leaves_the_picture_untouched():
    planes = to_planes(photo(64, 36))
    drawn = draw_effect(KEN_BURNS, planes, {"zoom_to": 1.0, "focus_to": [0.9, 0.1]})
    assert np.shares_memory(drawn.y, planes.y)


def test_a_zoom_of_two_shows_the_quarter_it_is_told():
    planes = to_planes(photo(320, 180))
    params: dict[str, JsonValue] = {"zoom_from": 2, "zoom_to": 2, "focus_from": [0, 0], "focus_to": [0, 0]}
    drawn = draw_effect(KEN_BURNS, planes, params)
    back = drawn.y.reshape(90, 2, 160, 2).mean(axis=(1, 3))
    assert np.abs(back - planes.y[:90, :160]).mean() < 1.5


def test_alpha_moves_with_the_picture():
    alpha = np.zeros((HEIGHT, WIDTH), np.uint8)
    alpha[80:100, 150:170] = 255
    planes = dot(160, 90)
    drawn = draw_effect(KEN_BURNS, Planes(planes.y, planes.u, planes.v, alpha), {"zoom_from": 2, "zoom_to": 2})
    assert int((drawn.a > 127).sum()) == pytest.approx(4 * 400, rel=0.02)


def test_a_window_stays_inside_the_picture_all_the_way():
    start, end = Window.inside((0, 0), 1.1), Window.inside((1, 0.9), 4)
    for progress in np.linspace(0, 1, 50):
        window = start.toward(end, float(progress))
        half = 0.5 / window.zoom
        assert half - 1e-9 <= window.x <= 1 - half + 1e-9
        assert half - 1e-9 <= window.y <= 1 - half + 1e-9
    assert start.toward(end, 0.0) == start
    arrived = start.toward(end, 1.0)
    assert (arrived.x, arrived.y, arrived.zoom) == pytest.approx((end.x, end.y, end.zoom))


@pytest.mark.parametrize("name", EASES)
def test_an_ease_runs_from_0_to_1_without_turning_back(name: str):
    values = [EASES[name](step / 100) for step in range(101)]
    assert values[0] == pytest.approx(0)
    assert values[-1] == pytest.approx(1)
    assert all(after >= before for before, after in pairwise(values))


def test_the_whole_frame_is_filled_at_all_times():
    planes = to_planes(np.full((HEIGHT, WIDTH, 3), (200, 90, 60), np.uint8))
    for frame in (0, 30, 59):
        drawn = draw_effect(KEN_BURNS, planes, {"zoom_to": 3, "focus_to": [1, 1]}, frame=frame, frames=FRAMES)
        assert largest_difference(drawn, planes) == 0
