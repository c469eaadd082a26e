"""The pictures that effects and transitions work on.

All arrays are ``uint8`` and C-contiguous along their rows (a row may be padded). Colours are BT.709; YUV is 4:2:0 in
limited ("tv") range, RGB is full range, both gamma-coded as they are stored: no linear light.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

type Plane = NDArray[np.uint8]
"""Shape ``(height, width)``."""
type Rgb = NDArray[np.uint8]
"""Shape ``(height, width, 3)``, red first."""
type Rgba = NDArray[np.uint8]
"""Shape ``(height, width, 4)``, red first, straight (not premultiplied) alpha."""


@dataclass(frozen=True, slots=True)
class Planes:
    """A layer's picture in YUV 4:2:0 with straight alpha: ``u`` and ``v`` have half the width and height of ``y``.

    ``a`` (full size) is None for an opaque picture. Width and height are even.
    """

    y: Plane
    u: Plane
    v: Plane
    a: Plane | None = None

    @property
    def width(self) -> int:
        """Width of the luma plane in pixels."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Height of the luma plane in pixels."""
        return int(self.y.shape[0])


@dataclass(frozen=True, slots=True)
class Canvas:
    """A whole output frame in YUV 4:2:0 with premultiplied alpha, as transitions mix it.

    Premultiplied means that the stored value of each plane (its offset included) is the colour's value times alpha,
    so that planes can be mixed linearly and ``over`` is ``below * (1 - a) + this``. ``a`` (full size) and ``a_uv``
    (half size) are both None for an opaque frame.
    """

    y: Plane
    u: Plane
    v: Plane
    a: Plane | None = None
    a_uv: Plane | None = None

    @property
    def width(self) -> int:
        """Width of the luma plane in pixels."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Height of the luma plane in pixels."""
        return int(self.y.shape[0])

    @property
    def is_opaque(self) -> bool:
        """True when there is no alpha."""
        return self.a is None

    def planes(self) -> Iterator[tuple[Plane, int]]:
        """Yield each plane with its subsampling: 1 for ``y`` and ``a``, 2 for ``u``, ``v`` and ``a_uv``."""
        yield self.y, 1
        yield self.u, 2
        yield self.v, 2
        if self.a is not None and self.a_uv is not None:
            yield self.a, 1
            yield self.a_uv, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When and how large: what a kernel may know beside its pixels and values.

    ``frame`` counts output frames from the contribution's own start, ``time`` is the middle of that frame in seconds,
    ``duration`` the contribution's length in seconds. ``frame_width`` and ``frame_height`` are the whole output's
    size in pixels (parameters given "of height" are multiplied by it, so that every output size looks alike).
    ``seed`` is the same for every render of the same clip: derive all randomness from it and ``frame``.
    """

    frame: int
    time: Fraction
    duration: Fraction
    frame_width: int
    frame_height: int
    seed: int = 0
