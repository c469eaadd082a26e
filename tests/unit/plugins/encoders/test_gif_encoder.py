"""GIFs have colours that fit, the right pace, and transparency that moves."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from core.api import Encoder, JsonValue
from core.api.testing.samples import sample_rgb
from tests.support.encoding import encode_clip, encode_frames, frame_at, open_clip, psnr

SIZE = (160, 90)


def rgba_frame(pixels: np.ndarray) -> av.VideoFrame:
    if pixels.shape[2] == 3:
        pixels = np.dstack((pixels, np.full(pixels.shape[:2], 255, np.uint8)))
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgba")


def frames_of(path: Path) -> list[np.ndarray]:
    """Return the pictures that are shown, as straight RGBA, read by Pillow: another reader than the writer's."""
    with Image.open(path) as image:
        shown = []
        for number in range(image.n_frames):
            image.seek(number)
            shown.append(np.asarray(image.convert("RGBA")))
        return shown


def delays_of(path: Path) -> list[int]:
    """Return how long each frame is shown, in milliseconds."""
    with Image.open(path) as image:
        delays = []
        for number in range(image.n_frames):
            image.seek(number)
            delays.append(int(image.info["duration"]))
        return delays


@pytest.mark.parametrize("dither", ["sierra2_4a", "floyd_steinberg", "bayer", "none"])
def test_few_colours_are_kept(encoders: Mapping[str, Encoder], tmp_path: Path, dither: str) -> None:
    palette = np.random.default_rng(3).integers(0, 256, (200, 3), np.uint8)
    pictures = [palette[np.random.default_rng(seed).integers(0, 200, (90, 160))] for seed in range(3)]
    quality: dict[str, JsonValue] = {"dither": dither, "max_fps": 30}
    path = encode_frames(
        encoders["gif"], tmp_path / "clip.gif", [rgba_frame(each) for each in pictures], quality=quality
    )
    for shown, picture in zip(frames_of(path), pictures, strict=True):
        # The palette's colours are rounded in OkLab; Bayer's pattern lies over everything.
        assert psnr(shown[:, :, :3], picture) > (28 if dither == "bayer" else 60)
        assert shown[:, :, 3].min() == 255


@pytest.mark.parametrize(("quality", "least"), [({}, 24.5), ({"dither": "none"}, 26.0), ({"dither": "bayer"}, 25.5)])
def test_many_colours_are_met_as_near_as_256_can(
    encoders: Mapping[str, Encoder], tmp_path: Path, quality: dict[str, JsonValue], least: float
) -> None:
    pictures = [np.roll(np.asarray(sample_rgb(*SIZE)), 4 * number, axis=1) for number in range(6)]
    quality = {**quality, "max_fps": 30}
    path = encode_frames(
        encoders["gif"], tmp_path / "clip.gif", [rgba_frame(each) for each in pictures], quality=quality
    )
    shown = frames_of(path)
    assert min(psnr(each[:, :, :3], picture) for each, picture in zip(shown, pictures, strict=True)) > least
    assert len(np.unique(np.concatenate(shown).reshape(-1, 4), axis=0)) <= 256


def test_no_more_colours_are_used_than_asked_for(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    pictures = [rgba_frame(np.asarray(sample_rgb(*SIZE)))]
    path = encode_frames(encoders["gif"], tmp_path / "clip.gif", pictures, quality={"colors": 16})
    assert 8 < len(np.unique(frames_of(path)[0].reshape(-1, 4), axis=0)) <= 16


def test_what_moves_over_nothing_leaves_nothing_behind(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    frames = []
    for number in range(5):
        pixels = np.zeros((90, 160, 4), np.uint8)
        pixels[30:60, 20 * number : 20 * number + 20] = (200, 30, 30, 255)
        frames.append(rgba_frame(pixels))
    path = encode_frames(encoders["gif"], tmp_path / "clip.gif", frames, quality={"max_fps": 30})
    for number, shown in enumerate(frames_of(path)):
        expected = np.zeros((90, 160), bool)
        expected[30:60, 20 * number : 20 * number + 20] = True
        assert np.array_equal(shown[:, :, 3] == 255, expected)
        assert np.array_equal(shown[:, :, 3] == 0, ~expected)


@pytest.mark.parametrize(
    ("fps", "max_fps", "kept"),
    [
        (Fraction(30), 15, 15),
        (Fraction(30), 30, 30),
        (Fraction(25), 15, 13),
        (Fraction(60000, 1001), 15, 15),
        (Fraction(24), 10, 8),
        (Fraction(12), 15, 12),
    ],
)
def test_the_pace_is_kept_with_fewer_frames(
    encoders: Mapping[str, Encoder], tmp_path: Path, fps: Fraction, max_fps: int, kept: int
) -> None:
    frames = round(fps)
    path = encode_clip(
        encoders["gif"], tmp_path / "clip.gif", frames=frames, fps=fps, quality={"max_fps": max_fps, "dither": "none"}
    )
    delays = delays_of(path)
    assert len(delays) == kept
    # As long as the kept frames last, to a hundredth of a second; those of uneven rates take turns.
    step = -(-fps // max_fps)
    assert sum(delays) == pytest.approx(float(kept * step / fps * 1000), abs=10)
    assert max(delays) - min(delays) <= 10


@pytest.mark.parametrize(("loops", "mark"), [(0, b"\x00\x00"), (1, b"\x01\x00"), (300, b"\x2c\x01"), (-1, None)])
def test_it_repeats_as_often_as_is_asked(
    encoders: Mapping[str, Encoder], tmp_path: Path, loops: int, mark: bytes | None
) -> None:
    content = encode_clip(encoders["gif"], tmp_path / "clip.gif", frames=6, quality={"loops": loops}).read_bytes()
    if mark is None:
        assert b"NETSCAPE2.0" not in content
    else:
        assert b"NETSCAPE2.0\x03\x01" + mark in content


def test_frames_wait_on_disk_beside_the_output(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    session = open_clip(encoders["gif"], tmp_path / "clip.gif")
    for number in range(6):
        session.write_video(frame_at(number, is_rgba=True))
    assert [entry.name for entry in tmp_path.iterdir()] == [".clip.gif.frames"]
    session.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["clip.gif"]


def test_a_single_frame_is_a_gif_too(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    assert len(frames_of(encode_clip(encoders["gif"], tmp_path / "clip.gif", frames=1))) == 1
