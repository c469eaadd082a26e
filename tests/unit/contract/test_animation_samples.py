"""The server's animations pose as the shared samples say; the browser's are held to the same file."""

import json
from pathlib import Path
from typing import Any

import pytest

import core.contract
from core.api import Animation, parse_values
from core.contract.samples import animation_file
from plugins.effects.animations import reelhouse_animations

PATH = Path(core.contract.__file__).parent / "animation_samples.json"
FILE: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
SAMPLES: list[dict[str, Any]] = FILE["samples"]
BY_ID: dict[str, Animation] = {animation.id: animation for animation in reelhouse_animations()}


def test_the_samples_are_those_of_the_formulas() -> None:
    """After a change of a formula: ``python -m core.contract.samples``, and every renderer must follow."""
    assert PATH.read_text("utf-8") == animation_file()


def test_every_animation_is_sampled() -> None:
    assert {sample["id"] for sample in SAMPLES} == set(BY_ID)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: f"{each['id']} {each['params']}")
def test_an_animation_poses_as_sampled(sample: dict[str, Any]) -> None:
    animation = BY_ID[sample["id"]]
    values, complaints = parse_values(animation.params, sample["params"])
    assert not complaints
    for number, presence in enumerate(FILE["presence"]):
        pose = animation.pose(presence, values)
        for field, row in sample["pose"].items():
            assert getattr(pose, field) == pytest.approx(row[number], abs=1e-9), (field, presence)
