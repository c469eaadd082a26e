"""Colour lookup tables in .cube files (Adobe, "Cube LUT Specification 1.0"), read whole and checked."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.api import InvalidInput

MOST_BYTES = 64 * 2**20
MOST_3D = 129
MOST_1D = 65_536
_TITLE_WORDS = frozenset({"TITLE", "LUT_IN_VIDEO_RANGE", "LUT_OUT_VIDEO_RANGE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cube:
    """A lookup table from RGB to RGB, values mostly between 0 and 1.

    ``table`` has the shape (n, 3) for one curve per channel, or (n, n, n, 3), indexed by blue, green and red, for a
    cube. The first entry stands for ``lowest``, the last for ``highest`` (red, green, blue).
    """

    table: NDArray[np.float32]
    lowest: tuple[float, float, float]
    highest: tuple[float, float, float]

    @property
    def is_3d(self) -> bool:
        """True for a cube, False for three curves."""
        return self.table.ndim == 4


def read_cube(path: Path, *, field: str) -> Cube:
    """Read a .cube file. Raise ``InvalidInput`` that names ``field`` and the line where it is wrong."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(f"{path.name}: larger than {MOST_BYTES // 2**20} MiB", path=field)
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as err:
        raise InvalidInput(f"{path.name}: can't be read: {err.strerror}", path=field) from err
    try:
        return parse_cube(text)
    except ValueError as err:
        raise InvalidInput(f"{path.name}: not a .cube lookup table: {err}", path=field) from err


def parse_cube(text: str) -> Cube:
    """Read the text of a .cube file; raise ``ValueError`` that says which line is wrong."""
    lowest, highest = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    size, is_3d = 0, False
    rows: list[tuple[float, float, float]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split("#", 1)[0].split()
        if not words or words[0].upper() in _TITLE_WORDS:
            continue
        try:
            match words:
                case ["LUT_1D_SIZE" | "LUT_3D_SIZE" as keyword, count]:
                    size, is_3d = int(count), keyword == "LUT_3D_SIZE"
                case ["DOMAIN_MIN", *low]:
                    lowest = _triple(low)
                case ["DOMAIN_MAX", *high]:
                    highest = _triple(high)
                case ["LUT_1D_INPUT_RANGE" | "LUT_3D_INPUT_RANGE", low_all, high_all]:
                    lowest, highest = _triple([low_all] * 3), _triple([high_all] * 3)
                case _:
                    rows.append(_triple(words))
        except ValueError as err:
            raise ValueError(f"line {number}: {line.strip()[:60]!r}") from err
    if not 2 <= size <= (MOST_3D if is_3d else MOST_1D):
        raise ValueError(f"a size of {size}" if size else "it names no size (LUT_1D_SIZE or LUT_3D_SIZE)")
    expected = size**3 if is_3d else size
    if len(rows) != expected:
        raise ValueError(f"it has {len(rows)} entries instead of {expected}")
    if any(high <= low for low, high in zip(lowest, highest, strict=True)):
        raise ValueError("its domain is empty")
    table = np.array(rows, np.float32)
    return Cube(table=table.reshape(size, size, size, 3) if is_3d else table, lowest=lowest, highest=highest)


def _triple(words: list[str]) -> tuple[float, float, float]:
    red, green, blue = (float(word) for word in words)
    if not np.isfinite((red, green, blue)).all():
        raise ValueError("not finite")
    return red, green, blue
