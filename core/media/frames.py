"""Frames and their arrays: views into a frame's planes, and the conversions between YUV 4:2:0 and RGB.

Everything inside the engine is BT.709; YUV is limited range, RGB full range. libswscale takes untagged YUV for
BT.601, so every conversion here names matrix and range, and every frame made here is tagged.
"""

from fractions import Fraction

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from core.api import Canvas, Color, Plane, Planes, Rgb, Rgba

# One render uses its own threads for decoding, compositing and encoding; OpenCV's pool would fight them.
cv2.setNumThreads(1)

BT709 = 1
"""The number of BT.709 as matrix, transfer and primaries in ITU-T H.273."""

EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP

# Columns: R, G, B, and 255 (or alpha); rows: Y, U, V in limited range (ITU-R BT.709, 8 bit).
RGB_TO_YUV = np.array(
    [
        [0.2126 * 219 / 255, 0.7152 * 219 / 255, 0.0722 * 219 / 255, 16 / 255],
        [-0.2126 / 1.8556 * 224 / 255, -0.7152 / 1.8556 * 224 / 255, 0.5 * 224 / 255, 128 / 255],
        [0.5 * 224 / 255, -0.7152 / 1.5748 * 224 / 255, -0.0722 / 1.5748 * 224 / 255, 128 / 255],
    ]
)


def new_frame(width: int, height: int, pixel_format: str = "yuv420p") -> av.VideoFrame:
    """Make a frame with undefined content, tagged BT.709 limited range. Width and height are even for 4:2:0."""
    frame = av.VideoFrame(width, height, pixel_format)
    tag(frame)
    return frame


def tag(frame: av.VideoFrame) -> None:
    """Mark a frame as BT.709 limited range."""
    frame.colorspace = Colorspace.ITU709
    frame.color_range = ColorRange.MPEG
    frame.color_primaries = BT709
    frame.color_trc = BT709


def plane_view(frame: av.VideoFrame, index: int) -> Plane:
    """Return a writable view of one 8-bit plane, shape (height, width). It keeps the frame's memory alive."""
    plane = frame.planes[index]
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def canvas_view(frame: av.VideoFrame) -> Canvas:
    """Return an opaque canvas over a ``yuv420p`` frame's own memory."""
    return Canvas(plane_view(frame, 0), plane_view(frame, 1), plane_view(frame, 2))


def planes_view(frame: av.VideoFrame) -> Planes:
    """Return the planes of a ``yuv420p`` or ``yuva420p`` frame, over its own memory."""
    alpha = plane_view(frame, 3) if len(frame.planes) == 4 else None
    return Planes(plane_view(frame, 0), plane_view(frame, 1), plane_view(frame, 2), alpha)


def color_to_yuv(color: Color) -> tuple[int, int, int]:
    """Return a colour's Y, U, V (BT.709, limited range), its alpha left out."""
    y, u, v = RGB_TO_YUV @ np.array([color.r, color.g, color.b, 255.0])
    return round(y), round(u), round(v)


class Converter:
    """Converts between YUV 4:2:0 and RGB. Keeps its scaler context: one owner, one thread."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def to_rgb(self, planes: Planes) -> Rgb:
        """Convert to RGB; alpha is left out."""
        source = new_frame(planes.width, planes.height)
        for index, plane in enumerate((planes.y, planes.u, planes.v)):
            np.copyto(plane_view(source, index), plane)
        return self.frame_to_rgb(source)

    def frame_to_rgb(self, frame: av.VideoFrame) -> Rgb:
        """Convert a tagged ``yuv420p`` frame to RGB."""
        # libswscale writes packed RGB from scaled chroma four times slower than planes of equal content.
        planar = self._reformatter.reformat(
            frame,
            format="gbrp",
            src_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=EXACT,
            threads=1,
        )
        return cv2.merge([plane_view(planar, 2), plane_view(planar, 0), plane_view(planar, 1)])

    def to_planes(self, rgb: Rgb, alpha: Plane | None = None) -> Planes:
        """Convert RGB of even width and height to planes; ``alpha`` is passed on as it is."""
        frame = self._reformatter.reformat(
            av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), "rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=EXACT,
            threads=1,
        )
        view = planes_view(frame)
        return Planes(view.y, view.u, view.v, alpha)

    def to_rgba(self, planes: Planes) -> Rgba:
        """Convert planes to straight RGBA; opaque ones get alpha 255."""
        rgb = self.to_rgb(planes)
        alpha = planes.a if planes.a is not None else np.full(rgb.shape[:2], 255, np.uint8)
        return np.dstack((rgb, alpha))

    def rgba_to_planes(self, rgba: Rgba) -> Planes:
        """Convert straight RGBA of even size to planes; fully opaque pictures lose their alpha."""
        alpha = rgba[:, :, 3]
        is_opaque = bool(alpha.min() == 255)
        return self.to_planes(np.ascontiguousarray(rgba[:, :, :3]), None if is_opaque else np.ascontiguousarray(alpha))


def seconds(pts: int, time_base: Fraction) -> Fraction:
    """Turn a time stamp into exact seconds."""
    return Fraction(pts) * time_base
