"""Tests of the animation."""

from my_plugin import SWING

from core.api import Pose, Values
from core.api.testing import check_animation


def test_the_animation_keeps_its_contract() -> None:
    check_animation(SWING)


def test_half_way_it_is_turned_by_half_the_angle() -> None:
    assert SWING.pose(0.5, Values({"angle": -20.0})) == Pose(rotate=-10.0, y=-0.05, opacity=0.5)
