"""Particles: dust in a beam of light, near and far, rising slowly."""

import cv2
import numpy as np

from plugins.providers.generator.noise import Field, cloud
from plugins.providers.generator.palettes import Picture, colours, ramp
from plugins.providers.generator.points import glow

DEPTHS = ((170, 0.6), (90, 1.4), (26, 5.5))
"""For each depth: how many, and how large as they are out of focus (pixels at 540 rows)."""


class Particles:
    """The scene."""

    title = "Particles"
    description = "dust rising in a beam of light, a background"

    def open(self, *, width: int, height: int, palette: str, seed: int, duration: float) -> "ParticlesShot":
        """Prepare a shot."""
        return ParticlesShot(width, height, palette, seed)


class ParticlesShot:
    """One shot. A particle shines as the beam does where it is."""

    def __init__(self, width: int, height: int, palette: str, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._size = (width, height)
        self._scale = height / 540
        self._tones = colours(palette)
        self._beam = self._draw_beam(random)
        smoke = cloud(random, width * 2, height, cells=6, octaves=5)
        self._smoke = cv2.GaussianBlur(smoke, (0, 0), width / 120)
        self._ground = ramp(palette, 0.03 + 0.3 * self._beam)
        self._groups = [(random.random((6, count)), max(0.55, size * self._scale)) for count, size in DEPTHS]

    def _draw_beam(self, random: np.random.Generator) -> Field:
        width, height = self._size
        across = np.linspace(0, width / height, width, dtype=np.float32)[None, :]
        down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
        x, slant = (0.15 + 0.3 * random.random()) * width / height, 0.5 + 0.35 * random.random()
        off = (across - x - slant * down) / (0.16 + 0.34 * down)
        rays = 0.8 + 0.2 * np.sin(off * 7 + random.random() * 6.28) * np.sin(off * 3.1)
        return (np.exp(-(off**2)) * rays * (1 - 0.5 * down)).astype(np.float32)

    def draw(self, time: float) -> Picture:
        """Let the dust rise."""
        width, height = self._size
        left = int(time * width * 0.012) % width
        smoke = self._beam * (0.2 + 0.9 * self._smoke[:, left : left + width])
        light = np.zeros((height, width), np.float32)
        for places, sigma in self._groups:
            x0, y0, sway, pace, phase, level = places
            x = (x0 + 0.02 * np.sin(time * (0.3 + 0.5 * pace) + phase * 6.28) + time * 0.006 * (sway - 0.3)) % 1
            y = 1.06 - ((1 - y0) * 1.12 + time * (0.008 + 0.03 * pace) * (1 + sigma / self._scale / 5)) % 1.12
            rows = np.clip(y * height, 0, height - 1).astype(int)
            beam = self._beam[rows, (x * width).astype(int)]
            shine = (0.2 + 0.8 * level**2) * (0.1 + beam) * (0.75 + 0.25 * np.sin(time * 2 * pace + x0 * 90))
            light += glow(width, height, x * width, y * height, shine, sigma=sigma)
        halo = cv2.GaussianBlur(light, (0, 0), 5 * self._scale)
        picture = self._ground + (0.3 * smoke)[..., None] * self._tones[3]
        picture += (1.25 * light + 0.8 * halo)[..., None] * (self._tones[4] * 0.7 + self._tones[3] * 0.3)
        return 1 - cv2.exp(picture * -1.25)
