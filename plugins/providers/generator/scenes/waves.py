"""Waves: the sea at night, a moon, its light on the water."""

import numpy as np

from plugins.providers.generator.noise import cloud
from plugins.providers.generator.palettes import Picture, colours, ramp

HORIZON = 0.46
SWELLS = 9


class Waves:
    """The scene."""

    title = "Waves"
    description = "the sea by moonlight, water"

    def open(self, *, width: int, height: int, palette: str, seed: int, duration: float) -> "WavesShot":
        """Prepare a shot."""
        return WavesShot(width, height, palette, seed)


class WavesShot:
    """One shot: swells run towards the viewer in perspective; where they slope the right way they catch the moon."""

    def __init__(self, width: int, height: int, palette: str, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._palette = palette
        self._tones = colours(palette)
        horizon = round(height * HORIZON)
        moon_x = 0.5 + 0.24 * (random.random() - 0.5)
        self._sky = self._draw_sky(random, width, height, horizon, moon_x)
        rows = (np.arange(height - horizon, dtype=np.float32)[:, None] + 0.7) / (height - horizon)
        self._near = rows
        distance = 1 / (rows + 0.015)
        across = (np.linspace(0, 1, width, dtype=np.float32)[None, :] - moon_x) * width / height
        self._far = distance
        self._side = across * distance
        self._path = np.exp(-((across / (0.05 + 0.3 * rows)) ** 2))
        self._swells = [
            (
                1.6 * 1.75**k + random.random(),
                (random.random() - 0.5) * 1.6 * 1.55**k,
                random.random() * 6.28,
                0.7 + 0.4 * k,
                0.86**k,
            )
            for k in range(SWELLS)
        ]

    def _draw_sky(self, random: np.random.Generator, width: int, height: int, horizon: int, moon_x: float) -> Picture:
        rows = np.linspace(0, 1, horizon, dtype=np.float32)[:, None]
        sky = ramp(self._palette, np.repeat(0.06 + 0.36 * rows**1.6, width, axis=1))
        columns = np.arange(width, dtype=np.float32)[None, :]
        distance = np.hypot(columns - moon_x * width, rows * horizon - height * 0.2) / height
        glow = 0.5 * np.exp(-distance / 0.06) + 0.24 * np.exp(-distance / 0.26)
        disc = np.clip((0.042 - distance) * height / 1.6 + 0.5, 0, 1)
        clouds = np.clip(cloud(random, width, horizon, cells=5, octaves=5) * 1.9 - 0.95, 0, 1) * rows
        sky = sky + glow[..., None] * self._tones[4] + (clouds * (0.1 + glow))[..., None] * self._tones[3]
        return (sky * (1 - disc[..., None]) + self._tones[4] * disc[..., None]).astype(np.float32)

    def draw(self, time: float) -> Picture:
        """Let the swells run."""
        slope = np.zeros_like(self._side)
        for frequency, slant, phase, speed, weight in self._swells:
            wave = np.sin(self._far * frequency + self._side * slant + phase + time * speed)
            slope += weight * wave * np.exp(-self._far * self._far * frequency / (1.5 * len(self._far)))
        slope /= 2.4
        body = ramp(self._palette, np.clip(0.1 + 0.2 * (1 - self._near) + 0.11 * slope, 0, 1))
        glitter = np.clip(slope - 0.22 + 0.3 * (1 - self._near) ** 2, 0, None) ** 1.3 * self._path
        sea = body + (1.9 * glitter)[..., None] * self._tones[4]
        return np.vstack((self._sky, 1 - np.exp(-1.15 * sea))).astype(np.float32)
