"""Premultiplied RGBA: tinting coverage and laying pictures over each other. No channel ever exceeds its alpha."""

import cv2
import numpy as np

from core.api import Color, Plane, Rgba


def tint(coverage: Plane, color: Color) -> Rgba:
    """Return a colour where there is coverage."""
    weights = np.array([color.r * color.a, color.g * color.a, color.b * color.a, 255 * color.a], np.float64)
    shades = np.rint(np.arange(256)[:, None] * weights / 65025).astype(np.uint8)
    # Looked up as one number a pixel, which is several times faster than four.
    pixels = shades.view(np.uint32)[:, 0][coverage]
    return pixels.view(np.uint8).reshape(*coverage.shape, 4)


def faded(picture: Rgba, opacity: int) -> Rgba:
    """Return a picture at an opacity of 0 to 255."""
    if opacity == 255:
        return picture
    return _times(picture, np.full(picture.shape[:2], opacity, np.uint8))


def lay_over(canvas: Rgba, picture: Rgba, left: int, top: int) -> None:
    """Lay a picture over a canvas at a place; what lies outside is cut off."""
    height, width = canvas.shape[:2]
    first_x, first_y = max(left, 0), max(top, 0)
    last_x, last_y = min(left + picture.shape[1], width), min(top + picture.shape[0], height)
    if first_x >= last_x or first_y >= last_y:
        return
    seen = picture[first_y - top : last_y - top, first_x - left : last_x - left]
    below = canvas[first_y:last_y, first_x:last_x]
    through = cv2.bitwise_not(cv2.extractChannel(np.ascontiguousarray(seen), 3))
    canvas[first_y:last_y, first_x:last_x] = cv2.add(seen, _times(below, through))


def replace_covered(canvas: Rgba, coverage: Plane, color: Color) -> None:
    """Put a colour in the place of what is covered: a translucent one does not show what was there."""
    canvas[:] = cv2.add(tint(coverage, color), _times(canvas, cv2.bitwise_not(coverage)))


def _times(picture: Rgba, alpha: Plane) -> Rgba:
    """Multiply all channels by an alpha, rounded: a product of two bytes over 255 is never halfway."""
    return cv2.multiply(picture, cv2.merge([alpha] * 4), scale=1 / 255)
