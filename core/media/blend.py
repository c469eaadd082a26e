"""Laying patches over canvases: normal over on planes, the other blend modes on RGB."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from core.api import Canvas
from core.media.frames import Converter
from core.media.patch import Patch, premultiply, straighten
from core.timeline.plan import Blend

type Colours = NDArray[np.floating]
"""RGB from 0 to 1, shape (height, width, 3)."""


def over(canvas: Canvas, patch: Patch) -> None:
    """Lay a patch over a canvas, in place: ``below * (1 - alpha) + patch``. Parts outside are left out."""
    target, picture = _overlap(canvas, patch)
    if target is None or picture is None:
        return
    if picture.a is None or picture.a_uv is None:
        for (below, _), (above, _) in zip(target.planes(), picture.planes(), strict=False):
            np.copyto(below, above)
        if target.a is not None and target.a_uv is not None:
            target.a[:] = 255
            target.a_uv[:] = 255
        return
    rest = (cv2.bitwise_not(picture.a), cv2.bitwise_not(picture.a_uv))
    for (below, subsampling), (above, _) in zip(target.planes(), picture.planes(), strict=False):
        cv2.multiply(below, rest[subsampling - 1], dst=below, scale=1 / 255)
        cv2.add(below, above, dst=below)


def blend(canvas: Canvas, patch: Patch, mode: Blend, converter: Converter) -> None:
    """Mix a patch with what lies below, in place, on 8-bit gamma-coded RGB (W3C Compositing and Blending Level 1)."""
    if mode is Blend.NORMAL:
        over(canvas, patch)
        return
    target, picture = _overlap(canvas, patch)
    if target is None or picture is None:
        return
    below = straighten(Canvas(*(plane.copy() for plane, _ in target.planes())))
    above = straighten(picture)
    source = converter.to_rgb(above).astype(np.float32) / 255
    mixed = _MODES[mode](converter.to_rgb(below).astype(np.float32) / 255, source)
    if below.a is not None:  # where nothing lies below, the patch shows as it is
        share = (below.a.astype(np.float32) / 255)[:, :, None]
        mixed = source * (1 - share) + mixed * share
    colours = converter.to_planes(np.rint(np.clip(mixed, 0, 1) * 255).astype(np.uint8), above.a)
    over(target, Patch(0, 0, premultiply(colours)))


def _overlap(canvas: Canvas, patch: Patch) -> tuple[Canvas, Canvas] | tuple[None, None]:
    """Return the parts of canvas and patch that lie on each other, as views."""
    left, top = max(0, patch.x), max(0, patch.y)
    right = min(canvas.width, patch.x + patch.picture.width)
    bottom = min(canvas.height, patch.y + patch.picture.height)
    if left >= right or top >= bottom:
        return None, None
    return (
        _cut(canvas, left, top, right, bottom),
        _cut(patch.picture, left - patch.x, top - patch.y, right - patch.x, bottom - patch.y),
    )


def _cut(canvas: Canvas, left: int, top: int, right: int, bottom: int) -> Canvas:
    return Canvas(
        *(plane[top // s : (bottom + s - 1) // s, left // s : (right + s - 1) // s] for plane, s in canvas.planes())
    )


def _overlay(below: Colours, above: Colours) -> Colours:
    return np.where(below <= 0.5, 2 * below * above, 1 - 2 * (1 - below) * (1 - above))


_MODES: dict[Blend, Callable[[Colours, Colours], Colours]] = {
    Blend.MULTIPLY: lambda below, above: below * above,
    Blend.SCREEN: lambda below, above: 1 - (1 - below) * (1 - above),
    Blend.OVERLAY: _overlay,
    Blend.DARKEN: np.minimum,
    Blend.LIGHTEN: np.maximum,
    Blend.ADD: lambda below, above: below + above,
}
