"""Aurora: bands of light that flow over a dark sky."""

import cv2
import numpy as np

from plugins.providers.generator.noise import cloud
from plugins.providers.generator.palettes import Picture, colours, ramp

COARSE = 4
"""The light is soft: it is drawn at this part of the shot's size."""


class Aurora:
    """The scene."""

    title = "Aurora"
    description = "bands of light flowing over a night sky, a background"

    def open(self, *, width: int, height: int, palette: str, seed: int, duration: float) -> "AuroraShot":
        """Prepare a shot."""
        return AuroraShot(width, height, palette, seed)


class AuroraShot:
    """One shot: three curtains, each a wavering line whose light falls off upwards."""

    def __init__(self, width: int, height: int, palette: str, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._full = (width, height)
        self._width, self._height = max(8, width // COARSE), max(8, height // COARSE)
        self._tones = colours(palette)
        self._rows = np.linspace(0, 1, self._height, dtype=np.float32)[:, None]
        self._columns = np.linspace(0, 1, self._width, dtype=np.float32)
        self._sky = ramp(palette, np.repeat(0.02 + 0.16 * self._rows, self._width, axis=1))
        self._texture = cloud(random, self._width * 3, 8, cells=48, octaves=3)[4]
        self._curtains = [
            (0.42 + 0.17 * index, random.random(6) * 6.28, 0.7 + 0.6 * random.random(), index) for index in range(3)
        ]

    def draw(self, time: float) -> Picture:
        """Let the curtains waver."""
        light = self._sky.copy()
        for base, phases, speed, index in self._curtains:
            waver = sum(
                np.sin(self._columns * (2.1 + 2.3 * k) + phases[k] + time * speed * (0.16 + 0.09 * k)) / (k + 1.4)
                for k in range(4)
            )
            line = base + 0.13 * waver
            rays_at = (self._columns + 0.06 * waver) * self._width + time * speed * 3 + index * 97
            rays = np.interp(rays_at % len(self._texture), np.arange(len(self._texture)), self._texture)
            above = line[None, :] - self._rows
            fall = np.where(above > 0, np.exp(-above / (0.1 + 0.34 * rays[None, :])), np.exp(above / 0.03))
            tone = self._tones[2] * (1.15 - 0.35 * index) + self._tones[3] * (0.15 + 0.32 * index)
            high = np.clip(above / 0.5, 0, 1)[..., None]
            strength = (fall * (0.35 + 0.75 * rays[None, :]) * (0.62 - 0.1 * index))[..., None]
            light = light + strength * (tone * (1 - high) + self._tones[2] * 0.9 * high)
        soft = cv2.GaussianBlur(1 - np.exp(-1.25 * light), (0, 0), 1.2)
        return cv2.resize(soft, self._full, interpolation=cv2.INTER_CUBIC)
