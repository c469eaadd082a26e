"""Patches: pictures ready to be laid over a canvas, with premultiplied alpha and even position and size."""

from dataclasses import dataclass

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from core.api import Canvas, Plane, Planes, Rgba
from core.media.frames import RGB_TO_YUV

type Matrix = NDArray[np.float64]
"""An affine transform, shape (2, 3), on continuous coordinates: the first pixel covers 0 to 1."""

_RGBA_TO_YUV = RGB_TO_YUV.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Patch:
    """A picture whose top left lies at (``x``, ``y``) of the frame, even pixels; it may reach beyond the frame."""

    x: int
    y: int
    picture: Canvas
    frame: av.VideoFrame | None = None
    """The frame that ``picture`` views, where it is a whole frame nobody has touched: it may be passed on as it is."""

    def covers(self, width: int, height: int) -> bool:
        """Tell whether the patch hides everything below it on a frame of this size."""
        return (
            self.picture.is_opaque
            and self.x <= 0
            and self.y <= 0
            and self.x + self.picture.width >= width
            and self.y + self.picture.height >= height
        )


def premultiply(planes: Planes) -> Canvas:
    """Multiply the colours of straight-alpha planes by their alpha."""
    if planes.a is None:
        return Canvas(planes.y, planes.u, planes.v)
    small = halve(planes.a)
    return Canvas(scaled(planes.y, planes.a), scaled(planes.u, small), scaled(planes.v, small), planes.a, small)


def straighten(canvas: Canvas) -> Planes:
    """Divide premultiplied colours by their alpha; where it is 0 the colour is black."""
    if canvas.a is None or canvas.a_uv is None:
        return Planes(canvas.y, canvas.u, canvas.v)
    y = cv2.divide(canvas.y, canvas.a, scale=255)
    u, v = (cv2.divide(plane, canvas.a_uv, scale=255) for plane in (canvas.u, canvas.v))
    empty = canvas.a_uv == 0
    u[empty] = v[empty] = 128
    return Planes(y, u, v, canvas.a)


def scaled(plane: Plane, alpha: Plane) -> Plane:
    """Multiply two planes, 255 standing for 1."""
    return cv2.multiply(plane, alpha, scale=1 / 255)


