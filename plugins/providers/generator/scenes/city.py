"""City: a skyline at night over water, its windows lit, the camera gliding past."""

import cv2
import numpy as np

from plugins.providers.generator.palettes import Picture, colours, ramp

LAYERS = 3
WATER = 0.7
"""Where the water begins, a fraction of the height from the top."""


class City:
    """The scene."""

    title = "City"
    description = "a skyline at night over water, lit windows"

    def open(self, *, width: int, height: int, palette: str, seed: int, duration: float) -> "CityShot":
        """Prepare a shot."""
        return CityShot(width, height, palette, seed, duration)


class CityShot:
    """One shot: rows of buildings are drawn once, wider than the frame, and slide at their own speeds."""

    def __init__(self, width: int, height: int, palette: str, seed: int, duration: float) -> None:
        random = np.random.default_rng(seed)
        self._size = (width, height)
        self._shore = round(height * WATER)
        tones = colours(palette)
        fall = np.linspace(0, 1, self._shore, dtype=np.float32)[:, None]
        self._sky = ramp(palette, np.repeat(0.04 + 0.5 * fall**2.2, width, axis=1))
        self._speeds = [width * 0.006 * 1.9**layer for layer in range(LAYERS)]
        self._rows = [
            _buildings(random, width + round(speed * duration) + 8, self._shore, layer / (LAYERS - 1), tones)
            for layer, speed in enumerate(self._speeds)
        ]
        self._tint = tones[1] * 0.55
        depth = np.arange(height - self._shore, dtype=np.float32)[:, None]
        self._columns = np.repeat(np.arange(width, dtype=np.float32)[None, :], len(depth), axis=0)
        self._depth = np.repeat(depth, width, axis=1)

    def draw(self, time: float) -> Picture:
        """Slide the rows, then mirror them in the water."""
        width, height = self._size
        above = self._sky.copy()
        for (row, cover), speed in zip(self._rows, self._speeds, strict=True):
            move = np.array([[1, 0, -time * speed], [0, 1, 0]])
            size = (width, self._shore)
            shown = cv2.warpAffine(row, move, size)
            mask = cv2.warpAffine(cover, move, size)[..., None]
            above = above * (1 - mask) + shown
        glow = cv2.GaussianBlur(np.clip(above - 0.42, 0, None), (0, 0), height / 70)
        above = above + 0.75 * glow
        share = self._depth / max(1, height - self._shore)
        ripple = np.sin(self._depth * 0.9 / (0.25 + share) + time * 2.4) + 0.6 * np.sin(
            self._depth * 0.37 - time * 1.7 + self._columns * 0.02
        )
        source_x = self._columns + ripple * (0.6 + 5 * share)
        source_y = self._shore - 1 - self._depth * (self._shore / (height - self._shore)) * 0.8 + ripple * 1.5
        mirrored = cv2.remap(
            above, source_x, np.clip(source_y, 0, self._shore - 1), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        mirrored = cv2.GaussianBlur(mirrored, (0, 0), sigmaX=0.8, sigmaY=2.2)
        water = mirrored * (0.62 - 0.3 * share[..., None]) + self._tint * (0.25 + 0.3 * share[..., None])
        return np.vstack((above, water)).astype(np.float32)


def _buildings(
    random: np.random.Generator, length: int, shore: int, near: float, tones: Picture
) -> tuple[Picture, Picture]:
    """Draw one row of buildings: its picture (black where there is none) and its cover."""
    picture, cover = np.zeros((shore, length, 3), np.float32), np.zeros((shore, length), np.float32)
    wall = tones[1] * (1.15 - 0.75 * near) * 0.8 + tones[2] * 0.22 * (1 - near)
    unit = max(2, round(shore * (0.007 + 0.005 * near)))
    x = -round(random.random() * 30)
    while x < length:
        width = round(shore * (0.07 + 0.11 * random.random()) * (0.8 + 0.5 * near))
        tall = shore * (0.2 + 0.48 * random.random() ** 1.4) * (1.08 - 0.42 * near)
        top, left, right = round(shore - tall), max(0, x), min(length, x + width)
        if right > left:
            shade = np.linspace(1.15, 0.8, right - left, dtype=np.float32)[None, :, None]
            picture[top:, left:right] = wall * shade
            cover[top:, left:right] = 1
            _light_windows(random, picture, left, right, top, shore, unit, near, tones)
            if random.random() < 0.25 and top > shore * 0.12:
                mast = left + (right - left) // 2
                picture[top - round(shore * 0.05) : top, mast : mast + 1] = wall
                cover[top - round(shore * 0.05) : top, mast : mast + 1] = 1
        x += width + round(random.random() * shore * 0.02)
    return picture, cover


def _light_windows(
    random: np.random.Generator,
    picture: Picture,
    left: int,
    right: int,
    top: int,
    shore: int,
    unit: int,
    near: float,
    tones: Picture,
) -> None:
    lit = 0.14 + 0.3 * random.random()
    for y in range(top + 2 * unit, shore - unit, unit * 2):
        for x in range(left + unit, right - unit, unit * 2):
            if random.random() < lit:
                tone = tones[3] * (1 - (mix := random.random())) + tones[4] * mix
                picture[y : y + unit, x : x + unit] = tone * (0.35 + 0.65 * random.random()) * (0.55 + 0.45 * near)
