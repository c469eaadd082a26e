"""Samples of the shared maths, made from its formulas: run ``python -m core.contract.samples`` to write them anew.

Every renderer is tested against ``transition_samples.json`` and ``animation_samples.json``. The numbers come from the
formulas alone, never from a renderer.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from core.api import Pose
from core.contract.formulas import ANIMATIONS, FOLDER, TRANSITIONS, Given, solve
from core.contract.grains import grain_at

WIDTH, HEIGHT = 160, 90
DIGITS = 9
PROGRESS = (0.0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1.0)
PRESENCE = (-0.2, 0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0, 1.2)
"""Also beyond 0 and 1, where eases that overshoot lead."""
PLACES = tuple((x, y) for y in (0.5, 30.5, 45.5, 89.5) for x in (0.5, 37.5, 80.5, 121.5, 159.5))
SEEDS = (0, 1, 5, 2**31 + 3, 2**40 + 7, 2**63 + 5)
GRAINS = 16

type Params = Mapping[str, Given]

OF_FRAME: Mapping[str, tuple[str, ...]] = {
    "fade": ("after",),
    "fade-color": ("before", "after", "color"),
    "slide": ("before_x", "before_y", "after_x", "after_y"),
    "push": ("before_x", "before_y", "after_x", "after_y"),
    "zoom": ("after",),
    "blur": ("after", "sigma"),
    "pixelate": ("after", "columns", "rows"),
}
"""The steps sampled at each progress."""
OF_PLACE: Mapping[str, tuple[str, ...]] = {
    "wipe": ("after",),
    "circle": ("after",),
    "dissolve": ("after",),
    "zoom": ("before_x", "before_y", "after_x", "after_y"),
}
"""The steps sampled at each progress and place."""

_WIPE: Params = {"direction": "right", "angle": 30.0, "softness": 0.05}
_CIRCLE: Params = {"mode": "open", "center": [0.5, 0.5], "softness": 0.02}
_ZOOM: Params = {"direction": "in", "amount": 2.5, "center": [0.5, 0.5]}
_DISSOLVE: Params = {"size": 0.1, "softness": 0.2}
_SLIDE: Params = {"direction": "left", "distance": 1.0, "fade": False}
_SCALE: Params = {"from": 0.0, "fade": False}
_DIRECTIONS = ("left", "right", "up", "down")

TRANSITION_CASES: Mapping[str, tuple[Params, ...]] = {
    "fade": ({},),
    "fade-color": ({},),
    "wipe": (
        *(
            {**_WIPE, "direction": direction}
            for direction in (*_DIRECTIONS, "down-right", "down-left", "up-left", "up-right", "angle")
        ),
        {**_WIPE, "softness": 0.0},
        {**_WIPE, "direction": "angle", "angle": -75.0, "softness": 1.0},
    ),
    "slide": tuple({"direction": direction} for direction in _DIRECTIONS),
    "push": tuple({"direction": direction} for direction in _DIRECTIONS),
    "zoom": (
        _ZOOM,
        {**_ZOOM, "direction": "out"},
        {**_ZOOM, "amount": 1.5, "center": [0.25, 0.75]},
    ),
    "circle": (
        _CIRCLE,
        {**_CIRCLE, "mode": "close"},
        {**_CIRCLE, "center": [0.25, 0.9], "softness": 0.5},
        {**_CIRCLE, "mode": "close", "softness": 0.0},
    ),
    "blur": ({"radius": 0.04}, {"radius": 0.1}),
    "pixelate": ({"size": 0.12}, {"size": 0.5}, {"size": 0.0}),
    "dissolve": (_DISSOLVE, {**_DISSOLVE, "softness": 0.0}, {"size": 0.03, "softness": 1.0}),
}
ANIMATION_CASES: Mapping[str, tuple[Params, ...]] = {
    "fade": ({},),
    "slide": (
        *({**_SLIDE, "direction": direction} for direction in _DIRECTIONS),
        {**_SLIDE, "distance": 0.5, "fade": True},
    ),
    "scale": (_SCALE, {"from": 2.0, "fade": True}),
    "rise": ({"distance": 0.05}, {"distance": -0.5}),
    "typewriter": ({},),
}
SEED = 5


def transition_samples() -> Iterator[dict[str, object]]:
    """Yield a sample for each case: ``frame`` holds a row for each step, ``places`` a row for each progress."""
    for id_, cases in TRANSITION_CASES.items():
        for params in cases:
            yield {
                "id": id_,
                "params": params,
                "frame": {
                    step: [_at(id_, params, progress, PLACES[0])[step] for progress in PROGRESS]
                    for step in OF_FRAME.get(id_, ())
                },
                "places": {
                    step: [[_at(id_, params, progress, place)[step] for place in PLACES] for progress in PROGRESS]
                    for step in OF_PLACE.get(id_, ())
                },
            }


def animation_samples() -> Iterator[dict[str, object]]:
    """Yield a sample for each case: a row for each field of the pose."""
    still = asdict(Pose())
    for id_, cases in ANIMATION_CASES.items():
        for params in cases:
            steps = [solve(ANIMATIONS, id_, params, {"p": presence}) for presence in PRESENCE]
            yield {
                "id": id_,
                "params": params,
                "pose": {name: [_rounded(at.get(name, rest)) for at in steps] for name, rest in still.items()},
            }


def grain_samples() -> dict[str, list[float]]:
    """Return the first grains of some seeds."""
    return {str(seed): [_rounded(grain_at(seed, place)) for place in range(GRAINS)] for seed in SEEDS}


def _at(id_: str, params: Params, progress: float, place: tuple[float, float]) -> dict[str, float]:
    places = {"p": progress, "W": WIDTH, "H": HEIGHT, "x": place[0], "y": place[1]}
    return {name: _rounded(value) for name, value in solve(TRANSITIONS, id_, params, places, seed=SEED).items()}


def _rounded(value: float) -> float:
    return round(float(value), DIGITS) + 0.0  # no minus before a zero


def transition_file() -> str:
    """Return the text of ``transition_samples.json``."""
    return _written(
        {
            "about": [
                "Samples of transitions.json, made from its formulas; every renderer is tested against them.",
                "A row of frame has a number for each progress; one of places, for each progress, one for each place.",
                "grains begins the numbers that a dissolve's grains take from a seed.",
            ],
            "width": WIDTH,
            "height": HEIGHT,
            "seed": SEED,
            "progress": PROGRESS,
            "places": PLACES,
            "grains": grain_samples(),
        },
        list(transition_samples()),
    )


def animation_file() -> str:
    """Return the text of ``animation_samples.json``."""
    about = "Samples of animations.json, made from its formulas; a row has a number for each presence."
    return _written({"about": about, "presence": PRESENCE}, list(animation_samples()))


def _written(head: Mapping[str, object], samples: Sequence[Mapping[str, object]]) -> str:
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()]
    body = ",\n".join(f"    {json.dumps(sample)}" for sample in samples)
    return "\n".join(("{", *lines, '  "samples": [', body, "  ]", "}", ""))


if __name__ == "__main__":
    (FOLDER / "transition_samples.json").write_text(transition_file(), encoding="utf-8")
    (FOLDER / "animation_samples.json").write_text(animation_file(), encoding="utf-8")
