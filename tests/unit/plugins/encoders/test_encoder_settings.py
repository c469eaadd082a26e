"""Settings do what they say, wrong ones are refused by name, and no codec talks."""

import re
from collections.abc import Mapping
from pathlib import Path

import av
import numpy as np
import pytest

from core.api import Encoder, JsonValue, ParameterType, parse_values
from core.media.frames import plane_view
from tests.support.encoding import HEIGHT, WIDTH, encode_clip, encode_frames, flat_frame, open_clip

ALL = [
    "mp4-h264", "mp4-h265", "webm-vp9", "webm-av1", "mov-prores4444", "gif", "hls", "mp3", "m4a", "wav", "png", "jpeg",
]  # fmt: skip


def noisy_frame(seed: int) -> av.VideoFrame:
    frame = flat_frame(0, 0)
    plane_view(frame, 0)[:] = np.random.default_rng(seed).integers(16, 235, (HEIGHT, WIDTH), np.uint8)
    return frame


def key_frames(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [number for number, frame in enumerate(container.decode(video=0)) if frame.key_frame]


@pytest.mark.parametrize("name", ALL)
def test_every_encoder_has_the_three_qualities_and_defaults_for_the_rest(
    encoders: Mapping[str, Encoder], name: str
) -> None:
    encoder = encoders[name]
    assert list(encoder.presets) == ["draft", "standard", "high"]
    for preset in ({}, *encoder.presets.values()):
        _, complaints = parse_values(encoder.params, preset)
        assert complaints == ()


def test_the_bench_is_encoded_as_other_tools_are_told_to(encoders: Mapping[str, Encoder]) -> None:
    values, _ = parse_values(encoders["mp4-h264"].params, encoders["mp4-h264"].presets["standard"])
    assert values.text("preset") == "veryfast"


@pytest.mark.parametrize(
    ("name", "parameter", "wrong"),
    [
        (name, parameter, wrong)
        for name, parameter, wrong in [
            ("mp4-h264", "crf", 52),
            ("mp4-h264", "crf", 20.5),
            ("mp4-h264", "preset", "warp"),
            ("mp4-h264", "tune", "fast"),
            ("mp4-h264", "profile", "high10"),
            ("mp4-h264", "keyframe_interval", 0),
            ("mp4-h264", "audio_kbit", 8),
            ("mp4-h265", "max_kbit", -1),
            ("webm-vp9", "speed", 9),
            ("webm-av1", "crf", "best"),
            ("webm-av1", "keyframe_interval", 1000),
            ("mov-prores4444", "alpha_bits", 16),
            ("gif", "dither", "noise"),
            ("gif", "loops", 65_536),
            ("gif", "colors", 1),
            ("hls", "segment", 0),
            ("hls", "heights", 720),
            ("mp3", "kbit", 321),
            ("jpeg", "quality", 0),
        ]
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(
    encoders: Mapping[str, Encoder], name: str, parameter: str, wrong: JsonValue
) -> None:
    _, (complaint,) = parse_values(encoders[name].params, {parameter: wrong}, path="output.quality")
    assert complaint.path == f"output.quality.{parameter}"


def test_a_setting_that_does_not_exist_is_refused_with_a_suggestion(encoders: Mapping[str, Encoder]) -> None:
    _, (complaint,) = parse_values(encoders["mp4-h264"].params, {"keyframe_intervall": 2}, path="output.quality")
    assert complaint.path == "output.quality.keyframe_intervall"
    assert 'did you mean "keyframe_interval"?' in str(complaint)


@pytest.mark.parametrize(
    ("name", "speed"),
    [
        ("mp4-h264", {"preset": "veryfast"}),
        ("mp4-h265", {"preset": "ultrafast"}),
        ("webm-vp9", {"speed": 8}),
        ("webm-vp9", {"speed": 5}),
        ("webm-av1", {"speed": 12}),
    ],
)
def test_key_frames_come_as_often_as_is_asked(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str, speed: dict[str, JsonValue]
) -> None:
    encoder = encoders[name]
    quality = {**speed, "keyframe_interval": 0.5}
    path = encode_clip(encoder, tmp_path / f"clip.{encoder.extension}", frames=75, quality=quality)
    # SVT-AV1's intervals hold at most what is asked, in whole groups of pictures.
    found = key_frames(path)
    assert found[0] == 0
    assert max(after - before for before, after in zip(found, [*found[1:], 75], strict=True)) <= 16
    assert len(found) <= 6


@pytest.mark.parametrize(
    ("profile", "expected"), [("baseline", "Baseline"), ("main", "Main"), ("high", "High"), ("auto", "High")]
)
def test_h264_keeps_to_the_profile(
    encoders: Mapping[str, Encoder], tmp_path: Path, profile: str, expected: str
) -> None:
    quality: dict[str, JsonValue] = {"preset": "veryfast", "profile": profile}
    path = encode_clip(encoders["mp4-h264"], tmp_path / "clip.mp4", frames=5, quality=quality)
    with av.open(str(path)) as container:
        assert expected in container.streams.video[0].codec_context.profile


@pytest.mark.parametrize("name", ["mp4-h264", "mp4-h265"])
def test_a_limit_on_the_bit_rate_makes_the_file_smaller(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str
) -> None:
    noise = [noisy_frame(seed) for seed in range(30)]
    sizes = []
    for limit in (0, 500):
        quality: dict[str, JsonValue] = {"preset": "ultrafast", "crf": 20, "max_kbit": limit}
        sizes.append(encode_frames(encoders[name], tmp_path / "clip.mp4", noise, quality=quality).stat().st_size)
    most = (1 + 2) * 500_000 / 8 + 5_000  # a second of it, two of the buffer, the container
    assert sizes[1] < most < sizes[0]


@pytest.mark.parametrize("name", ["mp4-h264", "mp4-h265", "webm-vp9", "webm-av1", "mp3", "m4a", "jpeg", "hls"])
def test_better_qualities_are_larger(encoders: Mapping[str, Encoder], tmp_path: Path, name: str) -> None:
    encoder = encoders[name]
    sizes = []
    for preset in ("draft", "high"):
        path = tmp_path / f"{preset}.{encoder.extension}"
        encode_clip(encoder, path, frames=12, quality=dict(encoder.presets[preset]))
        files = path.rglob("*") if path.is_dir() else [path]
        sizes.append(sum(file.stat().st_size for file in files))
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("name", ALL)
def test_no_codec_talks(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    encoder = encoders[name]
    encode_clip(encoder, tmp_path / f"clip.{encoder.extension}", frames=1 if encoder.is_still else 8)
    session = open_clip(encoder, tmp_path / "aborted")
    session.abort()
    assert capfd.readouterr() == ("", "")


def test_every_parameter_of_a_choice_lists_its_default(encoders: Mapping[str, Encoder]) -> None:
    for name in ALL:
        for parameter in encoders[name].params:
            assert re.fullmatch(r"[a-z_]+", parameter.name)
            assert parameter.type is not ParameterType.CHOICE or parameter.default in parameter.choices
