"""The effect ``color.lut``: a look from a .cube file, mixed in at an intensity."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.api import Cost, Effect, Moment, Parameter, ParameterType, Rgb, RgbKernel, Values
from plugins.effects.color.affine import to_levels
from plugins.effects.color.cube import Cube, read_cube

_LEVELS = np.arange(256) / 255
_TILES = 16
_FRACTION = 32
"""``cv2.remap`` weighs neighbours in steps of 1/32."""
_FINEST = 33
"""How many entries a side of the atlas's tiles has at least, so that those steps are finer than a level."""


def lut(rgb: Rgb, values: Values, _moment: Moment) -> Rgb:
    """Look every pixel up; trilinear between the entries of a cube, linear between those of curves."""
    intensity = values.number("intensity")
    if intensity == 0:
        return rgb
    path = values.path("file")
    stamp = path.stat().st_mtime_ns if path.exists() else 0
    graded = _look(path, stamp)(rgb)
    return graded if intensity == 1 else cv2.addWeighted(rgb, 1 - intensity, graded, intensity, 0)


@lru_cache(maxsize=8)
def _look(path: Path, _stamp: int) -> Callable[[Rgb], Rgb]:
    cube = read_cube(path, field="params.file")
    return CubeAtlas(cube).draw if cube.is_3d else _curves(cube)


def _curves(cube: Cube) -> Callable[[Rgb], Rgb]:
    """Return how to look up three curves."""
    positions = np.linspace(0, 1, len(cube.table))
    channels = [
        to_levels(255 * np.interp((_LEVELS - low) / (high - low), positions, cube.table[:, channel]))
        for channel, (low, high) in enumerate(zip(cube.lowest, cube.highest, strict=True))
    ]
    table = np.stack(channels, axis=1)[None]
    return lambda rgb: cv2.LUT(rgb, table)


class CubeAtlas:
    """A cube laid out as a picture, so that OpenCV's remap does the looking up, faster than libavfilter's lut3d.

    It has a tile for each of the 256 levels of blue, already interpolated; across a tile runs red, down it green,
    and remap interpolates between those.
    """

    def __init__(self, cube: Cube) -> None:
        table = _refined(_refined(cube.table, 1), 2)
        size = table.shape[1]
        red, green, blue = (
            np.clip((_LEVELS - low) / (high - low), 0, 1) * (entries - 1)
            for low, high, entries in zip(cube.lowest, cube.highest, (size, size, len(table)), strict=True)
        )
        below = np.minimum(blue.astype(int), len(table) - 2)
        share = (blue - below)[:, None, None, None]
        tiles = to_levels(255 * (table[below] * (1 - share) + table[below + 1] * share))
        rows = tiles.reshape(256 // _TILES, _TILES, size, size, 3).swapaxes(1, 2)
        self._atlas = np.ascontiguousarray(rows).reshape(256 // _TILES * size, _TILES * size, 3)
        # A pixel's place is the sum of what its channels say: whole parts in one table, 1/32 steps in the other.
        tile = np.arange(256)
        self._places = np.zeros((3, 256, 2), np.int16)
        self._steps = np.zeros((3, 256), np.uint16)
        for channel, at, axis in ((0, red, 0), (1, green, 1)):
            fine = np.rint(at * _FRACTION).astype(int)
            self._places[channel, :, axis] = fine // _FRACTION
            self._steps[channel] = fine % _FRACTION * (_FRACTION if axis else 1)
        self._places[2] = np.stack((tile % _TILES * size, tile // _TILES * size), axis=1)

    def draw(self, rgb: Rgb) -> Rgb:
        """Look up every pixel."""
        red, green, blue = cv2.split(rgb)
        x = cv2.add(cv2.LUT(red, self._column(0, 0)), cv2.LUT(blue, self._column(2, 0)))
        y = cv2.add(cv2.LUT(green, self._column(1, 1)), cv2.LUT(blue, self._column(2, 1)))
        steps = cv2.add(cv2.LUT(red, self._steps[0]), cv2.LUT(green, self._steps[1]))
        return cv2.remap(self._atlas, cv2.merge((x, y)), steps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def _column(self, channel: int, axis: int) -> NDArray[np.int16]:
        return np.ascontiguousarray(self._places[channel, :, axis])


def _refined(table: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Put entries between those along an axis until 1/32 of the way between two is less than a level."""
    entries = table.shape[axis]
    times = -(-(_FINEST - 1) // (entries - 1))
    if times == 1:
        return table
    at = np.arange((entries - 1) * times + 1) / times
    below = np.minimum(at.astype(int), entries - 2)
    share = (at - below).astype(np.float32).reshape([-1 if index == axis else 1 for index in range(table.ndim)])
    return table.take(below, axis) * (1 - share) + table.take(below + 1, axis) * share


def check_lut(path: Path) -> None:
    """Refuse a file that is no lookup table."""
    read_cube(path, field="params.file")


LUT = Effect(
    id="color.lut",
    title="Lookup table",
    description="Gives the picture the look of a .cube file (1D or 3D).",
    kernel=RgbKernel(lut),
    params=(
        Parameter(
            name="file",
            title="LUT file",
            type=ParameterType.ASSET,
            help="A .cube file, one-dimensional (up to 65536 entries) or three-dimensional (up to 129 a side).",
            check=check_lut,
        ),
        Parameter(
            name="intensity",
            title="Intensity",
            default=1.0,
            minimum=0,
            maximum=1,
            step=0.01,
            animatable=True,
            widget="slider",
            help="How much of the look is mixed into the picture.",
        ),
    ),
    cost=Cost.MEDIUM,
)
