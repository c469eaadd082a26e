"""Starfield: stars that come towards the viewer before a far nebula."""

import cv2
import numpy as np

from plugins.providers.generator.noise import cloud
from plugins.providers.generator.palettes import Picture, colours, ramp
from plugins.providers.generator.points import glow

STARS = 700


class Starfield:
    """The scene."""

    title = "Starfield"
    description = "stars that come nearer before a nebula, space"

    def open(self, *, width: int, height: int, palette: str, seed: int, duration: float) -> "StarfieldShot":
        """Prepare a shot."""
        return StarfieldShot(width, height, palette, seed)


class StarfieldShot:
    """One shot."""

    def __init__(self, width: int, height: int, palette: str, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._size = (width, height)
        self._places = random.uniform(-1, 1, (STARS, 2))
        self._depths = random.random(STARS)
        self._strengths = 0.35 + 0.65 * random.random(STARS) ** 2
        mist = cloud(random, width * 2, height * 2, cells=4, octaves=5)
        wisps = cloud(random, width * 2, height * 2, cells=7, octaves=5)
        tones = colours(palette)
        light = cv2.GaussianBlur(np.clip(mist * 2.3 - 0.95, 0, 1) * (0.3 + 0.7 * wisps), (0, 0), width / 300)
        heart = cv2.GaussianBlur(np.clip(mist * wisps * 4.2 - 1.25, 0, 1), (0, 0), width / 160)
        self._nebula = ramp(palette, 0.01 + 0.6 * light) + (0.42 * heart)[..., None] * tones[3]
        self._tone = tones[4]

    def draw(self, time: float) -> Picture:
        """Move the stars and let the nebula grow slowly."""
        width, height = self._size
        zoom = 0.5 * (1 + 0.012 * time)
        nebula = cv2.warpAffine(
            self._nebula,
            np.array([[zoom, 0, width * (0.5 - zoom)], [0, zoom, height * (0.5 - zoom)]]),
            (width, height),
            borderMode=cv2.BORDER_REFLECT,
        )
        depths = 0.05 + (self._depths - time * 0.035) % 1
        near = 1 - depths
        x, y = ((0.5 + place / depths * 0.25) * side for place, side in zip(self._places.T, self._size, strict=True))
        # Born far away, a star must not appear at once.
        level = self._strengths * (0.2 + near) * np.clip((1.05 - depths) / 0.12, 0, 1)
        is_near = near > 0.72
        stars = glow(width, height, x[~is_near], y[~is_near], level[~is_near], sigma=max(0.55, height / 900))
        stars += glow(width, height, x[is_near], y[is_near], level[is_near], sigma=max(0.8, height / 480))
        halo = cv2.GaussianBlur(stars, (0, 0), height / 180)
        return nebula + (stars + 1.6 * halo)[..., None] * self._tone
