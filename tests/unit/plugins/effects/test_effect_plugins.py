"""What holds for every first-party effect, transition and animation, and for their manifests."""

import importlib
import tomllib
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.api import Animation, Effect, JsonValue, ParameterType, Transition
from core.api.testing import check_animation, check_effect, check_transition
from plugins.effects.animations import reelhouse_animations
from plugins.effects.color import reelhouse_effects as color_effects
from plugins.effects.focus import reelhouse_effects as focus_effects
from plugins.effects.key import reelhouse_effects as key_effects
from plugins.effects.motion import reelhouse_effects as motion_effects
from plugins.effects.transitions import reelhouse_transitions
from tests.support.drawing import draw_effect, largest_difference, mix_canvases, to_canvas, to_planes
from tests.support.photo import cut_out, photo

FOLDER = Path(importlib.import_module("plugins.effects").__file__ or "").parent
EFFECTS = (*color_effects(), *focus_effects(), *key_effects(), *motion_effects())
TRANSITIONS = tuple(reelhouse_transitions())
ANIMATIONS = tuple(reelhouse_animations())
NAMES = ("animations", "color", "focus", "key", "motion", "transitions")
INVERTED_CUBE = "LUT_3D_SIZE 2\n" + "\n".join(
    f"{1 - r} {1 - g} {1 - b}" for b in (0, 1) for g in (0, 1) for r in (0, 1)
)

every_effect = pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.id)
every_transition = pytest.mark.parametrize("transition", TRANSITIONS, ids=lambda transition: transition.id)
every_animation = pytest.mark.parametrize("animation", ANIMATIONS, ids=lambda animation: animation.id)


@pytest.fixture
def params(tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, JsonValue]:
    """Give the parameters an effect can't do without."""
    effect = request.getfixturevalue("effect")
    if effect.id != "color.lut":
        return {}
    file = tmp_path / "inverted.cube"
    file.write_text(INVERTED_CUBE)
    return {"file": str(file)}


@pytest.mark.parametrize("name", NAMES)
def test_a_manifest_says_what_the_hooks_declare(name: str):
    manifest = tomllib.loads((FOLDER / name / "plugin.toml").read_text())
    module = importlib.import_module(manifest["module"])
    declared = {
        kind: [contribution.id for contribution in getattr(module, f"reelhouse_{kind}")()]
        for kind in ("effects", "transitions", "animations")
        if hasattr(module, f"reelhouse_{kind}")
    }
    assert manifest["contributes"] == declared
    assert manifest["id"] == f"reelhouse.{name}"


def test_ids_are_unique_within_their_kind():
    for kind in (EFFECTS, TRANSITIONS, ANIMATIONS):
        assert len({contribution.id for contribution in kind}) == len(kind)


def test_every_parameter_is_described():
    for contribution in (*EFFECTS, *TRANSITIONS, *ANIMATIONS):
        assert contribution.title
        assert contribution.description.endswith(".")
        for parameter in contribution.params:
            assert parameter.title, (contribution.id, parameter.name)
            if parameter.type in (ParameterType.FLOAT, ParameterType.INT):
                assert parameter.minimum is not None
                assert parameter.maximum is not None
                assert parameter.widget


@every_effect
def test_an_effect_keeps_the_contract(effect: Effect, params: dict[str, JsonValue]):
    check_effect(effect, params=params)


@every_transition
def test_a_transition_keeps_the_contract(transition: Transition):
    check_transition(transition)


@every_animation
def test_an_animation_keeps_the_contract(animation: Animation):
    check_animation(animation)


@every_effect
def test_an_effect_leaves_its_input_alone_and_repeats_itself(effect: Effect, params: dict[str, JsonValue]):
    for picture in (photo(64, 36), cut_out(64, 36)):
        planes = to_planes(picture)
        before = [plane.copy() for plane in (planes.y, planes.u, planes.v)]
        first, again = (draw_effect(effect, planes, params, frame=7) for _ in range(2))
        assert largest_difference(first, again) == 0
        for plane, copy in zip((planes.y, planes.u, planes.v), before, strict=True):
            assert np.array_equal(plane, copy)


@pytest.mark.parametrize(
    "effect",
    # The default sharpening and grain are finer than a pixel of the small picture.
    [effect for effect in EFFECTS if effect.id not in ("grain", "sharpen")],
    ids=lambda effect: effect.id,
)
def test_an_effect_looks_alike_at_every_size(effect: Effect, params: dict[str, JsonValue]):
    """The large picture, shrunk after the effect, looks like the small one after it."""
    large_picture = cv2.GaussianBlur(cut_out(640, 360), (0, 0), 2)
    small_picture = cv2.resize(large_picture, (320, 180), interpolation=cv2.INTER_AREA)
    small = draw_effect(effect, to_planes(small_picture), params, frame=15)
    large = draw_effect(effect, to_planes(large_picture), params, frame=15)
    assert np.abs(halved(large.a) - small.a).mean() < 1
    for name in "yuv":
        assert np.abs(halved(getattr(large, name)) - getattr(small, name)).mean() < 1.5


def halved(plane: np.ndarray) -> np.ndarray:
    return plane.reshape(plane.shape[0] // 2, 2, plane.shape[1] // 2, 2).mean(axis=(1, 3))


@every_transition
@pytest.mark.parametrize("picture", [photo, cut_out], ids=["opaque", "alpha"])
def test_a_transition_begins_with_one_frame_and_ends_with_the_other(transition: Transition, picture):
    before, after = to_canvas(picture(64, 36)), to_canvas(picture(64, 36)[:, ::-1])
    assert largest_difference(mix_canvases(transition, before, after, 0.0), before) == 0
    assert largest_difference(mix_canvases(transition, before, after, 1.0), after) == 0


@every_transition
def test_a_transition_repeats_itself_and_fills_the_whole_frame(transition: Transition):
    before, after = to_canvas(photo(64, 36)), to_canvas(photo(64, 36, variant=1))
    for progress in (0.01, 0.3, 0.5, 0.77, 0.99):
        first, again = (mix_canvases(transition, before, after, progress) for _ in range(2))
        assert largest_difference(first, again) == 0
        # Between two equal frames there is nothing to see but the frame, moved or coarser: no noise of the target.
        flat = to_canvas(np.full((36, 64, 3), (200, 90, 60), np.uint8))
        if transition.id != "fade-color":
            assert largest_difference(mix_canvases(transition, flat, flat, progress), flat) <= 1


def test_values_are_complete_by_default():
    """Only the lookup table has a parameter that must be given."""
    required = [
        (contribution.id, parameter.name)
        for contribution in (*EFFECTS, *TRANSITIONS, *ANIMATIONS)
        for parameter in contribution.params
        if parameter.is_required
    ]
    assert required == [("color.lut", "file")]
