"""A test picture with what a photograph has: gradients, skin tones, edges, fine detail, writing, saturated colours."""

import cv2
import numpy as np

from core.api import Rgb, Rgba


def photo(width: int = 320, height: int = 180, *, variant: int = 0) -> Rgb:
    """Draw the picture at any size; variant 1 is another scene: a cold night instead of a warm day."""
    scale = 4
    columns, rows = np.meshgrid(
        (np.arange(width * scale) + 0.5) / (width * scale), (np.arange(height * scale) + 0.5) / (height * scale)
    )
    sky = (
        _mixed((92, 142, 205), (236, 214, 178), rows * 1.4) if variant == 0 else _mixed((8, 12, 38), (52, 40, 96), rows)
    )
    picture = sky
    hills = 0.62 + 0.06 * np.sin(columns * 9 + variant) + 0.02 * np.sin(columns * 31)
    ground = (
        _mixed((74, 112, 48), (38, 52, 26), (rows - 0.6) * 2.5)
        if variant == 0
        else _mixed((22, 34, 44), (6, 8, 12), rows)
    )
    picture = np.where((rows > hills)[..., None], ground, picture)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    unit = height * scale

    def at(x: float, y: float) -> tuple[int, int]:
        return round(x * width * scale), round(y * unit)

    light = (255, 244, 214) if variant == 0 else (226, 232, 255)
    cv2.circle(picture, at(0.85, 0.2), round(0.09 * unit), light, -1, cv2.LINE_AA)
    # A face, three quarters lit, with eyes and a mouth; hair of single strands.
    cv2.ellipse(
        picture, at(0.3, 0.5), (round(0.16 * unit), round(0.21 * unit)), 0, 0, 360, (222, 172, 142), -1, cv2.LINE_AA
    )
    cv2.ellipse(
        picture, at(0.33, 0.51), (round(0.11 * unit), round(0.17 * unit)), 0, 0, 360, (240, 196, 168), -1, cv2.LINE_AA
    )
    for side in (-1, 1):
        cv2.circle(picture, at(0.3 + side * 0.035, 0.47), round(0.018 * unit), (46, 30, 26), -1, cv2.LINE_AA)
    cv2.ellipse(
        picture, at(0.3, 0.58), (round(0.05 * unit), round(0.02 * unit)), 0, 0, 180, (168, 66, 72), -1, cv2.LINE_AA
    )
    for strand in range(24):
        angle = np.pi * (1 + strand / 23)
        tip = (0.3 + 0.125 * np.cos(angle), 0.46 + 0.27 * np.sin(angle))
        root = (0.3 + 0.085 * np.cos(angle), 0.46 + 0.19 * np.sin(angle))
        cv2.line(picture, at(*root), at(*tip), (58, 36, 22), max(1, unit // 240), cv2.LINE_AA)
    # Colour bars, a grey wedge, fine lines that grow finer, writing.
    bars = [(191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191)]
    for index, colour in enumerate(bars):
        cv2.rectangle(picture, at(0.55 + index * 0.06, 0.44), at(0.61 + index * 0.06, 0.6), colour, -1)
    for index in range(12):
        cv2.rectangle(
            picture, at(0.55 + index * 0.035, 0.62), at(0.585 + index * 0.035, 0.69), (round(index * 255 / 11),) * 3, -1
        )
    lines = picture[round(0.72 * unit) : round(0.82 * unit), at(0.55, 0)[0] : at(0.97, 0)[0]]
    phase = np.cumsum(np.linspace(0.01, 0.4, lines.shape[1]))
    lines[:] = np.where(np.sin(phase) > 0, 235, 24)[None, :, None]
    cv2.putText(
        picture,
        "Reelhouse" if variant == 0 else "Night",
        at(0.05, 0.93),
        cv2.FONT_HERSHEY_DUPLEX,
        unit / 260,
        (255, 255, 255),
        max(1, unit // 170),
        cv2.LINE_AA,
    )
    cv2.putText(
        picture,
        "fine print 0123",
        at(0.55, 0.93),
        cv2.FONT_HERSHEY_SIMPLEX,
        unit / 700,
        (240, 220, 60),
        max(1, unit // 400),
        cv2.LINE_AA,
    )
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def greenscreen(width: int = 320, height: int = 180) -> Rgb:
    """Draw a person before an unevenly lit green screen: strands of hair, a soft edge, green thrown on the skin."""
    scale = 4
    unit = height * scale
    columns, rows = np.meshgrid(np.linspace(0, 1, width * scale), np.linspace(0, 1, unit))
    light = (
        0.78 + 0.3 * np.exp(-(((columns - 0.6) ** 2) * 4 + (rows - 0.3) ** 2)) - 0.25 * (np.abs(columns - 0.15) < 0.02)
    )
    picture = np.clip(np.array((0, 177, 64)) * light[..., None], 0, 255).astype(np.uint8)

    def at(x: float, y: float) -> tuple[int, int]:
        return round(x * width * scale), round(y * unit)

    cv2.ellipse(
        picture, at(0.5, 1.0), (round(0.5 * unit), round(0.4 * unit)), 0, 0, 360, (150, 34, 44), -1, cv2.LINE_AA
    )
    cv2.ellipse(
        picture, at(0.5, 0.42), (round(0.2 * unit), round(0.27 * unit)), 0, 0, 360, (200, 186, 140), -1, cv2.LINE_AA
    )
    cv2.ellipse(
        picture, at(0.505, 0.43), (round(0.17 * unit), round(0.24 * unit)), 0, 0, 360, (226, 178, 146), -1, cv2.LINE_AA
    )
    for strand in range(60):
        angle = np.pi * (1 + strand / 59)
        length = 0.16 + 0.04 * ((strand * 7) % 5) / 4
        tip = (0.5 + length * np.cos(angle), 0.4 + 2 * length * np.sin(angle))
        root = (0.5 + 0.08 * np.cos(angle), 0.38 + 0.2 * np.sin(angle))
        cv2.line(picture, at(*root), at(*tip), (52, 34, 24), max(1, unit // 300), cv2.LINE_AA)
    cv2.rectangle(picture, at(0.75, 0.55), at(0.95, 0.85), (236, 236, 240), -1)
    cv2.rectangle(picture, at(0.77, 0.6), at(0.93, 0.7), (30, 60, 170), -1)
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def cut_out(width: int = 320, height: int = 180) -> Rgba:
    """Cut a rounded part out of the picture: straight alpha with soft edges and a half-transparent band."""
    outline = np.zeros((height * 4, width * 4), np.uint8)
    cv2.ellipse(
        outline, (round(width * 1.4), round(height * 2)), (round(width * 0.9), round(height * 1.3)), 0, 0, 360, 255, -1
    )
    outline[:, width * 3 : round(width * 3.5)] = 128
    return np.dstack((photo(width, height), cv2.resize(outline, (width, height), interpolation=cv2.INTER_AREA)))


def _mixed(first: tuple[int, int, int], second: tuple[int, int, int], share: np.ndarray) -> np.ndarray:
    share = np.clip(share, 0, 1)[..., None]
    return np.array(first) * (1 - share) + np.array(second) * share
