"""Sound begins with its picture in every format: flashes and beeps, measured in what was written."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from core.api import Encoder, JsonValue
from tests.support.encoding import encode_flashes
from tests.support.sync import beeps_of, flashes_of

RATES = [
    Fraction(12),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
]
NEAR = 0.003
"""Seconds: WebM rounds to milliseconds, and a codec's filters soften where a beep begins."""


def assert_in_step(path: Path, fps: Fraction) -> None:
    flashes, beeps = flashes_of(path), beeps_of(path)
    shown = [float(round(second * fps) / fps) for second in range(3)]
    assert [flash - flashes[0] for flash in flashes] == pytest.approx(shown, abs=NEAR)
    assert beeps == pytest.approx(flashes, abs=NEAR)


@pytest.mark.parametrize("fps", RATES, ids=str)
@pytest.mark.parametrize("name", ["mp4-h264", "webm-vp9"])
def test_flash_and_beep_are_together_at_every_rate(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str, fps: Fraction
) -> None:
    encoder = encoders[name]
    assert_in_step(encode_flashes(encoder, tmp_path / f"clip.{encoder.extension}", fps=fps), fps)


@pytest.mark.parametrize("fps", [Fraction(30000, 1001), Fraction(60)], ids=str)
@pytest.mark.parametrize(
    ("name", "quality"),
    [
        ("mp4-h264", {"preset": "medium"}),  # with frames out of order
        ("mp4-h265", {"preset": "superfast"}),
        ("webm-av1", {"speed": 10}),
        ("webm-vp9", {"speed": 5}),  # with frames looked ahead at
        ("mov-prores4444", None),
    ],
    ids=["mp4-h264", "mp4-h265", "webm-av1", "webm-vp9", "mov-prores4444"],
)
def test_codecs_that_delay_keep_flash_and_beep_together(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str, quality: dict[str, JsonValue] | None, fps: Fraction
) -> None:
    encoder = encoders[name]
    path = encode_flashes(encoder, tmp_path / f"clip.{encoder.extension}", fps=fps, quality=quality)
    assert_in_step(path, fps)


@pytest.mark.parametrize("preset", ["ultrafast", "veryfast"])
@pytest.mark.parametrize("fps", [Fraction(25), Fraction(60000, 1001)], ids=str)
def test_sound_and_sizes_of_a_ladder_are_together(
    encoders: Mapping[str, Encoder], tmp_path: Path, fps: Fraction, preset: str
) -> None:
    quality: dict[str, JsonValue] = {"heights": "90", "segment": 1, "preset": preset}
    folder = encode_flashes(encoders["hls"], tmp_path / "clip.hls", fps=fps, quality=quality)
    assert_in_step(folder / "master.m3u8", fps)
