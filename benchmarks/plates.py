"""Still pictures with the detail of photographs: what the film's camera looks at, and what the slide show shows.

All are 8-bit BGR (or BGRA) arrays, the same for the same seed.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

type Picture = NDArray[np.uint8]

SENSOR_NOISE = 3.0
"""Standard deviation, in 8-bit steps."""
SUPERSAMPLING = 4
"""How many times larger shapes are drawn than shown, for smooth edges."""


def landscape(seed: int, width: int, height: int) -> Picture:
    """Draw sky, hills, a town with lit windows and textured ground, as BGR."""
    rng = np.random.default_rng(seed)
    plate = _sky(rng, width, height)
    sky = plate.copy()
    for depth in range(3):
        _add_hills(plate, rng, depth)
    _add_town(plate, rng)
    _add_ground(plate, rng)
    _roughen(plate, rng, where=(plate != sky).any(axis=2))
    return plate


def photograph(seed: int, width: int, height: int) -> Picture:
    """Draw a landscape as a camera's sensor sees it, with its noise, as BGR."""
    noise = np.random.default_rng((seed, 1)).normal(0, SENSOR_NOISE, (height, width, 1)).astype(np.float32)
    return (landscape(seed, width, height) + noise).round().clip(0, 255).astype(np.uint8)


def foliage(seed: int, width: int, height: int) -> Picture:
    """Draw leaves before a clear view, as premultiplied BGRA: what passes near the camera."""
    rng = np.random.default_rng(seed)
    density = fractal_noise(rng, width, height, coarsest=5, octaves=5)
    edge = 0.5 + 0.25 * np.cos(np.linspace(0, 2 * np.pi, height, dtype=np.float32))[:, None]
    alpha = np.clip((density + edge - 1.12) * 14, 0, 1)
    shade = fractal_noise(rng, width, height, coarsest=60, octaves=3)[..., None]
    colour = np.array([40, 90, 50], np.float32) * (0.4 + 1.2 * shade)
    return np.dstack([colour * alpha[..., None], alpha * 255]).clip(0, 255).astype(np.uint8)


