"""Fits, blends, easings, placement, nesting and captions, compared with frames that a person looked at."""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.api import Rgb
from core.api.testing import assert_golden
from core.contract.easings import EASINGS
from core.host.host import PluginHost
from core.media.compositor import Compositor
from core.media.frames import Converter
from core.media.probe import probe
from core.render.preparing import prepare
from tests.support.photo import photo

FOLDER = Path(__file__).parent
DAY, NIGHT = "file:day.png", "file:night.png"
OUTPUT = {"width": 320, "height": 180, "fps": 30, "background": "#20242c"}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PluginHost]:
    with PluginHost.load(home=tmp_path_factory.mktemp("home")) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    Image.fromarray(photo(480, 270)).save(folder / "day.png")
    Image.fromarray(photo(480, 270, variant=1)).save(folder / "night.png")
    Image.fromarray(photo(200, 300)).save(folder / "tall.png")
    rows = np.hypot(*np.meshgrid(np.linspace(-1, 1, 320), np.linspace(-1, 1, 180)))
    Image.fromarray((np.clip(1.2 - rows, 0, 1) * 255).astype(np.uint8)).save(folder / "mask.png")
    return folder


def draw(document: dict[str, Any], at: str, root: Path, host: PluginHost) -> Rgb:
    text = json.dumps({"version": 1, "output": OUTPUT, **document})
    prepared = prepare(text, root=root, home=root, host=host, probe=lambda path, _content: probe(path))
    compositor = Compositor(prepared.plan, prepared.materials)
    frame = compositor.frame(compositor.frame_at(Fraction(at)))
    pixels = Converter().frame_to_rgb(frame).copy()
    compositor.close()
    return pixels


def picture(src: str, **more: Any) -> dict[str, Any]:
    return {"start": 0, "duration": 2, "asset": {"type": "image", "src": src}, **more}


def tracks(*clips: dict[str, Any]) -> dict[str, Any]:
    return {"tracks": [{"clips": [clip]} for clip in clips]}


@pytest.mark.parametrize("fit", ["cover", "contain", "stretch", "none"])
def test_a_fit_looks_as_it_should(root: Path, host: PluginHost, fit: str) -> None:
    clip = picture("file:tall.png", fit=fit, width=0.8, height=0.8)
    assert_golden(draw(tracks(clip), "1", root, host), FOLDER / f"fit-{fit}.png", min_psnr=42)


@pytest.mark.parametrize("blend", ["normal", "multiply", "screen", "overlay", "darken", "lighten", "add"])
def test_a_blend_looks_as_it_should(root: Path, host: PluginHost, blend: str) -> None:
    above = picture(NIGHT, width=0.7, height=0.7, blend=blend, opacity=0.85)
    assert_golden(draw(tracks(picture(DAY), above), "1", root, host), FOLDER / f"blend-{blend}.png", min_psnr=42)


PLACEMENTS: dict[str, dict[str, Any]] = {
    "crop": {"crop": {"left": 0.3, "top": 0.1, "right": 0.2}},
    "radius": {"width": 0.6, "height": 0.6, "radius": 0.08},
    "mask": {"mask": "file:mask.png"},
    "rotate": {"width": 0.5, "height": 0.5, "rotate": 24},
    "rotate-anchor": {"width": 0.5, "height": 0.5, "rotate": 24, "anchor": [0, 0]},
    "zoom": {"scale": {"keys": [{"t": 0, "v": 1}, {"t": 2, "v": 2.4, "ease": "linear"}]}},
    "shrink": {"scale": {"keys": [{"t": 0, "v": 0.9}, {"t": 2, "v": 0.05}]}, "rotate": 10},
    "opacity": {"opacity": 0.4},
}


@pytest.mark.parametrize("name", PLACEMENTS)
def test_a_placement_looks_as_it_should(root: Path, host: PluginHost, name: str) -> None:
    frame = draw(tracks(picture(DAY, **PLACEMENTS[name])), "1", root, host)
    assert_golden(frame, FOLDER / f"place-{name}.png", min_psnr=42)


