"""City: a skyline at dusk over water, its windows lit, the camera gliding past."""

from dataclasses import dataclass

import cv2
import numpy as np

from plugins.providers.generator.noise import Field, cloud
from plugins.providers.generator.palettes import Picture, colours, ramp
from plugins.providers.generator.points import add_disc, soft_disc

LAYERS = 4
WATER = 0.72
"""Where the water begins, a fraction of the height from the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of buildings, wider than the frame: black where there is none. ``speed`` in pixels a second.

    ``beacons`` are the lights on its masts: x and y in pixels, and when each glows.
    """

    picture: Picture
    cover: Field
    speed: float
    beacons: tuple[tuple[int, int, float], ...]


class City:
    """The scene."""

    title = "City"
    description = "a skyline at dusk over water, lit windows in the night"

    def open(self, *, width: int, height: int, palette: str, seed: int, duration: float) -> "CityShot":
        """Prepare a shot."""
        return CityShot(width, height, palette, seed, duration)


class CityShot:
    """One shot: sky and rows are drawn once, the rows slide at the speed of their distance."""

    def __init__(self, width: int, height: int, palette: str, seed: int, duration: float) -> None:
        random = np.random.default_rng(seed)
        self._size = (width, height)
        self._shore = max(4, round(height * WATER))
        self._tones = colours(palette)
        self._beacon = soft_disc(max(1.0, height / 300))
        self._sky = self._draw_sky(random, palette)
        self._rows = []
        for layer in range(LAYERS):
            speed = width * 0.004 * 1.8**layer
            length = width + round(speed * duration) + 8
            self._rows.append(self._draw_row(random, length, speed, layer / (LAYERS - 1)))
        depth = np.arange(height - self._shore, dtype=np.float32)[:, None]
        self._columns = np.repeat(np.arange(width, dtype=np.float32)[None, :], len(depth), axis=0)
        self._depth = np.repeat(depth, width, axis=1)

    def _draw_sky(self, random: np.random.Generator, palette: str) -> Picture:
        width, shore = self._size[0], self._shore
        fall = np.linspace(0, 1, shore, dtype=np.float32)[:, None]
        across = np.linspace(0, 1, width, dtype=np.float32)[None, :]
        sun = 0.25 + 0.5 * random.random()
        towards = np.exp(-(((across - sun) / 0.42) ** 2))
        sky = ramp(palette, 0.06 + (0.5 + 0.27 * towards) * fall**1.25)
        veil = cloud(random, width * 2, shore, cells=3, octaves=5)
        veil = cv2.resize(veil[: max(1, shore // 4), :width], (width, shore), interpolation=cv2.INTER_CUBIC)
        lit = np.clip(veil * 2.2 - 1.05, 0, 1) * fall * (0.25 + 0.6 * towards)
        sky += lit[..., None] * self._tones[3] * 0.55
        return sky + (0.3 * towards * fall**5)[..., None] * self._tones[4]

    def _draw_row(self, random: np.random.Generator, length: int, speed: float, near: float) -> Row:
        shore = self._shore
        picture, cover = np.zeros((shore, length, 3), np.float32), np.zeros((shore, length), np.float32)
        haze = self._tones[1] * 0.45 + self._tones[2] * 0.42
        wall = haze * (1 - near) ** 1.3 + self._tones[0] * 0.9 * near + self._tones[1] * 0.5 * (1 - near) * near
        beacons = []
        x = -round(random.random() * shore * 0.1)
        while x < length:
            wide = round(shore * (0.06 + 0.09 * random.random()) * (0.75 + 0.75 * near))
            tall = shore * (0.16 + 0.5 * random.random() ** 1.7) * (1.12 - 0.5 * near)
            for left, right, top in _blocks(random, x, wide, shore - tall, shore):
                left, right = max(0, left), min(length, right)
                if right - left < 2:
                    continue
                cover[top:, left:right] = 1
                picture[top:, left:right] = (
                    wall * np.linspace(1.18, 0.82, right - left, dtype=np.float32)[None, :, None]
                )
                picture[top:, left] = wall * 0.6 + self._tones[3] * 0.16 * (0.4 + near)
                self._light_windows(random, picture[top + 2 : shore, left + 1 : right - 1], near)
            mast, tip = x + wide // 2, round(shore - tall - shore * (0.04 + 0.05 * random.random()))
            if random.random() < 0.28 and tip > shore * 0.08 and 0 < mast < length - 1:
                picture[tip : round(shore - tall), mast] = wall * 0.9
                cover[tip : round(shore - tall), mast] = 0.8
                beacons.append((mast, tip, random.random() * 6.28))
            x += wide + round(random.random() * shore * 0.012)
        foot = np.linspace(0, 1, shore, dtype=np.float32)[:, None] ** 6
        mist = (0.55 * (1 - near) * foot * cover)[..., None]
        picture += mist * (haze * 1.1 - picture)
        return Row(picture=picture, cover=cover, speed=speed, beacons=tuple(beacons))

    def _light_windows(self, random: np.random.Generator, front: Picture, near: float) -> None:
        """Light some windows of a front, floor by floor: some floors work late."""
        unit = max(1, round(self._shore * (0.0045 + 0.0065 * near)))
        step = unit * 2
        floors, columns = front.shape[0] // step, front.shape[1] // step
        if not floors or not columns:
            return
        busy = 0.1 + 0.24 * random.random() + 0.35 * (random.random((floors, 1)) < 0.12)
        is_lit = random.random((floors, columns)) < busy
        warm = random.random((floors, columns, 1)).astype(np.float32)
        strength = ((0.3 + 0.7 * random.random((floors, columns, 1))) * (0.45 + 0.5 * near)).astype(np.float32)
        light = (self._tones[3] * (1 - warm) + self._tones[4] * warm) * strength * is_lit[..., None]
        panes = np.zeros((floors, step, columns, step, 3), np.float32)
        panes[:, :unit, :, :unit] = light[:, None, :, None]
        panes = panes.reshape(floors * step, columns * step, 3)
        there = front[: floors * step, : columns * step]
        np.copyto(there, panes, where=panes.max(axis=2, keepdims=True) > 0)

    def draw(self, time: float) -> Picture:
        """Slide the rows, then mirror them in the water."""
        width, height = self._size
        above = self._sky.copy()
        for row in self._rows:
            left = time * row.speed
            move = np.array([[1, 0, -left], [0, 1, 0]])
            size = (width, self._shore)
            mask = cv2.warpAffine(row.cover, move, size)
            above *= (1 - mask)[..., None]
            above += cv2.warpAffine(row.picture, move, size)
            for x, y, phase in row.beacons:
                pulse = max(0.0, np.sin(time * 2.2 + phase)) ** 2
                add_disc(above, self._beacon, x + 1 - left, y + 0.5, np.array((0.5 + pulse, 0.12, 0.1), np.float32))
        small = cv2.resize(cv2.max(above - 0.4, 0), (width // 4, self._shore // 4), interpolation=cv2.INTER_AREA)
        glow = cv2.resize(cv2.GaussianBlur(small, (0, 0), height / 200), (width, self._shore))
        above += 0.9 * glow
        return np.vstack((above, self._mirror(above, time)))

    def _mirror(self, above: Picture, time: float) -> Picture:
        share = self._depth / max(1, len(self._depth))
        wave = self._depth * 0.9 / (0.25 + share)
        ripple = np.sin(wave + time * 2.4) + 0.6 * np.sin(wave * 0.41 - time * 1.7 + self._columns * 0.02)
        source_x = self._columns + ripple * (0.6 + 5 * share)
        source_y = self._shore - 1 - self._depth * (self._shore / len(self._depth)) * 0.82 + ripple * 1.5
        mirrored = cv2.remap(
            above, source_x, np.clip(source_y, 0, self._shore - 1), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        mirrored = cv2.GaussianBlur(mirrored, (0, 0), sigmaX=0.8, sigmaY=2.6)
        shade = (0.72 - 0.42 * share + 0.05 * ripple * share)[..., None]
        return mirrored * shade + self._tones[1] * 0.1


def _blocks(random: np.random.Generator, x: int, wide: int, top: float, shore: int) -> list[tuple[int, int, int]]:
    """Return the parts of one building (left, right, top in pixels), the widest first: some step back as they rise."""
    tall = shore - top
    shape = random.random()
    if shape < 0.55 or wide < 8:
        return [(x, x + wide, round(top))]
    inset = round(wide * (0.12 + 0.14 * random.random()))
    if shape < 0.8:
        return [(x, x + wide, round(top + tall * 0.22)), (x + inset, x + wide - inset, round(top))]
    return [
        (x, x + wide, round(top + tall * 0.34)),
        (x + inset // 2, x + wide - inset // 2, round(top + tall * 0.14)),
        (x + inset, x + wide - inset, round(top)),
    ]
