"""Flow: colours that melt into each other, the background of a title or a product."""

import cv2
import numpy as np

from plugins.providers.generator.palettes import Picture, colours

COARSE = 6
"""The colours are soft: they are drawn at this part of the shot's size."""
SPOTS = 7


class Flow:
    """The scene."""

    title = "Flow"
    description = "a moving gradient of melting colours, an abstract background"

    def open(self, *, width: int, height: int, palette: str, seed: int, duration: float) -> "FlowShot":
        """Prepare a shot."""
        return FlowShot(width, height, palette, seed)


class FlowShot:
    """One shot. Spots of colour wander; each point takes the colours of those that are near, on ground that bends."""

    def __init__(self, width: int, height: int, palette: str, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._full = (width, height)
        wide, tall = max(8, width // COARSE), max(8, height // COARSE)
        self._aspect = width / height
        self._across = np.linspace(0, self._aspect, wide, dtype=np.float32)[None, :].repeat(tall, axis=0)
        self._down = np.linspace(0, 1, tall, dtype=np.float32)[:, None].repeat(wide, axis=1)
        tones = colours(palette)
        shades = [tones[0], tones[1], tones[1], tones[2], tones[2], tones[3], tones[3] * 0.6 + tones[4] * 0.4]
        self._spots = [
            (
                shade,
                random.random(2),
                random.random(2) * 6.28,
                0.14 + 0.16 * random.random(2),
                0.24 + 0.16 * random.random(),
            )
            for shade in shades[:SPOTS]
        ]
        self._bends = random.random(4) * 6.28
        edge = np.hypot(self._across / self._aspect - 0.5, self._down - 0.5)
        self._shade = (1 - 0.5 * np.clip(edge - 0.25, 0, 1))[..., None]

    def draw(self, time: float) -> Picture:
        """Let the spots wander."""
        bends, slow = self._bends, time * 0.32
        across = (
            self._across
            + 0.11 * np.sin(self._down * 4.3 + slow + bends[0])
            + 0.05 * np.sin(self._down * 9.1 - slow * 1.3 + bends[1])
        )
        down = (
            self._down
            + 0.11 * np.sin(self._across * 3.7 - slow * 0.9 + bends[2])
            + 0.05 * np.sin(self._across * 7.9 + slow * 1.1 + bends[3])
        )
        total = np.full((*across.shape, 1), 1e-4, np.float32)
        picture = np.zeros((*across.shape, 3), np.float32)
        for shade, place, phase, reach, size in self._spots:
            x = (0.08 + 0.84 * place[0] + reach[0] * np.sin(slow * 1.1 + phase[0])) * self._aspect
            y = 0.08 + 0.84 * place[1] + reach[1] * np.sin(slow * 0.9 + phase[1])
            distance = ((across - x) ** 2 + (down - y) ** 2) / size**2
            weight = (1 / (0.16 + distance) ** 1.7)[..., None].astype(np.float32)
            picture += weight * shade
            total += weight
        return cv2.resize(picture / total * self._shade, self._full, interpolation=cv2.INTER_CUBIC)
