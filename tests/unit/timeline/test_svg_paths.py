"""SVG path data is read by the letter, and told where it is wrong."""

from math import hypot

import pytest

from core.api import InvalidInput
from core.timeline.svg_paths import MOST_COMMANDS, Arc, Bezier, parse_path


def test_a_path_is_read_into_subpaths_of_segments() -> None:
    closed, opened = parse_path("M.1 .1h.4v.3z m.5 0 Q1 0 1 1")
    assert (closed.start, closed.is_closed) == ((0.1, 0.1), True)
    assert closed.segments == (Bezier(((0.1, 0.1), (0.5, 0.1))), Bezier(((0.5, 0.1), (0.5, 0.4))))
    assert (opened.start, opened.is_closed) == ((0.6, 0.1), False)
    assert opened.segments == (Bezier(((0.6, 0.1), (1, 0), (1, 1))),)


def test_an_arc_is_kept_by_its_centre() -> None:
    [subpath] = parse_path("M.2 .5A.3 .3 0 0 1 .8 .5")
    [arc] = subpath.segments
    assert isinstance(arc, Arc)
    assert arc.centre == pytest.approx((0.5, 0.5))
    assert arc.at(0) == pytest.approx((0.2, 0.5))
    assert arc.at(0.5) == pytest.approx((0.5, 0.2))
    assert arc.at(1) == (0.8, 0.5)


def test_lone_moves_and_empty_paths_are_nothing() -> None:
    assert parse_path("M0 0M1 1zz") == parse_path(" \n") == ()


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("L.1 .1", 'a path begins with M at character 1 ("L.1 .1")'),
        ("M.1", 'a number is expected at character 4 ("the end")'),
        ("M0 0X", 'a command is expected at character 5 ("X")'),
        ("M0 0Z1", 'a command is expected at character 6 ("1")'),
        ("M0 0A.1 .1 0 2 0 1 1", 'a flag (0 or 1) is expected at character 14 ("2 0 1 1")'),
        ("M0 0L1e99 1", 'a number is too large for a 1×1 box at character 6 ("1e99 1")'),
        ("M0 0L nan 1", 'a number is expected at character 7 ("nan 1")'),
        ("M0 ٣", 'a number is expected at character 4 ("٣")'),
        (" M0 0 L 1,,1", 'a number is expected at character 11 (",1")'),
        ("M0 0" + "l999 999" * 2, "runs far out of its 1×1 box"),
        ("M0 0" + "z" * MOST_COMMANDS, "has more than 10000 commands"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(path: str, complaint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_path(path)
    assert str(caught.value) == complaint
    assert caught.value.path == "path"


@pytest.mark.parametrize("size", ["1e-300", "1e-170", "1e-12", "5e-324"])
@pytest.mark.parametrize("end", ["1 1", "5e-324 0", "1e-170 1e-170", "0 0"])
def test_arcs_of_no_size_are_lines(size: str, end: str) -> None:
    """Their squares are lost to floating point, and dividing by those would fail while drawing."""
    for radii in (f"{size} {size}", f"{size} 1000", f"1000 {size}"):
        [subpath] = parse_path(f"M0 0A{radii} 45 1 0 {end}")
        [segment] = subpath.segments
        assert isinstance(segment, Bezier)
        x, y = segment.at(0.5)
        assert hypot(x, y) <= 1
