"""Enter and exit animations: strips of poses as numbers."""

import pytest

from core.api import Animation, JsonValue, Pose, parse_values
from plugins.effects.animations import reelhouse_animations

BY_ID: dict[str, Animation] = {animation.id: animation for animation in reelhouse_animations()}


def strip(name: str, **params: JsonValue) -> list[Pose]:
    values, complaints = parse_values(BY_ID[name].params, params)
    assert not complaints
    return [BY_ID[name].pose(presence, values) for presence in (0.0, 0.25, 0.5, 1.0)]


def test_fade():
    assert strip("fade") == [Pose(opacity=0), Pose(opacity=0.25), Pose(opacity=0.5), Pose()]


@pytest.mark.parametrize(("direction", "x", "y"), [("left", 1, 0), ("right", -1, 0), ("up", 0, 1), ("down", 0, -1)])
def test_slide_moves_in_its_direction(direction: str, x: int, y: int):
    shares = (1.0, 0.75, 0.5, 0.0)
    assert strip("slide", direction=direction) == [Pose(x=x * share, y=y * share) for share in shares]
    assert strip("slide", direction=direction, distance=0.5)[1] == Pose(x=x * 0.375, y=y * 0.375)


def test_slide_can_fade():
    assert strip("slide", fade=True)[1] == Pose(x=0.75, opacity=0.25)


def test_scale():
    assert strip("scale") == [Pose(scale=0), Pose(scale=0.25), Pose(scale=0.5), Pose()]
    assert strip("scale", **{"from": 2}) == [Pose(scale=2), Pose(scale=1.75), Pose(scale=1.5), Pose()]
    assert strip("scale", fade=True)[1] == Pose(scale=0.25, opacity=0.25)


def test_rise():
    assert strip("rise", distance=0.1) == [
        Pose(y=0.1, opacity=0),
        Pose(y=pytest.approx(0.075), opacity=0.25),
        Pose(y=0.05, opacity=0.5),
        Pose(),
    ]


def test_typewriter():
    assert strip("typewriter") == [Pose(reveal=0), Pose(reveal=0.25), Pose(reveal=0.5), Pose()]
