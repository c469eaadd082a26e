"""Bokeh: lights out of focus, drifting."""

import cv2
import numpy as np

from plugins.providers.generator.palettes import Picture, colours, ramp

LIGHTS = 46


class Bokeh:
    """The scene."""

    title = "Bokeh"
    description = "soft round lights out of focus, a background"

    def open(self, *, width: int, height: int, palette: str, seed: int, duration: float) -> "BokehShot":
        """Prepare a shot."""
        return BokehShot(width, height, palette, seed)


class BokehShot:
    """One shot. Each light is a disc with a brighter rim, drawn once and moved at sub-pixel steps."""

    def __init__(self, width: int, height: int, palette: str, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._size = (width, height)
        rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
        columns = np.linspace(0, 1, width, dtype=np.float32)[None, :]
        light = (0.35 * rows + 0.65 * (1 - np.abs(columns - 0.6))) * (1 - 0.6 * rows)
        self._ground = ramp(palette, 0.04 + 0.42 * light)
        tones = colours(palette)
        self._lights = []
        for _ in range(LIGHTS):
            radius = height * (0.02 + 0.13 * random.random() ** 1.8)
            tone = tones[3] * (1 - (mix := random.random())) + tones[4] * mix
            strength = 0.1 + 0.42 * random.random() * (height * 0.05 / radius) ** 0.4
            self._lights.append(
                (
                    _disc(radius) * strength,
                    tone,
                    random.random() * 1.3 - 0.15,
                    random.random() * 1.3 - 0.15,
                    (random.random() - 0.5) * 0.035,
                    (random.random() - 0.62) * 0.03,
                    random.random() * 6.28,
                    0.4 + random.random(),
                )
            )

    def draw(self, time: float) -> Picture:
        """Add the lights to the ground."""
        width, height = self._size
        glow = np.zeros((height, width, 3), np.float32)
        for disc, tone, x, y, across, down, phase, pulse in self._lights:
            left = ((x + across * time + 0.15) % 1.3 - 0.15) * width
            top = ((y + down * time + 0.15) % 1.3 - 0.15) * height
            flicker = 0.8 + 0.2 * np.sin(phase + pulse * time)
            _add(glow, disc, left - disc.shape[1] / 2, top - disc.shape[0] / 2, tone * flicker)
        return 1 - (1 - self._ground) * np.exp(-glow * 1.5)


def _disc(radius: float) -> Picture:
    size = int(radius * 2.6) + 6
    at = np.arange(size, dtype=np.float32) - (size - 1) / 2
    distance = np.hypot(at[None, :], at[:, None]) / radius
    edge = np.clip((1 - distance) * radius * 0.35 + 0.5, 0, 1)
    return edge * (0.62 + 0.38 * np.clip(distance, 0, 1) ** 6)


def _add(picture: Picture, disc: Picture, x: float, y: float, tone: Picture) -> None:
    left, top = int(np.floor(x)), int(np.floor(y))
    moved = cv2.warpAffine(disc, np.array([[1, 0, x - left], [0, 1, y - top]]), (disc.shape[1] + 1, disc.shape[0] + 1))
    from_x, from_y = max(0, -left), max(0, -top)
    to_x, to_y = min(moved.shape[1], picture.shape[1] - left), min(moved.shape[0], picture.shape[0] - top)
    if from_x < to_x and from_y < to_y:
        target = picture[top + from_y : top + to_y, left + from_x : left + to_x]
        target += moved[from_y:to_y, from_x:to_x, None] * tone
