"""Sources of every make reach the frame with the right picture and colours."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from core.media.compositor import Compositor
from core.media.frames import Converter, plane_view
from core.timeline.plan import Fit, Layer, Placement
from core.timeline.sources import ImageSource, Playback, VideoSource
from tests.support.clips import numbered, read_number, write_clip
from tests.support.plans import materials_of, plan_of

PATCHES = [(200, 40, 40), (40, 180, 60), (50, 70, 210), (220, 190, 60), (128, 128, 128)]


def shown(path: Path, frames: int, *, is_image: bool = False, fit: Fit = Fit.STRETCH) -> list[np.ndarray]:
    src = f"file:{path.name}"
    source = ImageSource(src=src) if is_image else VideoSource(src=src, playback=Playback())
    layer = Layer(id="c", path="c", first=0, end=frames, start=Fraction(0), source=source, placement=Placement(fit=fit))
    compositor = Compositor(plan_of(layer, frames=frames), materials_of(path))
    pictures = []
    for number in range(frames):
        frame = compositor.frame(number)
        pictures.append((plane_view(frame, 0).copy(), Converter().frame_to_rgb(frame).astype(int)))
    compositor.close()
    return [luma for luma, _ in pictures] + [pictures[-1][1]]


def numbers(path: Path, frames: int) -> list[int]:
    return [read_number(luma) for luma in shown(path, frames)[:-1]]


def patches(width: int = 320, height: int = 180) -> np.ndarray:
    picture = np.zeros((height, width, 3), np.uint8)
    for index, color in enumerate(PATCHES):
        picture[:, width * index // 5 : width * (index + 1) // 5] = color
    return picture


def largest_error(rgb: np.ndarray) -> int:
    width = rgb.shape[1]
    return max(
        int(np.abs(rgb[90, width * (2 * index + 1) // 10] - np.array(color)).max())
        for index, color in enumerate(PATCHES)
    )


@pytest.mark.parametrize(
    ("size", "pixel_format"),
    [
        ((320, 180), "yuv420p"),
        ((321, 181), "yuv444p"),
        ((318, 178), "yuv422p"),
        ((320, 180), "yuv420p10le"),
        ((320, 180), "yuvj420p"),
        ((640, 360), "yuv420p"),
        ((160, 90), "yuv420p"),
    ],
)
def test_every_size_and_depth_shows_its_frames(tmp_path: Path, size: tuple[int, int], pixel_format: str) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 8, size=size, pixel_format=pixel_format)
    assert numbers(clip, 8) == list(range(8))


@pytest.mark.parametrize("angle", [90, 180, -90])
def test_a_turned_clip_stands_upright(tmp_path: Path, angle: int) -> None:
    quarter_turns = angle // 90

    def lying(number: int) -> np.ndarray:
        # A player turns it back by the angle that is written in the file, counter-clockwise.
        return np.ascontiguousarray(np.rot90(numbered(number), -quarter_turns))

    size = (320, 180) if angle == 180 else (180, 320)
    clip = write_clip(tmp_path / "turned.mp4", 6, size=size, rotation=angle, picture=lying)
    assert numbers(clip, 6) == list(range(6))


@pytest.mark.parametrize(("matrix", "tag"), [("itu709", 1), ("smpte170m", 6)])
@pytest.mark.parametrize("is_full", [False, True], ids=["tv", "full"])
def test_colours_are_right_whatever_matrix_and_range_a_file_names(
    tmp_path: Path, matrix: str, tag: int, is_full: bool
) -> None:
    path = tmp_path / "colours.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv444p"
        stream.codec_context.colorspace, stream.codec_context.color_range = tag, 2 if is_full else 1
        stream.options = {"crf": "1", "preset": "ultrafast"}
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(patches(), "rgb24").reformat(
                format="yuv444p",
                dst_colorspace=matrix,
                src_color_range="JPEG",
                dst_color_range="JPEG" if is_full else "MPEG",
            )
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert largest_error(shown(path, 3)[-1]) <= 3


def test_an_untagged_clip_counts_as_bt709(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "untagged.mp4", 3, picture=lambda _number: patches(), options={"crf": "2"})
    assert largest_error(shown(clip, 3)[-1]) <= 5


def test_a_phone_picture_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise by a quarter to show
    lying = Image.fromarray(np.ascontiguousarray(np.rot90(numbered(417))))
    lying.save(tmp_path / "phone.jpg", exif=exif, quality=95)
    luma = shown(tmp_path / "phone.jpg", 1, is_image=True)[0]
    assert read_number(luma) == 417


@pytest.mark.parametrize("name", ["still.webp", "still.png", "still.bmp", "still.tiff", "still.gif"])
def test_stills_of_every_format_are_read(tmp_path: Path, name: str) -> None:
    Image.fromarray(patches()).save(tmp_path / name, **({"lossless": True} if name.endswith("webp") else {}))
    assert largest_error(shown(tmp_path / name, 1, is_image=True)[-1]) <= 4


def test_a_sixteen_bit_grey_png_keeps_its_levels(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 65535, 320).astype(np.uint16), (180, 1))
    Image.fromarray(ramp).save(tmp_path / "deep.png")
    rgb = shown(tmp_path / "deep.png", 1, is_image=True)[-1]
    assert np.abs(rgb[90, :, 1] - np.linspace(0, 255, 320)).max() <= 4


def test_a_moving_gif_counts_as_video(tmp_path: Path) -> None:
    stills = [Image.fromarray(numbered(number)) for number in range(5)]
    stills[0].save(tmp_path / "moving.gif", save_all=True, append_images=stills[1:], duration=100, loop=0)
    assert numbers(tmp_path / "moving.gif", 15) == [number // 3 for number in range(15)]


def test_a_clip_with_a_cover_picture_shows_its_video(tmp_path: Path) -> None:
    from av.stream import Disposition

    path = tmp_path / "cover.mp4"
    with av.open(str(path), "w") as container:
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        video = container.add_stream("libx264", rate=30)
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        blank = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
        blank.pts = 0
        container.mux(cover.encode(blank))
        container.mux(cover.encode(None))
        for number in range(5):
            frame = av.VideoFrame.from_ndarray(numbered(number), "rgb24")
            frame.pts = number
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    assert numbers(path, 5) == list(range(5))
