"""Palettes: five colours each, from the darkest to the lightest, and ramps between them."""

import numpy as np
from numpy.typing import NDArray

type Picture = NDArray[np.floating]
"""RGB, shape (height, width, 3), 0 to 1."""

PALETTES: dict[str, tuple[str, ...]] = {
    "dusk": ("#0d1026", "#35204f", "#8a3f6c", "#e8775c", "#ffd08a"),
    "amber": ("#0b0a10", "#2b1a1c", "#7d3f1d", "#ff9c40", "#ffe6b8"),
    "ocean": ("#050d18", "#0b2940", "#15627d", "#55b5c4", "#e2f6f2"),
    "forest": ("#07110e", "#12302a", "#2f624b", "#93b97f", "#f3f3cd"),
    "rose": ("#140a16", "#3c1738", "#8f2f5c", "#f0738f", "#ffe0dc"),
    "mono": ("#0a0b0d", "#24272c", "#5a6068", "#a9afb7", "#f2f4f6"),
}


def colours(name: str) -> Picture:
    """Return a palette's colours, shape (5, 3)."""
    return np.array([[int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)] for code in PALETTES[name]], np.float32)


def ramp(name: str, positions: NDArray[np.floating]) -> Picture:
    """Return a palette's colours at positions from 0 (darkest) to 1 (lightest), with a smooth way between them."""
    stops = colours(name)
    at = np.clip(positions, 0, 1) * (len(stops) - 1)
    low = np.minimum(at.astype(np.int32), len(stops) - 2)
    share = at - low
    share = (share * share * (3 - 2 * share))[..., None]
    return (stops[low] * (1 - share) + stops[low + 1] * share).astype(np.float32)
