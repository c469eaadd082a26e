"""Still pictures: files to straight RGBA, upright, with colour under transparent edges."""

from pathlib import Path

import cv2
import numpy as np
from PIL.Image import Transpose

from core.api import Rgb, Rgba
from core.media.intake import open_picture, orientation

UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""How a picture is turned upright, by its EXIF orientation."""


def read_still(path: Path) -> Rgb | Rgba:
    """Read a picture as RGB, or as straight RGBA when it has transparency; rotated as its EXIF says.

    Raise ``MediaError`` when it is too large or can't be decoded whole.
    """
    with open_picture(path) as image:
        turn = UPRIGHT.get(orientation(image, path))
        upright = image if turn is None else image.transpose(turn)
        if upright.mode.startswith("I;16"):
            upright = upright.point(lambda value: value / 256).convert("L")
        if not upright.has_transparency_data:
            return np.asarray(upright.convert("RGB"))
        return extend_colours(np.asarray(upright.convert("RGBA")))


def extend_colours(rgba: Rgba) -> Rgba:
    """Let the colours of a straight-alpha picture reach a little under its transparent part.

    Scaling and chroma averaging mix neighbours: without this, edges take on the black that files keep under alpha 0.
    """
    alpha = rgba[:, :, 3]
    if alpha.min() == 255:
        return rgba
    weight = alpha.astype(np.float32)
    spread = cv2.blur(rgba[:, :, :3].astype(np.float32) * weight[:, :, None], (9, 9))
    around = cv2.blur(weight, (9, 9))
    known = around > 0
    filled = rgba.copy()
    hidden = known & (alpha == 0)
    filled[hidden, :3] = np.rint(spread[hidden] / around[hidden][:, None])
    return filled
