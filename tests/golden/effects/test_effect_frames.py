"""Effects on a photograph-like picture, compared with frames that a person looked at."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.api import Effect, JsonValue, Rgb, Rgba
from core.api.testing import assert_golden
from core.media.frames import Converter
from plugins.effects.color import reelhouse_effects as color_effects
from plugins.effects.focus import reelhouse_effects as focus_effects
from plugins.effects.key import reelhouse_effects as key_effects
from plugins.effects.motion import reelhouse_effects as motion_effects
from tests.support.drawing import draw_effect, to_planes
from tests.support.photo import cut_out, greenscreen, photo

FOLDER = Path(__file__).parent
EFFECTS: dict[str, Effect] = {
    effect.id: effect for effect in (*color_effects(), *focus_effects(), *key_effects(), *motion_effects())
}
LOOK = Path(__file__).with_name("look.cube")

FRAMES: list[tuple[str, str, Callable[[], Rgb | Rgba], dict[str, JsonValue]]] = [
    (
        "color.grade",
        "color.grade",
        photo,
        {"temperature": 25, "tint": 8, "contrast": 1.06, "saturation": 1.15, "brightness": -0.02},
    ),
    ("color.grade", "color.grade-gamma", photo, {"exposure": 0.7, "contrast": 1.2, "gamma": 0.8}),
    (
        "color.curves",
        "color.curves",
        photo,
        {"master": "0,0 0.25,0.18 0.75,0.84 1,1", "red": "0,0 0.3,0.25 0.7,0.76 1,1", "blue": "0,0.07 1,0.92"},
    ),
    ("color.lut", "color.lut", photo, {"file": str(LOOK), "intensity": 0.8}),
    ("color.greyscale", "color.greyscale", photo, {}),
    ("color.sepia", "color.sepia", photo, {}),
    ("color.invert", "color.invert", photo, {}),
    ("blur", "blur", photo, {}),
    ("blur", "blur-alpha", cut_out, {"radius": 0.03}),
    ("sharpen", "sharpen", photo, {"amount": 1, "radius": 0.004}),
    ("vignette", "vignette", photo, {}),
    ("grain", "grain", photo, {"amount": 0.5, "size": 0.008}),
    ("pixelate", "pixelate", photo, {}),
    ("pixelate", "pixelate-alpha", cut_out, {}),
    ("mirror", "mirror", photo, {}),
    ("mirror", "mirror-reflect", photo, {"axis": "both", "reflect": True}),
    ("key.chroma", "key.chroma", greenscreen, {}),
    ("key.luma", "key.luma", photo, {"threshold": 0.4}),
    ("shadow", "shadow", cut_out, {"x": 0.03, "y": 0.03, "blur": 0.015}),
    ("motion.kenburns", "motion.kenburns", photo, {"zoom_to": 2, "focus_to": [0.3, 0.5]}),
]


@pytest.mark.parametrize(("effect", "name", "picture", "params"), FRAMES, ids=[frame[1] for frame in FRAMES])
def test_an_effect_draws_its_golden_frame(
    effect: str, name: str, picture: Callable[[], Rgb | Rgba], params: dict[str, JsonValue]
):
    drawn = draw_effect(EFFECTS[effect], to_planes(picture()), params, frame=20)
    converter = Converter()
    shown = converter.to_rgb(drawn) if drawn.a is None else converter.to_rgba(drawn)
    assert_golden(np.ascontiguousarray(shown), FOLDER / f"{name}.png")


def test_every_effect_has_a_golden_frame():
    assert {frame[0] for frame in FRAMES} == set(EFFECTS)
