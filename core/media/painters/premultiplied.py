"""Premultiplied RGBA: tinting coverage and laying pictures over each other. No channel ever exceeds its alpha."""

import numpy as np

from core.api import Color, Plane, Rgba


def tint(coverage: Plane, color: Color) -> Rgba:
    """Return a colour where there is coverage."""
    weights = np.array([color.r * color.a, color.g * color.a, color.b * color.a, 255 * color.a], np.float64)
    shades = np.rint(np.arange(256)[:, None] * weights / 65025).astype(np.uint8)
    return shades[coverage]


def faded(picture: Rgba, opacity: int) -> Rgba:
    """Return a picture at an opacity of 0 to 255."""
    return picture if opacity == 255 else _by_255(picture.astype(np.uint16) * np.uint16(opacity))


def lay_over(canvas: Rgba, picture: Rgba, left: int, top: int) -> None:
    """Lay a picture over a canvas at a place; what lies outside is cut off."""
    height, width = canvas.shape[:2]
    first_x, first_y = max(left, 0), max(top, 0)
    last_x, last_y = min(left + picture.shape[1], width), min(top + picture.shape[0], height)
    if first_x >= last_x or first_y >= last_y:
        return
    seen = picture[first_y - top : last_y - top, first_x - left : last_x - left]
    below = canvas[first_y:last_y, first_x:last_x]
    through = (255 - seen[:, :, 3:]).astype(np.uint16)
    np.add(seen, _by_255(below * through), out=below)


def replace_covered(canvas: Rgba, coverage: Plane, color: Color) -> None:
    """Put a colour in the place of what is covered: a translucent one does not show what was there."""
    kept = (255 - coverage[:, :, None]).astype(np.uint16)
    np.add(tint(coverage, color), _by_255(canvas * kept), out=canvas)


def _by_255(products: np.ndarray) -> Rgba:
    """Divide products of two bytes by 255, rounded (exact for all of them)."""
    products += 128
    return ((products + (products >> 8)) >> 8).astype(np.uint8)
