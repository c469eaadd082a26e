"""Bokeh: lights out of focus, drifting at several depths."""

from dataclasses import dataclass

import cv2
import numpy as np

from plugins.providers.generator.noise import Field
from plugins.providers.generator.palettes import Picture, colours, ramp
from plugins.providers.generator.points import add_disc

LIGHTS = 58
MARGIN = 0.15
"""How far outside the frame lights go round, a fraction of its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """One light: its disc, and where it is and goes (fractions of the frame, a second)."""

    disc: Field
    tone: Picture
    x: float
    y: float
    across: float
    down: float
    phase: float
    pulse: float


class Bokeh:
    """The scene."""

    title = "Bokeh"
    description = "soft round lights out of focus, a background"

    def open(self, *, width: int, height: int, palette: str, seed: int, duration: float) -> "BokehShot":
        """Prepare a shot."""
        return BokehShot(width, height, palette, seed)


class BokehShot:
    """One shot. Each light is a disc, softer the nearer it is, drawn once and moved at sub-pixel steps."""

    def __init__(self, width: int, height: int, palette: str, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._size = (width, height)
        self._ground = _ground(random, width, height, palette)
        tones = colours(palette)
        self._lights = []
        for _ in range(LIGHTS):
            near = random.random() ** 1.9
            radius = height * (0.014 + 0.125 * near)
            mix, warm = random.random(), random.random()
            tone = tones[2] * 1.2 * (1 - mix) + tones[3] * mix if warm < 0.35 else tones[3] * (1 - mix) + tones[4] * mix
            strength = (0.16 + 0.5 * random.random()) * (1 - 0.62 * near)
            self._lights.append(
                Light(
                    disc=_disc(radius, 0.7 * (1 - near) + 0.12) * strength,
                    tone=tone,
                    x=random.random() * (1 + 2 * MARGIN),
                    y=random.normal(0.66, 0.3) % (1 + 2 * MARGIN),
                    across=(random.random() - 0.35) * 0.012 * (1 + 2.5 * near),
                    down=(random.random() - 0.7) * 0.012 * (1 + 2.5 * near),
                    phase=random.random() * 6.28,
                    pulse=0.4 + random.random(),
                )
            )

    def draw(self, time: float) -> Picture:
        """Add the lights to the ground."""
        width, height = self._size
        glow = np.zeros((height, width, 3), np.float32)
        for light in self._lights:
            left = ((light.x + light.across * time) % (1 + 2 * MARGIN) - MARGIN) * width
            top = ((light.y + light.down * time) % (1 + 2 * MARGIN) - MARGIN) * height
            flicker = 0.8 + 0.2 * np.sin(light.phase + light.pulse * time)
            add_disc(glow, light.disc, left, top, light.tone * flicker)
        return 1 - (1 - self._ground) * cv2.exp(glow * -1.6)


def _ground(random: np.random.Generator, width: int, height: int, palette: str) -> Picture:
    """Draw what lies behind the lights: dark, with two large glows."""
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    light = np.zeros((height, width), np.float32)
    for strength in (0.34, 0.22):
        x, y = random.random(), 0.55 + 0.4 * random.random()
        light += strength * np.exp(-(((columns - x) / 0.38) ** 2 + ((rows - y) / 0.42) ** 2))
    return ramp(palette, 0.05 + 0.1 * rows + light)


def _disc(radius: float, sharpness: float) -> Field:
    size = int(radius * 2.9) + 8
    at = np.arange(size, dtype=np.float32) - (size - 1) / 2
    distance = np.hypot(at[None, :], at[:, None]) / radius
    edge = np.clip((1 - distance) * max(2.2, radius * sharpness * 0.5) + 0.5, 0, 1)
    edge = edge * edge * (3 - 2 * edge)
    return edge * (0.66 + 0.34 * np.clip(distance, 0, 1) ** 5)
