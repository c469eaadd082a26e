"""Clips made for tests: every frame carries its number as black and white bars, so that a test can read it back."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

BITS = 10


def numbered(number: int, width: int = 320, height: int = 180) -> np.ndarray:
    """Return an RGB picture that shows ``number`` in vertical bars over its upper half, most significant bit first."""
    picture = np.full((height, width, 3), 96, np.uint8)
    for bit in range(BITS):
        left, right = width * bit // BITS, width * (bit + 1) // BITS
        picture[: height // 2, left:right] = 235 if number >> (BITS - 1 - bit) & 1 else 16
    return picture


def read_number(luma: np.ndarray) -> int:
    """Read the number from the luma of a picture that shows it whole."""
    height, width = luma.shape
    row = luma[height // 8 : height * 3 // 8].mean(axis=0)
    bits = [row[int(width * (bit + 0.3) / BITS) : int(width * (bit + 0.7) / BITS)].mean() > 118 for bit in range(BITS)]
    return sum(1 << (BITS - 1 - bit) for bit, is_set in enumerate(bits) if is_set)


def write_clip(
    path: Path,
    frames: int = 30,
    *,
    fps: Fraction = Fraction(30),
    size: tuple[int, int] = (320, 180),
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
    times: Sequence[Fraction] | None = None,
    rotation: int = 0,
    picture: Callable[[int], np.ndarray] | None = None,
    prepare: Callable[[av.VideoStream], None] | None = None,
) -> Path:
    """Write a numbered clip without sound; ``times`` (seconds, one a frame) make its frame rate variable."""
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.options = {"g": "12"} | (options or {})
        if codec == "libx264":
            stream.options = {"crf": "12", "preset": "ultrafast", "bf": "2"} | stream.options
        base = Fraction(1, 90000) if times else 1 / fps
        stream.codec_context.time_base = base
        if rotation:
            stream.set_display_rotation(rotation)
        if prepare:
            prepare(stream)
        for number in range(frames):
            pixels = picture(number) if picture else numbered(number, width, height)
            frame = av.VideoFrame.from_ndarray(pixels, "rgba" if pixels.shape[2] == 4 else "rgb24")
            frame = frame.reformat(format=pixel_format, dst_colorspace="itu709")
            frame.pts = round(times[number] / base) if times else number
            frame.time_base = base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def lumas(path: Path) -> Iterable[np.ndarray]:
    """Yield the luma of each frame of a video."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="gray")
