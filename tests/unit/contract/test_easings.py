"""Easings follow their published definitions; the same golden samples test the browser's."""

import json
from math import cos, pi, sin, sqrt
from pathlib import Path

import pytest

import core.contract
from core.contract.easings import EASINGS, cubic_bezier, ease, easing, is_easing

GOLDEN: dict[str, list[float]] = json.loads((Path(core.contract.__file__).parent / "easings.json").read_text("utf-8"))[
    "samples"
]
STEPS = 20


def bounce_out(x: float) -> float:
    if x < 1 / 2.75:
        return 7.5625 * x * x
    if x < 2 / 2.75:
        return 7.5625 * (x - 1.5 / 2.75) ** 2 + 0.75
    if x < 2.5 / 2.75:
        return 7.5625 * (x - 2.25 / 2.75) ** 2 + 0.9375
    return 7.5625 * (x - 2.625 / 2.75) ** 2 + 0.984375


def test_every_easing_has_golden_samples_and_meets_them() -> None:
    named = {name for name in GOLDEN if not name.startswith("cubic-bezier")}
    assert named == set(EASINGS)
    assert len(GOLDEN) > len(named)
    for name, samples in GOLDEN.items():
        assert len(samples) == STEPS + 1
        assert [ease(name, step / STEPS) for step in range(STEPS + 1)] == pytest.approx(samples, abs=1e-9), name


@pytest.mark.parametrize(
    ("name", "progress", "expected"),
    [
        ("sine-in", 0.3, 1 - cos(0.3 * pi / 2)),
        ("sine-in-out", 0.7, -(cos(pi * 0.7) - 1) / 2),
        ("quad-out", 0.25, 1 - 0.75**2),
        ("cubic-in-out", 0.25, 4 * 0.25**3),
        ("quart-in", 0.5, 0.0625),
        ("quint-out", 0.5, 1 - 0.5**5),
        ("expo-in", 0.4, 2 ** (10 * 0.4 - 10)),
        ("circ-out", 0.4, sqrt(1 - 0.6**2)),
        ("back-in", 0.5, 2.70158 * 0.125 - 1.70158 * 0.25),
        ("back-in-out", 0.25, (0.5**2 * ((1.70158 * 1.525 + 1) * 0.5 - 1.70158 * 1.525)) / 2),
        ("back-in-out", 0.75, ((-0.5) ** 2 * ((1.70158 * 1.525 + 1) * -0.5 + 1.70158 * 1.525) + 2) / 2),
        ("elastic-in", 0.6, -(2 ** (-4)) * sin((6 - 10.75) * 2 * pi / 3)),
        ("elastic-out", 0.2, 2 ** (-2) * sin((2 - 0.75) * 2 * pi / 3) + 1),
        ("elastic-in-out", 0.3, -(2 ** (-4) * sin((6 - 11.125) * 2 * pi / 4.5)) / 2),
        ("elastic-in-out", 0.7, 2 ** (-4) * sin((14 - 11.125) * 2 * pi / 4.5) / 2 + 1),
        ("bounce-out", 0.6, bounce_out(0.6)),
        ("bounce-in", 0.2, 1 - bounce_out(0.8)),
        ("bounce-in-out", 0.3, (1 - bounce_out(0.4)) / 2),
        ("hold", 0.999, 0.0),
    ],
)
def test_a_family_follows_its_published_equation(name: str, progress: float, expected: float) -> None:
    assert ease(name, progress) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", sorted(EASINGS))
def test_every_easing_begins_at_0_and_ends_at_1(name: str) -> None:
    assert ease(name, 0) == pytest.approx(0, abs=1e-12)
    assert ease(name, 1) == pytest.approx(1, abs=1e-12)
    assert ease(name, -3) == ease(name, 0)
    assert ease(name, 7) == ease(name, 1)


@pytest.mark.parametrize(
    "name", [name for name in sorted(EASINGS) if name.endswith("in-out") and name != "ease-in-out"]
)
def test_in_out_easings_turn_about_their_middle(name: str) -> None:
    assert ease(name, 0.5) == pytest.approx(0.5)
    for progress in (0.1, 0.27, 0.4):
        assert ease(name, progress) == pytest.approx(1 - ease(name, 1 - progress))


def test_the_css_names_are_their_own_cubic_beziers() -> None:
    assert ease("ease", 0.35) == ease("cubic-bezier(0.25, 0.1, 0.25, 1)", 0.35)
    assert ease("ease-in-out", 0.35) == ease("cubic-bezier(.42,0,.58,1)", 0.35)
    assert cubic_bezier(1 / 3, 1 / 3, 2 / 3, 2 / 3)(0.37) == pytest.approx(0.37)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "eese",
        "cubic-bezier()",
        "cubic-bezier(0,0,1)",
        "cubic-bezier(1.2,0,0,1)",
        "cubic-bezier(0,0,-0.1,1)",
        "cubic-bezier(0,inf,0,1)",
        "cubic-bezier(0,nan,0,1)",
        "cubic-bezier(0,1e300,0,1)",
        "cubic-bezier(0,11,0,1)",
        "cubic-bezier(1_0,0,0,1)",
        "cubic-bezier(0,0,0,1",
        "Ease-In",
    ],
)
def test_a_name_that_is_no_easing_is_told_so(name: str) -> None:
    assert not is_easing(name)
    with pytest.raises(ValueError, match=r"easing|cubic-bezier"):
        easing(name)
