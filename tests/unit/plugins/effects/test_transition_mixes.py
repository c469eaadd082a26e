"""Transitions: what each shows where, at exact places and levels."""

import numpy as np
import pytest

from core.api import Canvas, Color, Transition
from core.media.frames import color_to_yuv
from plugins.effects.transitions import reelhouse_transitions
from tests.support.drawing import largest_difference, mix_canvases, to_canvas
from tests.support.photo import photo

BY_ID: dict[str, Transition] = {transition.id: transition for transition in reelhouse_transitions()}
WIDTH, HEIGHT = 64, 36


def flat(level: int, *, alpha: int | None = None) -> Canvas:
    shape, small = (HEIGHT, WIDTH), (HEIGHT // 2, WIDTH // 2)
    planes = [np.full(shape, level, np.uint8), *[np.full(small, level, np.uint8)] * 2]
    if alpha is not None:
        planes += [np.full(shape, alpha, np.uint8), np.full(small, alpha, np.uint8)]
    return Canvas(*planes)


def share_of_after(drawn: Canvas) -> float:
    """Return how much of a mix of level 40 and level 200 is the second."""
    return (float(drawn.y.mean()) - 40) / 160


def test_a_fade_mixes_evenly():
    drawn = mix_canvases(BY_ID["fade"], flat(40), flat(200), 0.25)
    assert [set(plane.ravel().tolist()) for plane, _ in drawn.planes()] == [{80}] * 3


def test_a_fade_mixes_alpha_too():
    drawn = mix_canvases(BY_ID["fade"], flat(0, alpha=0), flat(200, alpha=200), 0.5)
    assert (drawn.y == 100).all()
    assert (drawn.a == 100).all()
    assert (drawn.a_uv == 100).all()


def test_a_fade_through_a_colour_shows_only_it_in_the_middle():
    drawn = mix_canvases(BY_ID["fade-color"], flat(40), flat(200), 0.5, {"color": "#ff8000"})
    assert (drawn.y[0, 0], drawn.u[0, 0], drawn.v[0, 0]) == color_to_yuv(Color(255, 128, 0))
    early = mix_canvases(BY_ID["fade-color"], flat(40), flat(200), 0.25, {"color": "#000000"})
    assert early.y[0, 0] == 28
    late = mix_canvases(BY_ID["fade-color"], flat(40), flat(200), 0.75, {"color": "#000000"})
    assert late.y[0, 0] == 108


def test_a_fade_through_a_colour_does_not_fill_what_is_transparent():
    empty, half = flat(0, alpha=0), flat(60, alpha=128)
    for progress in (0.2, 0.5, 0.9):
        drawn = mix_canvases(BY_ID["fade-color"], empty, empty, progress, {"color": "#ffffff"})
        assert largest_difference(drawn, empty) == 0
        drawn = mix_canvases(BY_ID["fade-color"], half, half, progress, {"color": "#ffffff"})
        assert (drawn.a == 128).all()


@pytest.mark.parametrize(
    ("direction", "first", "last"),
    [
        ("right", (18, 2), (18, 61)),
        ("left", (18, 61), (18, 2)),
        ("down", (2, 32), (33, 32)),
        ("up", (33, 32), (2, 32)),
        ("down-right", (1, 1), (34, 62)),
        ("up-left", (34, 62), (1, 1)),
    ],
)
def test_a_wipe_uncovers_from_where_it_comes(direction: str, first: tuple[int, int], last: tuple[int, int]):
    drawn = mix_canvases(BY_ID["wipe"], flat(40), flat(200), 0.5, {"direction": direction, "softness": 0})
    assert drawn.y[first] == 200
    assert drawn.y[last] == 40
    assert drawn.u[first[0] // 2, first[1] // 2] == 200
    assert drawn.u[last[0] // 2, last[1] // 2] == 40


def test_a_wipe_uncovers_as_much_as_has_passed():
    for progress in (0.1, 0.5, 0.8):
        drawn = mix_canvases(BY_ID["wipe"], flat(40), flat(200), progress, {"softness": 0})
        assert share_of_after(drawn) == pytest.approx(progress, abs=0.02)


def test_a_soft_wipe_has_an_edge_of_its_width():
    drawn = mix_canvases(BY_ID["wipe"], flat(40), flat(200), 0.5, {"softness": 0.5})
    row = drawn.y[10].astype(int)
    assert int(((row > 40) & (row < 200)).sum()) == pytest.approx(18, abs=2)
    assert (np.diff(row) <= 0).all()


def test_a_wipe_at_an_angle_equals_the_named_direction():
    named = mix_canvases(BY_ID["wipe"], flat(40), flat(200), 0.4, {"direction": "down-left"})
    angled = mix_canvases(BY_ID["wipe"], flat(40), flat(200), 0.4, {"direction": "angle", "angle": 135})
    assert largest_difference(named, angled) == 0


def test_luma_and_chroma_are_wiped_at_the_same_place():
    drawn = mix_canvases(BY_ID["wipe"], flat(40), flat(200), 0.5, {"softness": 0.8, "direction": "down-right"})
    assert np.abs(drawn.y.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean(axis=(1, 3)) - drawn.u).max() <= 1.5


@pytest.mark.parametrize("direction", ["left", "right", "up", "down"])
@pytest.mark.parametrize("name", ["slide", "push"])
def test_a_movement_by_halves_shows_the_right_parts(name: str, direction: str):
    before, after = to_canvas(photo(WIDTH, HEIGHT)), to_canvas(photo(WIDTH, HEIGHT, variant=1))
    drawn = mix_canvases(BY_ID[name], before, after, 0.5, {"direction": direction})
    for (first, step), (second, _), (shown, _) in zip(before.planes(), after.planes(), drawn.planes(), strict=True):
        turns = {"left": 0, "up": 1, "right": 2, "down": 3}[direction]
        first, second, shown = (np.rot90(plane, turns) for plane in (first, second, shown))
        half = (2 * round((WIDTH if turns % 2 == 0 else HEIGHT) / 4)) // step
        stays = shown.shape[1] - half
        assert np.array_equal(shown[:, stays:], second[:, :half])
        assert np.array_equal(shown[:, :stays], first[:, half:] if name == "push" else first[:, :stays])


def test_slides_move_by_even_pixels_so_that_chroma_follows():
    before, after = to_canvas(photo(WIDTH, HEIGHT)), to_canvas(photo(WIDTH, HEIGHT, variant=1))
    for progress in np.linspace(0.01, 0.99, 23):
        drawn = mix_canvases(BY_ID["push"], before, after, float(progress))
        shift = 2 * round(float(progress) * WIDTH / 2)
        assert np.array_equal(drawn.y[:, WIDTH - shift :], after.y[:, :shift])
        assert np.array_equal(drawn.u[:, (WIDTH - shift) // 2 :], after.u[:, : shift // 2])


def test_a_circle_opens_on_the_next_clip_or_closes_on_the_first():
    opened = mix_canvases(BY_ID["circle"], flat(40), flat(200), 0.4)
    assert (opened.y[18, 32], opened.y[0, 0]) == (200, 40)
    closed = mix_canvases(BY_ID["circle"], flat(40), flat(200), 0.4, {"mode": "close"})
    assert (closed.y[18, 32], closed.y[0, 0]) == (40, 200)


def test_a_circle_is_round_and_lies_where_it_is_told():
    drawn = mix_canvases(BY_ID["circle"], flat(40), flat(200), 0.2, {"center": [0.25, 0.5], "softness": 0})
    shown = drawn.y > 120
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=1)
    assert columns.mean() == pytest.approx(15.5, abs=0.5)
    assert rows.mean() == pytest.approx(17.5, abs=0.5)


def test_a_dissolve_turns_over_as_many_grains_as_has_passed_and_never_back():
    shares = []
    turned = np.zeros((HEIGHT, WIDTH), bool)
    for progress in (0.1, 0.3, 0.5, 0.7, 0.9):
        drawn = mix_canvases(BY_ID["dissolve"], flat(40), flat(200), progress, {"size": 0.03, "softness": 0})
        shares.append(share_of_after(drawn))
        assert (drawn.y[turned] == 200).all()
        turned = drawn.y == 200
    assert shares == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9], abs=0.06)


def test_a_dissolves_pattern_hangs_on_the_seed():
    first, same, other = (mix_canvases(BY_ID["dissolve"], flat(40), flat(200), 0.5, seed=seed) for seed in (1, 1, 2))
    assert largest_difference(first, same) == 0
    assert largest_difference(first, other) == 160


def test_luma_and_chroma_dissolve_by_the_same_grains():
    drawn = mix_canvases(BY_ID["dissolve"], flat(40), flat(200), 0.5, {"size": 2 / 18, "softness": 0})
    averaged = drawn.y.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean(axis=(1, 3))
    assert np.abs(averaged - drawn.u).mean() < 8


def test_a_zoom_carries_one_clip_into_the_other():
    drawn = [mix_canvases(BY_ID["zoom"], flat(40), flat(200), progress) for progress in (0.1, 0.25, 0.5, 0.75, 0.9)]
    assert [round(share_of_after(canvas), 2) for canvas in drawn] == [0, 0, 0.5, 1, 1]


def test_a_zoom_in_enlarges_what_leaves_and_shrinks_what_comes():
    dot = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    dot[14:22, 28:36] = 255
    black = np.zeros((HEIGHT, WIDTH, 3), np.uint8)

    def size(before: np.ndarray, after: np.ndarray, progress: float, direction: str) -> float:
        drawn = mix_canvases(BY_ID["zoom"], to_canvas(before), to_canvas(after), progress, {"direction": direction})
        return float((drawn.y.astype(int) - 16).sum() / 219 / 64)

    grown = 2.5 ** (2 * 0.24**2)
    assert size(dot, black, 0.24, "in") == pytest.approx(grown**2, rel=0.03)
    assert size(black, dot, 0.76, "in") == pytest.approx(1 / grown**2, rel=0.03)
    assert size(dot, black, 0.24, "out") == pytest.approx(1 / grown**2, rel=0.03)
    assert size(black, dot, 0.76, "out") == pytest.approx(grown**2, rel=0.03)


@pytest.mark.parametrize("name", ["blur", "pixelate"])
def test_detail_is_least_in_the_middle(name: str):
    before, after = to_canvas(photo(320, 180)), to_canvas(photo(320, 180, variant=1))

    def detail(progress: float) -> float:
        drawn = mix_canvases(BY_ID[name], before, after, progress)
        return float(np.abs(np.diff(drawn.y.astype(int), axis=1)).mean())

    assert detail(0.02) > detail(0.25) > detail(0.5) < detail(0.75) < detail(0.98)


@pytest.mark.parametrize("name", ["blur", "pixelate"])
def test_averages_survive_the_loss_of_detail(name: str):
    before = to_canvas(photo(320, 180))
    drawn = mix_canvases(BY_ID[name], before, before, 0.5)
    for (plane, _), (source, _) in zip(drawn.planes(), before.planes(), strict=True):
        assert plane.mean() == pytest.approx(source.mean(), abs=2)
