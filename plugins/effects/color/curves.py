"""The effect ``color.curves``: a smooth curve for all channels and one for each of red, green and blue."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from core.api import CurvePoints, Effect, Moment, Parameter, ParameterType, Rgb, RgbKernel, Values

STRAIGHT = "0,0 1,1"
_CHANNELS = ("red", "green", "blue")


def curves(rgb: Rgb, values: Values, _moment: Moment) -> Rgb:
    """Bend each channel by its own curve, then by the master's."""
    table = _table(values.curve("master"), *(values.curve(name) for name in _CHANNELS))
    return rgb if table is None else cv2.LUT(rgb, table)


@lru_cache(maxsize=16)
def _table(master: CurvePoints, *channels: CurvePoints) -> NDArray[np.uint8] | None:
    """Return the lookup table, shape (1, 256, 3), or None when it changes nothing."""
    level = np.linspace(0, 1, 256)
    bent = [Curve(points) for points in channels]
    whole = Curve(master)
    table = np.stack([np.rint(255 * whole(curve(level))) for curve in bent], axis=1).astype(np.uint8)[None]
    return None if (table == np.arange(256)[:, None]).all() else table


class Curve:
    """A curve through control points that rises and falls only where the points do.

    Cubic Hermite pieces with slopes after F. N. Fritsch and J. Butland, "A Method for Constructing Local Monotone
    Piecewise Cubic Interpolants" (SIAM Journal on Scientific and Statistical Computing 5, 1984). Before the first and
    after the last point the value holds.
    """

    def __init__(self, points: CurvePoints) -> None:
        self._x, self._y = np.array(points).T
        self._slopes = _slopes(self._x, self._y)

    def __call__(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y, slopes = self._x, self._y, self._slopes
        at = np.clip(at, x[0], x[-1])
        piece = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
        width = x[piece + 1] - x[piece]
        t = (at - x[piece]) / width
        value = (
            (1 + 2 * t) * (1 - t) ** 2 * y[piece]
            + t * (1 - t) ** 2 * width * slopes[piece]
            + t**2 * (3 - 2 * t) * y[piece + 1]
            + t**2 * (t - 1) * width * slopes[piece + 1]
        )
        return np.clip(value, 0, 1)


def _slopes(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the slope at each point: none of the pieces overshoots its ends."""
    widths = np.diff(x)
    secants = np.diff(y) / widths
    slopes = np.empty_like(y)
    slopes[0], slopes[-1] = secants[0], secants[-1]
    for i in range(1, len(x) - 1):
        before, after = secants[i - 1], secants[i]
        if before * after <= 0:
            slopes[i] = 0
            continue
        # The weighted harmonic mean keeps within the region of monotone slopes.
        first, second = 2 * widths[i] + widths[i - 1], widths[i] + 2 * widths[i - 1]
        slopes[i] = (first + second) / (first / before + second / after)
    return slopes


def _curve(name: str, title: str, help_text: str) -> Parameter:
    return Parameter(
        name=name,
        title=title,
        type=ParameterType.CURVE,
        default=STRAIGHT,
        widget="curve",
        group="Curves",
        help=help_text,
    )


CURVES = Effect(
    id="color.curves",
    title="Curves",
    description="Bends brightness and colour by smooth curves through control points.",
    kernel=RgbKernel(curves),
    params=(
        _curve("master", "Master", 'Bends all channels: points "in,out" between 0 and 1, such as "0,0 0.25,0.2 1,1".'),
        _curve("red", "Red", "Bends red, before the master curve."),
        _curve("green", "Green", "Bends green, before the master curve."),
        _curve("blue", "Blue", "Bends blue, before the master curve."),
    ),
)
