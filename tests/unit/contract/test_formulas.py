"""Formulas say what they are read to say: worked examples by hand, and the random numbers of their papers."""

import json
import re
from itertools import islice
from math import hypot, pi, sqrt

import numpy as np
import pytest

from core.contract import formulas
from core.contract.formulas import ANIMATIONS, FOLDER, TRANSITIONS, solve
from core.contract.grains import grain_at, grains

FRAME = {"W": 160, "H": 90}


def test_a_wipe_worked_by_hand() -> None:
    """Half way to the right the edge has come through half of frame and softness: (160 + 9) / 2 = 84.5."""
    at = {"p": 0.5, **FRAME, "y": 10.5}
    params = {"direction": "right", "angle": 30.0, "softness": 0.1}
    assert solve(TRANSITIONS, "wipe", params, {**at, "x": 80.5})["edge"] == 84.5
    assert solve(TRANSITIONS, "wipe", params, {**at, "x": 80.5})["after"] == pytest.approx(4 / 9)
    assert solve(TRANSITIONS, "wipe", params, {**at, "x": 75.5})["after"] == 1
    assert solve(TRANSITIONS, "wipe", params, {**at, "x": 84.5})["after"] == 0


def test_a_choice_takes_the_place_of_the_parameter_of_its_name() -> None:
    params = {"direction": "angle", "angle": 30.0, "softness": 0.0}
    steps = solve(TRANSITIONS, "wipe", params, {"p": 0.5, **FRAME, "x": 0.5, "y": 0.5})
    assert (steps["across"], steps["down"]) == pytest.approx((sqrt(3) / 2, 0.5))
    steps = solve(TRANSITIONS, "wipe", {**params, "direction": "up"}, {"p": 0.5, **FRAME, "x": 0.5, "y": 0.5})
    assert (steps["across"], steps["down"]) == pytest.approx((0, -1))


def test_a_circle_worked_by_hand() -> None:
    params = {"mode": "close", "center": [0.25, 0.5], "softness": 0.0}
    steps = solve(TRANSITIONS, "circle", params, {"p": 0.75, **FRAME, "x": 40.5, "y": 45.5})
    assert steps["reach"] == hypot(120, 45)
    assert steps["edge"] == (hypot(120, 45) + 1) / 4
    assert steps["after"] == 0
    assert solve(TRANSITIONS, "circle", params, {"p": 0.75, **FRAME, "x": 159.5, "y": 45.5})["after"] == 1


def test_a_slide_moves_by_whole_steps() -> None:
    steps = solve(TRANSITIONS, "push", {"direction": "up"}, {"p": 0.25, **FRAME})
    assert steps["shift"] == 22  # a quarter of 90 is 22.5: eleven steps of two
    assert (steps["before_y"], steps["after_y"]) == (-22, 68)
    assert steps["before_x"] == steps["after_x"] == 0


def test_a_zoom_worked_by_hand() -> None:
    params = {"direction": "in", "amount": 4.0, "center": [0.5, 0.5]}
    steps = solve(TRANSITIONS, "zoom", params, {"p": 0.5, **FRAME, "x": 120.0, "y": 45.0})
    assert (steps["before_scale"], steps["after_scale"], steps["after"]) == (2, 0.5, 0.5)
    assert (steps["before_x"], steps["after_x"]) == (100, 160)


def test_blur_and_pixelate_are_deepest_in_the_middle() -> None:
    assert solve(TRANSITIONS, "blur", {"radius": 0.1}, {"p": 0.5, **FRAME})["sigma"] == 9
    assert solve(TRANSITIONS, "blur", {"radius": 0.1}, {"p": 0.75, **FRAME})["sigma"] == 4.5
    steps = solve(TRANSITIONS, "pixelate", {"size": 0.5}, {"p": 0.5, **FRAME})
    assert (steps["columns"], steps["rows"]) == (4, 2)


def test_a_parameter_is_known_by_the_name_that_its_formula_gives_it() -> None:
    steps = solve(ANIMATIONS, "scale", {"from": 3.0, "fade": True}, {"p": 0.5})
    assert steps == {"scale": 2, "opacity": 0.5}


@pytest.mark.parametrize(
    "expression", ["p.real", "p if p else 0", "[p]", "'p'", "p @ p", "max(p, key=p)", "(lambda: p)()"]
)
def test_an_expression_that_is_no_arithmetic_is_refused(expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    definition = {"laws": {}, "formula": [["after", expression]]}
    monkeypatch.setattr(formulas, "_definitions", lambda _kind: {"fade": definition})
    with pytest.raises((ValueError, KeyError)):
        solve(TRANSITIONS, "fade", {}, {"p": 0.5})


@pytest.mark.parametrize("kind", [TRANSITIONS, ANIMATIONS])
def test_formulas_use_all_their_laws_and_no_function_that_is_not_there(kind: str) -> None:
    document = json.loads((FOLDER / f"{kind}.json").read_text("utf-8"))
    for id_, definition in document["definitions"].items():
        used = {name for _, expression in definition["formula"] for name in re.findall(r"(\w+)\(", expression)}
        laws = set(definition["laws"])
        assert laws <= used, id_
        assert used - laws <= {*formulas._FUNCTIONS, "grain"}, id_


def test_grains_are_those_of_the_published_generator() -> None:
    """NumPy's PCG64 and SeedSequence are another's code for the same papers."""
    for seed in (0, 1, 2**32, 2**63 - 1):
        raw = np.random.PCG64(seed).random_raw(3).tolist()
        expected = [half / 2**24 for output in raw for half in (output % 2**32 >> 8, output >> 40)]
        assert list(islice(grains(seed), 6)) == expected
    assert grain_at(3, 5000) == next(islice(grains(3), 5000, None))
    assert list(islice(grains(2**63 + 5), 4)) == list(islice(grains(5), 4))


def test_angles_are_in_degrees() -> None:
    assert formulas._FUNCTIONS["radians"](180) == pi
