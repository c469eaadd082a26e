"""Hills: ridges behind ridges in the haze, a low sun, the camera moving past."""

import cv2
import numpy as np

from plugins.providers.generator.noise import cloud, ridge
from plugins.providers.generator.palettes import Picture, colours, ramp

RIDGES = 6


class Hills:
    """The scene."""

    title = "Hills"
    description = "ridges in the haze before a low sun, a landscape"

    def open(self, *, width: int, height: int, palette: str, seed: int, duration: float) -> "HillsShot":
        """Prepare a shot."""
        return HillsShot(width, height, palette, seed, duration)


class HillsShot:
    """One shot: sky and sun are drawn once, the ridges slide at the speed of their distance."""

    def __init__(self, width: int, height: int, palette: str, seed: int, duration: float) -> None:
        random = np.random.default_rng(seed)
        self._size = (width, height)
        self._rows = np.arange(height, dtype=np.float32)[:, None]
        self._colours = colours(palette)
        self._speeds = [width * 0.004 * 1.75**layer for layer in range(RIDGES)]
        self._lines = []
        for layer in range(RIDGES):
            length = width * 2 + round(self._speeds[layer] * duration)
            near = layer / (RIDGES - 1)
            line = ridge(random, length, cells=round((5 - 2.5 * near) * length / width / 2) + 2)
            base = 0.5 + 0.4 * near**1.25
            self._lines.append(height * (base + (0.045 + 0.05 * near) * line))
        self._sky = self._draw_sky(random, palette)

    def _draw_sky(self, random: np.random.Generator, palette: str) -> Picture:
        width, height = self._size
        fall = np.repeat((self._rows / height) ** 1.1, width, axis=1)
        sky = ramp(palette, 0.18 + 0.72 * fall)
        veil = cloud(random, width * 2, height, cells=5)[:, :width]
        veil = cv2.GaussianBlur(veil, (0, 0), width / 60)
        sky += (np.clip(veil - 0.45, 0, 1) * 0.6 * fall)[..., None] * self._colours[3]
        x, y = width * (0.3 + 0.4 * random.random()), height * 0.47
        distance = np.hypot(np.arange(width, dtype=np.float32)[None, :] - x, self._rows - y) / height
        disc = np.clip((0.07 - distance) * height / 2 + 0.5, 0, 1)
        glow = 0.55 * np.exp(-((distance / 0.16) ** 1.3)) + 0.28 * np.exp(-distance / 0.42)
        light = self._colours[4] * 1.02
        sky += glow[..., None] * (light - sky * 0.5)
        return (sky * (1 - disc[..., None]) + light * disc[..., None]).astype(np.float32)

    def draw(self, time: float) -> Picture:
        """Lay ridge before ridge, each with haze at its foot."""
        width, height = self._size
        picture = self._sky.copy()
        columns = np.arange(width, dtype=np.float32)
        haze = self._colours[2] * 0.55 + self._colours[3] * 0.5
        for layer, (line, speed) in enumerate(zip(self._lines, self._speeds, strict=True)):
            near = layer / (RIDGES - 1)
            edge = np.interp(columns + time * speed, np.arange(len(line)), line).astype(np.float32)
            top = min(max(0, int(edge.min()) - 1), height)
            depth = self._rows[top:] - edge[None, :]
            cover = np.clip(depth + 0.5, 0, 1)[..., None]
            mist = (0.5 * (1 - near) * np.clip(depth / (height * 0.22), 0, 1))[..., None]
            tone = haze * (1 - near) ** 1.5 + self._colours[0] * near + self._colours[1] * (1 - near) * 0.6
            below = picture[top:]
            below += cover * (tone + mist * (haze - tone) - below)
        return picture
