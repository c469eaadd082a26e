"""Aurora: curtains of light over a dark ridge, stars behind them."""

import cv2
import numpy as np

from plugins.providers.generator.noise import Field, cloud, ridge
from plugins.providers.generator.palettes import Picture, colours, ramp
from plugins.providers.generator.points import glow

COARSE = 4
"""The light is soft: it is drawn at this part of the shot's size."""
CURTAINS = 3
STARS = 260


class Aurora:
    """The scene."""

    title = "Aurora"
    description = "curtains of light over a night sky with stars, a background"

    def open(self, *, width: int, height: int, palette: str, seed: int, duration: float) -> "AuroraShot":
        """Prepare a shot."""
        return AuroraShot(width, height, palette, seed)


class AuroraShot:
    """One shot. A curtain is a wavering line; its light stands on it in rays that fade as they rise."""

    def __init__(self, width: int, height: int, palette: str, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._full = (width, height)
        self._width, self._height = max(8, width // COARSE), max(8, height // COARSE)
        self._tones = colours(palette)
        self._rows = np.linspace(0, 1, self._height, dtype=np.float32)[:, None]
        self._columns = np.linspace(0, 1, self._width, dtype=np.float32)
        self._sky = ramp(palette, np.repeat(0.01 + 0.2 * self._rows**1.5, self._width, axis=1))
        fine = cloud(random, self._width * 4, 8, cells=150, octaves=2)[4]
        broad = cloud(random, self._width * 4, 8, cells=22, octaves=3)[4]
        self._rays = np.clip((0.35 * fine + 0.65 * broad - 0.3) * 2.3, 0, 1)
        self._curtains = [
            (0.5 + 0.13 * index, random.random(5) * 6.28, 0.6 + 0.5 * random.random(), 1 - 0.22 * index)
            for index in range(CURTAINS)
        ]
        self._stars = self._draw_stars(random)
        self._ridge_top, self._ridge = self._draw_ridge(random)

    def _draw_stars(self, random: np.random.Generator) -> Field:
        width, height = self._full
        x, y, level = random.random((3, STARS)).astype(np.float32)
        return glow(width, height, x * width, y * height * 0.8, 0.25 + 0.6 * level**2, sigma=max(0.55, height / 900))

    def _draw_ridge(self, random: np.random.Generator) -> tuple[int, Field]:
        """Return the first row of the ridge, and how much of each point from there on it covers, 0 to 1."""
        width, height = self._full
        line = height * (0.9 + 0.035 * ridge(random, width, cells=4, octaves=6))
        top = min(max(0, int(line.min()) - 1), height - 1)
        rows = np.arange(top, height, dtype=np.float32)[:, None]
        return top, np.clip(rows - line[None, :] + 1, 0, 1)[..., None].astype(np.float32)

    def draw(self, time: float) -> Picture:
        """Let the curtains waver."""
        light = self._sky.copy()
        for base, phases, speed, weight in self._curtains:
            waver = np.zeros_like(self._columns)
            for k, phase in enumerate(phases):
                waver += np.sin(self._columns * (2.4 + 2.9 * k) + phase + time * speed * (0.15 + 0.11 * k)) / (k + 1.3)
            line = base + 0.1 * waver
            at = (self._columns + 0.05 * waver) * self._width * 1.3 + time * speed * 5 + base * 900
            rays = np.interp(at % len(self._rays), np.arange(len(self._rays)), self._rays).astype(np.float32)
            above = (line[None, :] - self._rows).astype(np.float32)
            tall = 0.09 + 0.3 * rays[None, :]
            fall = cv2.exp(np.where(above > 0, above / -tall, above / 0.014))
            strength = (fall * (0.12 + 0.95 * rays[None, :]) * weight)[..., None]
            high = np.sqrt(np.clip(above / 0.42, 0, 1))[..., None]
            foot = cv2.exp(np.abs(above) / -0.035)[..., None]
            tone = self._tones[3] * (1 - high) + self._tones[2] * 1.15 * high + self._tones[4] * 0.35 * foot
            light += strength * tone
        small = 1 - cv2.exp(light * -1.3)
        shown = cv2.resize(small, self._full, interpolation=cv2.INTER_CUBIC)
        hidden = cv2.resize(cv2.max(1 - 2.2 * small.max(axis=2), 0), self._full)
        seen = cv2.multiply(self._stars, hidden)
        cv2.add(shown, cv2.merge([seen * float(part) for part in self._tones[4]]), dst=shown)
        below = shown[self._ridge_top :]
        below -= self._ridge * (below - self._tones[0] * 0.5)
        return shown
