"""Writing pictures: scenes as H.264, stills as PNG."""

from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from PIL import Image

from core.api import Values
from plugins.providers.generator.palettes import Picture
from plugins.providers.generator.stopping import Check

BT709 = 1
GRAIN = 0.8 / 255
"""How strong the film grain is: enough that soft slopes show no bands."""
SHARE = 2
"""Soft scenes are drawn at this part of their size, then enlarged."""


class Scene(Protocol):
    """A moving picture, drawn frame by frame."""

    title: str
    description: str

    def open(self, *, width: int, height: int, palette: str, seed: int, duration: float) -> "Shot":
        """Prepare a shot of this size in pixels."""


class Shot(Protocol):
    """A scene, ready to be drawn."""

    def draw(self, time: float) -> Picture:
        """Return the picture at a time in seconds."""


def write_movie(scene: Scene, values: Values, path: Path, check: Check) -> None:
    """Draw a scene and write it as an MP4, tagged BT.709."""
    width, height = (int(values.number(side)) // 2 * 2 for side in ("width", "height"))
    fps, duration, seed = int(values.number("fps")), values.number("duration"), int(values.number("seed"))
    shot = scene.open(
        width=width // SHARE, height=height // SHARE, palette=values.text("palette"), seed=seed, duration=duration
    )
    random = np.random.default_rng(seed)
    grain = random.normal(0, GRAIN, (height // SHARE + 64, width // SHARE + 64)).astype(np.float32)
    grain = cv2.merge([grain] * 3)
    reformatter = VideoReformatter()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = ColorRange.MPEG
        context.options = {"crf": "19", "preset": "ultrafast", "g": str(fps * 2)}
        for number in range(max(1, round(duration * fps))):
            check()
            drawn = shot.draw(number / fps).astype(np.float32, copy=False)
            x, y = random.integers(0, 64, 2)
            grained = cv2.max(cv2.add(drawn, grain[y : y + drawn.shape[0], x : x + drawn.shape[1]]), 0)
            small = cv2.convertScaleAbs(grained, alpha=255)
            frame = av.VideoFrame.from_ndarray(
                cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), "rgb24"
            )
            frame = reformatter.reformat(
                frame,
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                src_color_range=ColorRange.JPEG,
                dst_color_range=ColorRange.MPEG,
                threads=1,
            )
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_still(picture: Picture, path: Path) -> None:
    """Write a picture as PNG."""
    Image.fromarray(np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)).save(path)
