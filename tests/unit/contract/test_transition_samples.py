"""The server's transitions show what the shared samples say; the browser's are held to the same file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core.contract
from core.api import Canvas, JsonValue, Transition
from core.contract.samples import transition_file
from plugins.effects.transitions import reelhouse_transitions
from plugins.effects.transitions.dissolve import _grains
from tests.support.drawing import mix_canvases

PATH = Path(core.contract.__file__).parent / "transition_samples.json"
FILE: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
SAMPLES: list[dict[str, Any]] = FILE["samples"]
BY_ID: dict[str, Transition] = {transition.id: transition for transition in reelhouse_transitions()}
WIDTH, HEIGHT, SEED = FILE["width"], FILE["height"], FILE["seed"]
PIXELS = [(int(x), int(y)) for x, y in FILE["places"]]
LEVEL = 1 / 255

type Params = Mapping[str, JsonValue]


def named(sample: dict[str, Any]) -> str:
    return f"{sample['id']} {' '.join(map(str, sample['params'].values()))}".strip()


def canvas(luma: np.ndarray | int) -> Canvas:
    small = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    return Canvas(np.broadcast_to(np.asarray(luma, np.uint8), (HEIGHT, WIDTH)).copy(), small, small)


COLUMNS = np.arange(WIDTH)[None, :]
ROWS = np.arange(HEIGHT)[:, None]


def draw(id_: str, before: np.ndarray | int, after: np.ndarray | int, progress: float, params: Params) -> np.ndarray:
    """Return the luma that a transition draws."""
    mixed = mix_canvases(BY_ID[id_], canvas(before), canvas(after), progress, params, seed=SEED)
    return mixed.y.astype(float)


def share_of_after(id_: str, progress: float, params: Params) -> float:
    """Return the share of the second frame, of a transition that mixes all places alike."""
    drawn = draw(id_, 0, 255, progress, params)
    assert np.ptp(drawn) == 0
    return float(drawn[0, 0]) / 255


def colors_shares(progress: float, params: Params) -> tuple[float, float, float]:
    """Return the shares of both frames and the colour, each from a drawing in which it alone is white."""
    white, black = 235, 16
    drawings = (
        draw("fade-color", white, black, progress, {"color": "#000000"}),
        draw("fade-color", black, white, progress, {"color": "#000000"}),
        draw("fade-color", black, black, progress, {"color": "#ffffff"}),
    )
    before, after, color = ((float(drawn[0, 0]) - black) / (white - black) for drawn in drawings)
    return before, after, color


def offsets(id_: str, progress: float, params: Params) -> dict[str, float | None]:
    """Return where each frame was drawn, told by the columns and rows that it carries; None where it is not seen."""

    def offset(which: str, lines: np.ndarray) -> float | None:
        numbered = np.broadcast_to(lines, (HEIGHT, WIDTH))
        pair = (numbered, 255) if which == "before" else (255, numbered)
        drawn = draw(id_, *pair, progress, params)
        seen = drawn != 255
        if not seen.any():
            return None
        found = set((numbered - drawn)[seen].tolist())
        assert len(found) == 1, "the frame was torn"
        return found.pop()

    return {
        f"{which}_{axis}": offset(which, lines)
        for which in ("before", "after")
        for axis, lines in (("x", COLUMNS), ("y", ROWS))
    }


def blur_of(progress: float, params: Params) -> float:
    """Return the standard deviation in pixels of the Gaussian that softened an upright edge."""
    edge = np.where(COLUMNS < WIDTH // 2, 0, 255)
    profile = draw("blur", edge, edge, progress, params)[HEIGHT // 2] / 255
    steps = np.diff(profile)
    at = np.arange(len(steps))
    middle = float((steps * at).sum() / steps.sum())
    return float(np.sqrt((steps * (at - middle) ** 2).sum() / steps.sum()))


def blocks_of(progress: float, params: Params) -> tuple[int, int]:
    """Return into how many blocks a frame was cut across and down."""
    across = draw("pixelate", np.broadcast_to(COLUMNS, (HEIGHT, WIDTH)), COLUMNS, progress, params)
    down = draw("pixelate", np.broadcast_to(2 * ROWS, (HEIGHT, WIDTH)), 2 * ROWS, progress, params)
    return len(np.unique(across[0])), len(np.unique(down[:, 0]))


def test_the_samples_are_those_of_the_formulas() -> None:
    """After a change of a formula: ``python -m core.contract.samples``, and every renderer must follow."""
    assert PATH.read_text("utf-8") == transition_file()


def test_every_transition_is_sampled() -> None:
    assert {sample["id"] for sample in SAMPLES} == set(BY_ID)


@pytest.mark.parametrize(
    "sample", [each for each in SAMPLES if "after" in each["frame"] and each["id"] != "fade-color"], ids=named
)
def test_a_frame_is_mixed_in_the_sampled_share(sample: dict[str, Any]) -> None:
    shown = [share_of_after(sample["id"], progress, sample["params"]) for progress in FILE["progress"]]
    assert shown == pytest.approx(sample["frame"]["after"], abs=LEVEL)


@pytest.mark.parametrize("sample", [each for each in SAMPLES if each["id"] == "fade-color"], ids=named)
def test_a_fade_through_a_colour_has_the_sampled_shares(sample: dict[str, Any]) -> None:
    for number, progress in enumerate(FILE["progress"]):
        expected = [sample["frame"][name][number] for name in ("before", "after", "color")]
        assert colors_shares(progress, sample["params"]) == pytest.approx(expected, abs=1 / 219), progress


@pytest.mark.parametrize("sample", [each for each in SAMPLES if "after" in each["places"]], ids=named)
def test_each_place_is_uncovered_as_sampled(sample: dict[str, Any]) -> None:
    for progress, expected in zip(FILE["progress"], sample["places"]["after"], strict=True):
        drawn = draw(sample["id"], 0, 255, progress, sample["params"])
        # A mask has 8 bits, and so has what is mixed by it.
        assert [drawn[y, x] / 255 for x, y in PIXELS] == pytest.approx(expected, abs=1.5 * LEVEL), progress


@pytest.mark.parametrize("sample", [each for each in SAMPLES if each["id"] in {"slide", "push"}], ids=named)
def test_frames_are_moved_as_sampled(sample: dict[str, Any]) -> None:
    for number, progress in enumerate(FILE["progress"]):
        found = offsets(sample["id"], progress, sample["params"])
        is_seen = {"before": progress < 1, "after": progress > 0}
        expected = {name: row[number] if is_seen[name.split("_")[0]] else None for name, row in sample["frame"].items()}
        assert found == expected, progress


@pytest.mark.parametrize("sample", [each for each in SAMPLES if each["id"] == "zoom"], ids=named)
def test_a_zoom_shows_each_place_from_where_the_samples_say(sample: dict[str, Any]) -> None:
    """Ramps tell where a pixel came from; only frames seen alone are asked, and what comes from inside of them."""
    asked = 0
    for number, progress in enumerate(FILE["progress"]):
        share = sample["frame"]["after"][number]
        if share not in (0, 1):
            continue
        which = "after" if share else "before"
        across, down = (
            draw("zoom", ramp, ramp, progress, sample["params"])
            for ramp in (COLUMNS + 40, np.broadcast_to(2 * ROWS, (HEIGHT, WIDTH)))
        )
        rows = (sample["places"][f"{which}_{axis}"][number] for axis in "xy")
        for (x, y), source_x, source_y in zip(PIXELS, *rows, strict=True):
            if 1 <= source_x <= WIDTH - 1 and 1 <= source_y <= HEIGHT - 1:
                found = across[y, x] - 40 + 0.5, down[y, x] / 2 + 0.5
                assert found == pytest.approx((source_x, source_y), abs=0.6), (progress, x, y)
                asked += 1
    assert asked > 50


@pytest.mark.parametrize("sample", [each for each in SAMPLES if each["id"] == "blur"], ids=named)
def test_a_blur_is_as_wide_as_sampled(sample: dict[str, Any]) -> None:
    for progress, sigma in zip(FILE["progress"], sample["frame"]["sigma"], strict=True):
        if sigma > 0.5:
            assert blur_of(progress, sample["params"]) == pytest.approx(sigma, rel=0.05), progress
        if sigma == 0:
            assert blur_of(progress, sample["params"]) == 0


@pytest.mark.parametrize("sample", [each for each in SAMPLES if each["id"] == "pixelate"], ids=named)
def test_blocks_are_as_many_as_sampled(sample: dict[str, Any]) -> None:
    for number, progress in enumerate(FILE["progress"]):
        expected = tuple(sample["frame"][name][number] for name in ("columns", "rows"))
        assert blocks_of(progress, sample["params"]) == expected, progress


@pytest.mark.parametrize("seed", FILE["grains"])
def test_grains_are_drawn_as_sampled(seed: str) -> None:
    expected = FILE["grains"][seed]
    assert _grains(int(seed), len(expected)).tolist() == pytest.approx(expected, abs=1e-9)
    assert _grains(int(seed), 3).tolist() == pytest.approx(expected[:3], abs=1e-9)
