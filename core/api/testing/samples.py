"""Sample pictures: synthetic, the same on every machine, with detail, flat parts, colour and soft alpha.

Their rows are padded and their memory is read-only, as pictures in the engine may be.
"""

import numpy as np
from numpy.typing import NDArray

from core.api.pictures import Canvas, Plane, Planes, Rgb, Rgba

PADDING = 16
_KR, _KB = 0.2126, 0.0722


def sample_rgb(width: int, height: int, *, seed: int = 0) -> Rgb:
    """Return an opaque picture; another seed gives another picture."""
    return _sealed(_rgb(width, height, seed))


def sample_rgba(width: int, height: int, *, seed: int = 0) -> Rgba:
    """Return a picture whose alpha runs from 0 to 255."""
    alpha = _alpha(width, height)
    return _sealed(np.dstack((_rgb(width, height, seed), alpha)))


def sample_planes(width: int, height: int, *, has_alpha: bool = False, seed: int = 0) -> Planes:
    """Return a picture in YUV 4:2:0; width and height are even."""
    y, u, v = _yuv(_rgb(width, height, seed))
    alpha = _sealed(_alpha(width, height)) if has_alpha else None
    return Planes(_sealed(_bytes(y)), _sealed(_bytes(u)), _sealed(_bytes(v)), alpha)


def sample_canvas(width: int, height: int, *, has_alpha: bool = False, seed: int = 0) -> Canvas:
    """Return an output frame, opaque or with premultiplied alpha; width and height are even."""
    y, u, v = _yuv(_rgb(width, height, seed))
    if not has_alpha:
        return Canvas(_sealed(_bytes(y)), _sealed(_bytes(u)), _sealed(_bytes(v)))
    alpha = _alpha(width, height)
    if seed % 2:
        alpha = np.ascontiguousarray(alpha[::-1, ::-1])
    small = _bytes(_halved(alpha.astype(np.float64)))
    share, small_share = alpha / 255, small / 255
    return Canvas(
        _sealed(_bytes(y * share)),
        _sealed(_bytes(u * small_share)),
        _sealed(_bytes(v * small_share)),
        _sealed(alpha),
        _sealed(small),
    )


def blank_canvas(like: Canvas, fill: int) -> Canvas:
    """Return a writable canvas of the same form, every byte ``fill``."""

    def blank(plane: Plane) -> Plane:
        return np.full((plane.shape[0], plane.shape[1] + PADDING), fill, np.uint8)[:, : plane.shape[1]]

    if like.a is None or like.a_uv is None:
        return Canvas(blank(like.y), blank(like.u), blank(like.v))
    return Canvas(blank(like.y), blank(like.u), blank(like.v), blank(like.a), blank(like.a_uv))


def _rgb(width: int, height: int, seed: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    across, down = x / max(width - 1, 1), y / max(height - 1, 1)
    waves = 0.5 + 0.5 * np.sin(2 * np.pi * (3 + seed) * (across + down * 0.6) + seed)
    picture = np.dstack((across, waves, 1 - down)) * 255
    disc = (across - 0.4) ** 2 + (down - 0.5) ** 2 < 0.05
    picture[disc] = ((250, 210, 40), (20, 90, 200), (0, 0, 0))[seed % 3]
    picture[(across > 0.7) & (down < 0.3)] = (255, 255, 255)
    noise = np.random.default_rng(seed).normal(0, 6, picture.shape)
    return _bytes(picture + noise * (down < 0.5)[:, :, np.newaxis])


def _alpha(width: int, height: int) -> NDArray[np.uint8]:
    """Transparent on the left, opaque on the right, soft between."""
    ramp = np.clip(np.linspace(-0.5, 1.5, width), 0, 1) * 255
    return np.tile(_bytes(ramp), (height, 1))


def _yuv(rgb: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Convert by ITU-R BT.709, limited range."""
    r, g, b = (rgb[:, :, channel].astype(np.float64) for channel in range(3))
    luma = _KR * r + (1 - _KR - _KB) * g + _KB * b
    blue, red = (b - luma) / (2 * (1 - _KB)), (r - luma) / (2 * (1 - _KR))
    return 16 + luma * 219 / 255, _halved(128 + blue * 224 / 255), _halved(128 + red * 224 / 255)


def _halved(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    rows, columns = plane.shape
    return plane.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3))


def _bytes(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _sealed(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Copy into padded rows that can't be written to."""
    height, width, *rest = picture.shape
    padded = np.empty((height, width + PADDING, *rest), np.uint8)
    padded[:, :width] = picture
    view = padded[:, :width]
    view.flags.writeable = False
    return view