def test_easings_move_as_they_should(root: Path, host: PluginHost) -> None:
    """Draw a line a curve: a dot is stamped at ten moments, across its eased place, downwards the curves by name."""
    names = [name for name in EASINGS if name != "hold"]
    dots = [
        {
            "start": 0,
            "duration": 2,
            "x": {"keys": [{"t": 0, "v": 0.2, "ease": name}, {"t": 2, "v": 0.8}]},
            "y": round((row + 0.5) / len(names), 6),
            "width": 0.012,
            "height": 0.02,
            "asset": {"type": "shape", "shape": "ellipse", "fill": "#ffb347"},
        }
        for row, name in enumerate(names)
    ]
    stamped = [draw(tracks(*dots), f"{step / 5:g}", root, host) for step in range(10)]
    assert_golden(np.maximum.reduce(stamped), FOLDER / "easings.png", min_psnr=40)


NESTED = {
    "version": 1,
    "output": {"width": 160, "height": 160, "fps": 30},
    "tracks": [
        {
            "clips": [
                {
                    "start": 0,
                    "duration": 2,
                    "asset": {"type": "shape", "shape": "ellipse", "fill": "#ffb347", "stroke": {"color": "#20242c"}},
                    "width": 0.8,
                    "height": 0.8,
                }
            ]
        },
        {"clips": [{"start": 0, "duration": 2, "asset": {"type": "text", "text": "in", "size": 0.4, "weight": 800}}]},
    ],
}


def test_a_nested_timeline_keeps_its_transparency(root: Path, host: PluginHost) -> None:
    clip = {
        "start": 0,
        "duration": 2,
        "asset": {"type": "timeline", "timeline": NESTED},
        "fit": "contain",
        "x": 0.7,
        "height": 0.8,
        "rotate": -8,
    }
    assert_golden(draw(tracks(picture(DAY), clip), "1", root, host), FOLDER / "nested.png", min_psnr=42)


def test_a_transition_runs_below_a_window(root: Path, host: PluginHost) -> None:
    clips = [picture(DAY), {**picture(NIGHT), "start": 1, "transition": {"use": "wipe", "duration": 1}}]
    window = {**picture("file:tall.png", x=0.75, y=0.3, width=0.3, height=0.4, radius=0.04), "duration": 3}
    document = {"tracks": [{"clips": clips}, {"clips": [window]}]}
    assert_golden(draw(document, "1.5", root, host), FOLDER / "window-over-wipe.png", min_psnr=42)


CUE = {
    "start": 0,
    "end": 2,
    "text": "Words light up as spoken",
    "words": [
        {"start": index * 4 / 10, "end": (index + 1) * 4 / 10, "text": word}
        for index, word in enumerate(["Words", "light", "up", "as", "spoken"])
    ],
}


@pytest.mark.parametrize("style", ["plain", "boxed", "karaoke", "pop"])
def test_captions_look_as_they_should(root: Path, host: PluginHost, style: str) -> None:
    captions = [{"cues": [CUE], "style": style}]
    frame = draw({**tracks(picture(NIGHT)), "captions": captions}, "1", root, host)
    assert_golden(frame, FOLDER / f"captions-{style}.png", min_psnr=40)


def test_other_scripts_and_emoji_stand_over_a_picture(root: Path, host: PluginHost) -> None:
    title = {
        "start": 0,
        "duration": 2,
        "asset": {
            "type": "text",
            "text": "مرحبا 2026 🎬\nשלום world 👩🏽‍🚀",
            "size": 0.14,
            "weight": 700,
            "shadow": {"color": "#000000c0"},
        },
    }
    assert_golden(draw(tracks(picture(DAY), title), "1", root, host), FOLDER / "scripts.png", min_psnr=40)