def subject(seed: int, size: int) -> Picture:
    """Draw a shaded, textured body, ``size`` pixels across, as premultiplied BGRA: what moves through the scene."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j].astype(np.float32)
    distance = np.sqrt(x * x + y * y)
    alpha = np.clip((0.96 - distance) * size / 2, 0, 1)
    light = np.clip(0.75 - 0.5 * (x + y), 0.15, 1.3)
    stripes = np.where(np.sin(x * 14 + 3 * y) > 0, 1.0, 0.65)
    texture = 0.7 + 0.6 * fractal_noise(rng, size, size, coarsest=8, octaves=4)
    tint = rng.uniform(70, 230, 3).astype(np.float32)
    colour = tint * (light * stripes * texture * alpha)[..., None]
    return np.dstack([colour, alpha * 255]).clip(0, 255).astype(np.uint8)


def logo(width: int, height: int) -> Picture:
    """Draw a mark of a reel and bars, as straight BGRA on nothing."""
    wide, high = width * SUPERSAMPLING, height * SUPERSAMPLING
    plate = np.zeros((high, wide, 4), np.uint8)
    white, amber = (255, 255, 255, 235), (40, 160, 255, 255)
    centre, radius = (high // 2, high // 2), int(high * 0.44)
    cv2.circle(plate, centre, radius, white, -1)
    for turn in np.linspace(0, 2 * np.pi, 6)[:5]:
        hole = (int(centre[0] + radius * 0.58 * np.cos(turn)), int(centre[1] + radius * 0.58 * np.sin(turn)))
        cv2.circle(plate, hole, radius // 4, (0, 0, 0, 0), -1)
    for row in range(3):
        top = int(high * (0.2 + 0.24 * row))
        right = int(wide * (0.95 - 0.12 * row))
        cv2.rectangle(plate, (int(high * 1.1), top), (right, top + high // 8), amber, -1)
    return _shrunk(plate, width, height)


def rounded_mask(width: int, height: int, radius: int) -> Picture:
    """Draw a white rectangle with rounded corners on black, as one 8-bit plane: a mask."""
    wide, high, corner = width * SUPERSAMPLING, height * SUPERSAMPLING, radius * SUPERSAMPLING
    plate = np.zeros((high, wide), np.uint8)
    cv2.rectangle(plate, (corner, 0), (wide - 1 - corner, high - 1), 255, -1)
    cv2.rectangle(plate, (0, corner), (wide - 1, high - 1 - corner), 255, -1)
    for x in (corner, wide - 1 - corner):
        for y in (corner, high - 1 - corner):
            cv2.circle(plate, (x, y), corner, 255, -1)
    return _shrunk(plate, width, height)


def fractal_noise(
    rng: np.random.Generator, width: int, height: int, *, coarsest: int, octaves: int
) -> NDArray[np.float32]:
    """Return noise of 0 to 1: ``coarsest`` waves across, each octave twice as fine and half as high."""
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        across = coarsest * 2**octave
        down = max(2, across * height // width)
        waves = rng.random((down, across), dtype=np.float32)
        total += cv2.resize(waves, (width, height), interpolation=cv2.INTER_CUBIC) * 0.5**octave
    low, high = float(total.min()), float(total.max())
    return (total - low) / (high - low)


def _sky(rng: np.random.Generator, width: int, height: int) -> Picture:
    top, bottom = rng.uniform(90, 200, 3), rng.uniform(150, 240, 3)
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    clouds = fractal_noise(rng, width, height, coarsest=4, octaves=6)[..., None]
    return ((top + (bottom - top) * down) * (0.75 + 0.35 * clouds)).clip(0, 255).astype(np.uint8)


def _add_hills(plate: Picture, rng: np.random.Generator, depth: int) -> None:
    height, width = plate.shape[:2]
    ridge = fractal_noise(rng, width, 2, coarsest=4 + 3 * depth, octaves=6)[0]
    top = (height * (0.34 + 0.1 * depth + 0.16 * ridge)).astype(np.int32)
    rock = fractal_noise(rng, width, height, coarsest=24 * (depth + 1), octaves=5)[..., None]
    colour = rng.uniform(40, 150, 3) * (0.55 + 0.8 * rock)
    inside = np.arange(height)[:, None] >= top[None, :]
    plate[inside] = colour.clip(0, 255).astype(np.uint8)[inside]


def _add_town(plate: Picture, rng: np.random.Generator) -> None:
    height, width = plate.shape[:2]
    x = 0
    while x < width:
        wide = int(rng.uniform(0.03, 0.08) * width)
        top = int(height * rng.uniform(0.42, 0.68))
        wall = rng.uniform(50, 170, 3)
        cv2.rectangle(plate, (x, top), (x + wide, height), tuple(wall.tolist()), -1)
        pane = max(4, height // 90)
        for window_y in range(top + pane, int(height * 0.82), 2 * pane):
            for window_x in range(x + pane, x + wide - pane, 2 * pane):
                glow = rng.uniform(0.3, 1.6)
                lit = tuple((wall * glow).clip(0, 255).tolist())
                cv2.rectangle(plate, (window_x, window_y), (window_x + pane, window_y + pane), lit, -1)
        x += wide + int(rng.uniform(0, 0.04) * width)


def _add_ground(plate: Picture, rng: np.random.Generator) -> None:
    height, width = plate.shape[:2]
    top = int(height * 0.82)
    gravel = fractal_noise(rng, width, height - top, coarsest=width // 24, octaves=3)[..., None]
    plate[top:] = (rng.uniform(60, 130, 3) * (0.4 + 1.1 * gravel)).clip(0, 255).astype(np.uint8)


def _roughen(plate: Picture, rng: np.random.Generator, *, where: NDArray[np.bool_]) -> None:
    """Add fine detail that moves with the camera, as plaster, leaves and stone have."""
    height, width = plate.shape[:2]
    rough = fractal_noise(rng, width, height, coarsest=width // 10, octaves=3)[..., None]
    plate[where] = (plate * (0.75 + 0.5 * rough)).clip(0, 255).astype(np.uint8)[where]


def _shrunk(plate: Picture, width: int, height: int) -> Picture:
    """Shrink a supersampled drawing; colour is kept whole under thin alpha."""
    if plate.ndim == 2:
        return np.asarray(cv2.resize(plate, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    alpha = plate[..., 3:].astype(np.float32) / 255
    weighted = cv2.resize(plate[..., :3] * alpha, (width, height), interpolation=cv2.INTER_AREA)
    cover = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA)[..., None]
    colour = weighted / np.maximum(cover, 1 / 255)
    return np.dstack([colour, cover * 255]).clip(0, 255).astype(np.uint8)