def halve(plane: Plane) -> Plane:
    """Average each 2x2 block: a full-size plane of even size for use beside the chroma planes."""
    return cv2.resize(plane, (plane.shape[1] // 2, plane.shape[0] // 2), interpolation=cv2.INTER_AREA)


def canvas_from_rgba(rgba: Rgba) -> Canvas:
    """Convert premultiplied RGBA of even size. Chroma is averaged premultiplied, so that edges keep their colour."""
    alpha = np.ascontiguousarray(rgba[:, :, 3])
    y, u, v = cv2.split(cv2.transform(rgba, _RGBA_TO_YUV))
    canvas = Canvas(y, halve(u), halve(v))
    return canvas if alpha.min() == 255 else Canvas(canvas.y, canvas.u, canvas.v, alpha, halve(alpha))


def fade(picture: Canvas, opacity: float) -> Canvas:
    """Return the picture at an opacity between 0 and 1."""
    if opacity >= 1:
        return picture
    if picture.a is None or picture.a_uv is None:
        level = round(opacity * 255)
        alpha, alpha_uv = np.full_like(picture.y, level), np.full_like(picture.u, level)
    else:
        alpha, alpha_uv = _times(picture.a, opacity), _times(picture.a_uv, opacity)
    return Canvas(_times(picture.y, opacity), _times(picture.u, opacity), _times(picture.v, opacity), alpha, alpha_uv)


def _times(plane: Plane, factor: float) -> Plane:
    return cv2.convertScaleAbs(plane, alpha=factor)


def place_rgba(rgba: Rgba, x: int, y: int) -> Patch:
    """Lay premultiplied RGBA at any whole pixel: it is padded to even position and size."""
    left, top = x % 2, y % 2
    right, bottom = (rgba.shape[1] + left) % 2, (rgba.shape[0] + top) % 2
    if left or top or right or bottom:
        rgba = cv2.copyMakeBorder(rgba, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    return Patch(x - left, y - top, canvas_from_rgba(rgba))


def warp_rgba(rgba: Rgba, matrix: Matrix, width: int, height: int) -> Patch | None:
    """Draw premultiplied RGBA through ``matrix`` onto a frame of this size; None when it lies outside."""
    box = _covered(rgba.shape[1], rgba.shape[0], matrix, width, height)
    if box is None:
        return None
    x, y, box_width, box_height = box
    warped = cv2.warpAffine(
        rgba, _index_matrix(matrix, x, y), (box_width, box_height), flags=cv2.INTER_LINEAR, borderValue=(0, 0, 0, 0)
    )
    return Patch(x, y, canvas_from_rgba(warped))


def warp_planes(planes: Planes, matrix: Matrix, width: int, height: int) -> Patch | None:
    """Draw planes through ``matrix`` onto a frame of this size; None when they lie outside.

    Edges are smoothed by alpha unless the picture covers its whole part of the frame.
    """
    box = _covered(planes.width, planes.height, matrix, width, height)
    if box is None:
        return None
    x, y, box_width, box_height = box
    enlarges = abs(np.linalg.det(matrix[:, :2])) > 1
    flags = cv2.INTER_CUBIC if enlarges else cv2.INTER_LINEAR

    def warp(plane: Plane, subsampling: int) -> Plane:
        on_plane = np.column_stack((matrix[:, :2], matrix[:, 2] / subsampling))
        index = _index_matrix(on_plane, x // subsampling, y // subsampling)
        size = (box_width // subsampling, box_height // subsampling)
        return cv2.warpAffine(plane, index, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)

    luma, u, v = warp(planes.y, 1), warp(planes.u, 2), warp(planes.v, 2)
    if planes.a is None and _fills(planes.width, planes.height, matrix, box):
        return Patch(x, y, Canvas(luma, u, v))
    alpha = planes.a if planes.a is not None else np.full_like(planes.y, 255)
    alpha = cv2.warpAffine(
        alpha, _index_matrix(matrix, x, y), (box_width, box_height), flags=cv2.INTER_LINEAR, borderValue=0
    )
    return Patch(x, y, premultiply(Planes(luma, u, v, alpha)))


def _index_matrix(matrix: Matrix, x: int, y: int) -> Matrix:
    """Move from continuous coordinates to pixel indexes (a pixel's centre is its index) of a box at (x, y)."""
    shift = matrix[:, :2] @ (0.5, 0.5) - 0.5 - (x, y)
    return np.column_stack((matrix[:, :2], matrix[:, 2] + shift))


def _covered(
    width: int, height: int, matrix: Matrix, frame_width: int, frame_height: int
) -> tuple[int, int, int, int] | None:
    """Return the even box of the frame that a transformed picture touches: x, y, width, height."""
    corners = np.array([(0, 0, 1), (width, 0, 1), (0, height, 1), (width, height, 1)]) @ matrix.T
    # Half a pixel more on every side: interpolation reaches that far.
    left, top = np.floor(corners.min(axis=0) - 0.5)
    right, bottom = np.ceil(corners.max(axis=0) + 0.5)
    x, y = max(0, int(left) // 2 * 2), max(0, int(top) // 2 * 2)
    box_width = (min(frame_width, int(right)) - x + 1) // 2 * 2
    box_height = (min(frame_height, int(bottom)) - y + 1) // 2 * 2
    if box_width <= 0 or box_height <= 0:
        return None
    return x, y, box_width, box_height


def _fills(width: int, height: int, matrix: Matrix, box: tuple[int, int, int, int]) -> bool:
    """Tell whether every pixel of the box shows the inside of the transformed picture."""
    x, y, box_width, box_height = box
    back = np.linalg.inv(np.vstack((matrix, (0, 0, 1))))
    corners = np.array([(x, y, 1), (x + box_width, y, 1), (x, y + box_height, 1), (x + box_width, y + box_height, 1)])
    inside = (corners @ back.T)[:, :2]
    slack = 1e-3
    return bool(inside.min() >= -slack and inside[:, 0].max() <= width + slack and inside[:, 1].max() <= height + slack)
