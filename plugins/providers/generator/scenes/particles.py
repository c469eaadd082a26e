"""Particles: dust in a beam of light, near and far, rising slowly."""

import cv2
import numpy as np

from plugins.providers.generator.noise import Field, cloud
from plugins.providers.generator.palettes import Picture, colours, ramp

DEPTHS = ((170, 0.9, 0.0), (90, 1.9, 1.1), (26, 6.0, 5.0))
"""For each depth: how many, how large (pixels at 540 rows), how much out of focus."""


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
        self._groups = [
            (random.random((count, 6)), size * self._scale, blur * self._scale) for count, size, blur in DEPTHS
        ]

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
        for places, size, blur in self._groups:
            layer = np.zeros_like(light)
            for x0, y0, sway, pace, phase, level in places:
                x = (x0 + 0.02 * np.sin(time * (0.3 + 0.5 * pace) + phase * 6.28) + time * 0.006 * (sway - 0.3)) % 1
                y = 1.06 - ((1 - y0) * 1.12 + time * (0.008 + 0.03 * pace) * (1 + size / 6)) % 1.12
                row, column = min(max(int(y * height), 0), height - 1), int(x * width)
                shine = (
                    (0.25 + 0.75 * level)
                    * (0.1 + self._beam[row, column])
                    * (0.75 + 0.25 * np.sin(time * 2 * pace + x0 * 90))
                )
                radius = max(0.55, size * (0.5 + 0.8 * level))
                centre = (round(x * width * 16), round(y * height * 16))
                cv2.circle(layer, centre, round(radius * 16), float(shine), -1, cv2.LINE_AA, 4)
            light += cv2.GaussianBlur(layer, (0, 0), blur) if blur else layer
        glow = cv2.GaussianBlur(light, (0, 0), 5 * self._scale)
        picture = self._ground + (0.3 * smoke)[..., None] * self._tones[3]
        picture += (1.25 * light + 0.8 * glow)[..., None] * (self._tones[4] * 0.7 + self._tones[3] * 0.3)
        return 1 - cv2.exp(picture * -1.25)
