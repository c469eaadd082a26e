"""Transitions between two scenes, compared with frames that a person looked at."""

from pathlib import Path

import numpy as np
import pytest

from core.api import Canvas, JsonValue, Planes, Transition
from core.api.testing import assert_golden
from core.media.frames import Converter
from plugins.effects.transitions import reelhouse_transitions
from tests.support.drawing import mix_canvases, to_canvas
from tests.support.photo import cut_out, photo

FOLDER = Path(__file__).parent
BY_ID: dict[str, Transition] = {transition.id: transition for transition in reelhouse_transitions()}

FRAMES: list[tuple[str, int, dict[str, JsonValue]]] = [
    ("fade", 50, {}),
    ("fade-color", 25, {}),
    ("fade-color", 75, {}),
    ("fade-color", 50, {"color": "#e8503a"}),
    ("wipe", 25, {}),
    ("wipe", 50, {"direction": "angle", "angle": -30, "softness": 0.3}),
    ("wipe", 75, {"direction": "down-left"}),
    ("slide", 25, {}),
    ("slide", 50, {"direction": "down"}),
    ("push", 50, {}),
    ("push", 75, {"direction": "up"}),
    ("zoom", 25, {}),
    ("zoom", 50, {}),
    ("zoom", 75, {"direction": "out"}),
    ("circle", 50, {}),
    ("circle", 75, {"mode": "close", "center": [0.3, 0.5], "softness": 0.2}),
    ("blur", 25, {}),
    ("blur", 50, {}),
    ("pixelate", 25, {}),
    ("pixelate", 50, {}),
    ("dissolve", 25, {}),
    ("dissolve", 50, {"softness": 0.5, "size": 0.03}),
]


@pytest.mark.parametrize(("name", "percent", "params"), FRAMES, ids=[f"{frame[0]}-{frame[1]}" for frame in FRAMES])
def test_a_transition_draws_its_golden_frame(name: str, percent: int, params: dict[str, JsonValue]):
    before, after = to_canvas(photo()), to_canvas(photo(variant=1))
    drawn = mix_canvases(BY_ID[name], before, after, percent / 100, params)
    assert_golden(Converter().to_rgb(Planes(drawn.y, drawn.u, drawn.v)), FOLDER / f"{name}-{percent}.png")


@pytest.mark.parametrize("name", BY_ID)
def test_a_transition_of_transparent_clips_draws_its_golden_frame(name: str):
    before = to_canvas(cut_out())
    after = to_canvas(np.ascontiguousarray(cut_out()[:, ::-1]))
    drawn = mix_canvases(BY_ID[name], before, after, 0.4)
    assert_golden(_over_sand(drawn), FOLDER / f"{name}-alpha.png")


def test_every_transition_has_a_frame_in_its_middle():
    assert {frame[0] for frame in FRAMES if frame[1] == 50} == set(BY_ID)


def _over_sand(canvas: Canvas) -> np.ndarray:
    """Lay a premultiplied canvas over a plain colour."""
    planes = []
    for (plane, step), level in zip(list(canvas.planes())[:3], (180, 118, 138), strict=True):
        alpha = canvas.a if step == 1 else canvas.a_uv
        planes.append(np.clip(np.rint(level * (1 - alpha / 255) + plane), 0, 255).astype(np.uint8))
    return Converter().to_rgb(Planes(*planes))
