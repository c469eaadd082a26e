"""Colours come out as they went in, transparent ones too."""

from collections.abc import Mapping
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from core.api import Encoder, JsonValue
from core.api.testing.samples import sample_planes, sample_rgba
from core.media.frames import Converter, new_frame, plane_view
from tests.support.encoding import encode_frames, psnr

SIZE = (192, 108)


def coloured_frame() -> av.VideoFrame:
    planes = sample_planes(*SIZE)
    frame = new_frame(*SIZE)
    for index, plane in enumerate((planes.y, planes.u, planes.v)):
        plane_view(frame, index)[:] = cv2.GaussianBlur(plane, (5, 5), 0)
    return frame


def transparent_frame() -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(sample_rgba(*SIZE)), "rgba")


def rgb_of(path: Path) -> np.ndarray:
    """Return a file's first frame as RGB, read as the BT.709 that it says it is."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    assert frame.colorspace == 1
    return frame.to_ndarray(format="rgb24")


@pytest.mark.parametrize(
    ("name", "quality", "least"),
    [
        ("mp4-h264", {"crf": 10}, 42),
        ("mp4-h265", {"crf": 10, "preset": "ultrafast"}, 42),
        ("webm-vp9", {"crf": 10}, 42),
        ("webm-av1", {"crf": 10, "speed": 10}, 42),
    ],
)
def test_a_video_has_the_colours_of_its_frames(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str, quality: dict[str, JsonValue], least: float
) -> None:
    encoder, frame = encoders[name], coloured_frame()
    given = [plane_view(frame, index).copy() for index in range(3)]
    path = encode_frames(encoder, tmp_path / f"clip.{encoder.extension}", [frame] * 3, quality=quality)
    with av.open(str(path)) as container:
        (*_, last) = container.decode(video=0)
        assert last.format.name == "yuv420p"
        assert [psnr(plane_view(last, index), given[index]) > least for index in range(3)] == [True] * 3


def test_prores_keeps_colour_and_soft_transparency(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    quality: dict[str, JsonValue] = {"bits_per_macroblock": 8192}
    path = encode_frames(encoders["mov-prores4444"], tmp_path / "clip.mov", [transparent_frame()] * 2, quality=quality)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.codec_tag, stream.codec_context.name) == ("ap4h", "prores")
        frame = next(container.decode(stream))
    assert frame.format.name.startswith("yuva444p")
    given = sample_rgba(*SIZE)
    alpha = frame.to_ndarray(format="rgba")[:, :, 3]
    assert np.abs(alpha.astype(int) - given[:, :, 3]).max() <= 1
    read = frame.to_ndarray(format="rgb24")
    assert psnr(read, given[:, :, :3]) > 50


def test_prores_is_read_from_its_beginning(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    path = encode_frames(encoders["mov-prores4444"], tmp_path / "clip.mov", [transparent_frame()] * 2)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert b"colrncl" in content


def test_a_png_is_every_pixel_of_the_frame(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    path = encode_frames(encoders["png"], tmp_path / "still.png", [transparent_frame()])
    with Image.open(path) as image:
        assert image.mode == "RGBA"
        assert np.array_equal(np.asarray(image), sample_rgba(*SIZE))


def test_a_jpeg_has_the_colours_of_its_frame(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    frame = coloured_frame()
    path = encode_frames(encoders["jpeg"], tmp_path / "still.jpg", [frame], quality={"quality": 100})
    with Image.open(path) as image:
        assert image.format == "JPEG"
        assert psnr(np.asarray(image.convert("RGB")), Converter().frame_to_rgb(frame)) > 42


def test_a_still_is_the_first_of_its_frames(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    white = av.VideoFrame.from_ndarray(np.full((108, 192, 4), 255, np.uint8), "rgba")
    path = encode_frames(encoders["png"], tmp_path / "still.png", [transparent_frame(), white])
    with Image.open(path) as image:
        assert np.array_equal(np.asarray(image), sample_rgba(*SIZE))


def test_an_encoder_does_not_write_into_the_frames_it_is_given(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    for name, encoder in encoders.items():
        if encoder.video is None and encoder.open is None:
            continue
        frame = transparent_frame() if encoder.has_alpha else coloured_frame()
        before = [bytes(plane) for plane in frame.planes]
        encode_frames(encoder, tmp_path / f"{name}.{encoder.extension}", [frame] * 3)
        assert [bytes(plane) for plane in frame.planes] == before
