import numpy as np
import pytest

from core.api import InvalidInput
from core.media.painters.svg_path import Polyline, flatten


def points(path: str) -> list[list[list[float]]]:
    return [np.round(line.points, 6).tolist() for line in flatten(path, 10, 10)]


def only(path: str) -> Polyline:
    (line,) = flatten(path, 100, 100)
    return line


def test_lines_in_all_forms_give_the_same_corners() -> None:
    expected = [[[1, 1], [5, 1], [5, 4], [1, 4]]]
    for path in (
        "M.1 .1L.5 .1L.5 .4L.1 .4",
        "M.1,.1H.5V.4H.1",
        "m.1.1h.4v.3h-.4",
        "M .1 .1 .5 .1 .5 .4 .1 .4",
        "m.1.1.4 0 0 .3-.4 0",
        "M1e-1 1E-1H+5e-1V.4H.1",
    ):
        assert points(path) == expected


def test_closing_leads_back_and_the_next_command_goes_on_from_there() -> None:
    first, second = flatten("M.1 .1h.5v.5zl.2 0", 10, 10)
    assert (first.is_closed, second.is_closed) == (True, False)
    assert np.allclose(second.points, [[1, 1], [3, 1]])


def test_several_subpaths_are_kept_apart_and_lone_moves_left_out() -> None:
    assert points("M0 0H1M.5 .5M0 1H1") == [[[0, 0], [10, 0]], [[0, 10], [10, 10]]]


def test_a_cubic_ends_where_it_should_and_lies_on_its_curve() -> None:
    line = only("M0 0C0 .5 .5 1 1 1").points
    t = np.linspace(0, 1, len(line))[:, None]
    expected = 3 * (1 - t) ** 2 * t * [0, 50] + 3 * (1 - t) * t**2 * [50, 100] + t**3 * [100, 100]
    assert np.allclose(line, expected)


def test_smooth_curves_carry_on_in_the_same_direction() -> None:
    assert np.allclose(
        only("M0 0C0 .2 .2 .4 .4 .4S.8 .6 .8 .8").points, only("M0 0C0 .2 .2 .4 .4 .4C.6 .4 .8 .6 .8 .8").points
    )
    assert np.allclose(only("M0 0Q.2 .4 .4 .4T.8 .8").points, only("M0 0Q.2 .4 .4 .4Q.6 .4 .8 .8").points)


def test_a_smooth_curve_after_another_command_starts_straight() -> None:
    assert np.allclose(only("M0 0L.1 .1S.4 .5 .5 .5").points, only("M0 0L.1 .1C.1 .1 .4 .5 .5 .5").points)
    assert np.allclose(only("M0 0L.1 .1T.5 .5").points[-1], [50, 50])


@pytest.mark.parametrize(("large", "sweep", "centre"), [(0, 1, (50, 50)), (1, 0, (50, 50))])
def test_an_arc_keeps_its_radius(large: int, sweep: int, centre: tuple[float, float]) -> None:
    line = only(f"M.2 .5A.3 .3 0 {large} {sweep} .8 .5").points
    assert np.allclose(np.hypot(*(line - centre).T), 30)
    assert bool(line[len(line) // 2, 1] < 50) is bool(sweep)


def test_the_four_arcs_between_two_points_differ_by_their_flags() -> None:
    middles = {
        (large, sweep): tuple(np.round(only(f"M.3 .5a.2.2 0 {large}{sweep}.2 0").points.mean(0)))
        for large in (0, 1)
        for sweep in (0, 1)
    }
    assert len(set(middles.values())) == 4
    assert middles[1, 1][1] < middles[0, 1][1] < 50 < middles[0, 0][1] < middles[1, 0][1]


def test_arcs_too_small_are_grown_and_flat_ones_are_lines() -> None:
    grown = only("M.2 .5A.1 .1 0 0 1 .8 .5").points
    assert np.allclose(np.hypot(*(grown - (50, 50)).T), 30)
    assert points("M.2 .5A0 .1 0 0 1 .8 .5") == [[[2, 5], [8, 5]]]


def test_a_turned_arc_is_that_of_a_turned_ellipse() -> None:
    turned = only("M.5 .1A.4 .2 90 0 1 .5 .9").points
    upright = only("M.5 .1A.2 .4 0 0 1 .5 .9").points
    assert np.allclose(turned, upright)


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(InvalidInput, match="a number is expected"):
        flatten("M.1", 10, 10)


def test_a_path_of_very_many_curves_is_drawn_coarser() -> None:
    fine, coarse = only("M0 0" + "q.5.5 1 0" * 50), only("M0 0" + "q.5.5 .1 0" * 5000)
    assert len(fine.points) == 1 + 50 * 24
    assert len(coarse.points) == 1 + 5000 * 10
    assert np.allclose(coarse.points[-1], [50_000, 0])


def test_an_empty_path_is_nothing() -> None:
    assert flatten("", 10, 10) == ()
    assert flatten("  \n", 10, 10) == ()
