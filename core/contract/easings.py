"""Easings: named curves from 0 to 1 that shape motion. Pure; both renderers follow these definitions.

Sources: CSS Easing Functions Level 2 for the CSS names and ``cubic-bezier``; Robert Penner's equations for the
families. ``progress`` runs from 0 to 1; ``back`` and ``elastic`` results leave that range on purpose.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from math import cos, pi, sin, sqrt

type Easing = Callable[[float], float]

_NUMBER = r"\s*([+-]?(?:[0-9]{1,9}\.?[0-9]{0,15}|\.[0-9]{1,15}))\s*"
_BEZIER = re.compile(rf"cubic-bezier\({_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}\)")
_STEEPEST = 10
_OVERSHOOT = 1.70158
_OVERSHOOT_BOTH = _OVERSHOOT * 1.525


def ease(name: str, progress: float) -> float:
    """Return the eased progress; raise ``ValueError`` for a name that is no easing."""
    return easing(name)(min(1.0, max(0.0, progress)))


def is_easing(name: str) -> bool:
    """Tell whether ``ease`` knows the name."""
    try:
        easing(name)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1024)
def easing(name: str) -> Easing:
    """Return the curve of a name or of a ``cubic-bezier(x1,y1,x2,y2)``."""
    if name in EASINGS:
        return EASINGS[name]
    matched = _BEZIER.fullmatch(name)
    if matched is None:
        raise ValueError(f"no easing: {name!r}")
    x1, y1, x2, y2 = (float(number) for number in matched.groups())
    return cubic_bezier(x1, y1, x2, y2)


def cubic_bezier(x1: float, y1: float, x2: float, y2: float) -> Easing:
    """Return the CSS timing curve through (0, 0) and (1, 1); the x of both control points lies in 0 to 1.

    Raise ``ValueError`` otherwise, and where a y is beyond ±10: no motion needs that.
    """
    if not (0 <= x1 <= 1 and 0 <= x2 <= 1):
        raise ValueError("cubic-bezier: the first and third number lie between 0 and 1")
    if not (abs(y1) <= _STEEPEST and abs(y2) <= _STEEPEST):
        raise ValueError(f"cubic-bezier: the second and fourth number lie between -{_STEEPEST} and {_STEEPEST}")

    def at(t: float, first: float, second: float) -> float:
        return 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t**2 * second + t**3

    def curve(progress: float) -> float:
        if progress in (0.0, 1.0):
            return progress
        low, high = 0.0, 1.0
        for _ in range(52):  # x(t) never falls, so bisection reaches full double precision
            middle = (low + high) / 2
            if at(middle, x1, x2) < progress:
                low = middle
            else:
                high = middle
        return at((low + high) / 2, y1, y2)

    return curve


def _bounce_out(t: float) -> float:
    strength, step = 7.5625, 2.75
    for start, height in ((1, 0.0), (2, 0.75), (2.5, 0.9375)):
        if t < start / step:
            centre = {1: 0.0, 2: 1.5, 2.5: 2.25}[start] / step
            return strength * (t - centre) ** 2 + height
    return strength * (t - 2.625 / step) ** 2 + 0.984375


def _elastic_in(t: float) -> float:
    if t in (0.0, 1.0):
        return t
    return float(-(2 ** (10 * t - 10)) * sin((10 * t - 10.75) * 2 * pi / 3))


def _elastic_both(t: float) -> float:
    """Penner's own form: its period is longer than that of the two halves put together."""
    if t in (0.0, 1.0):
        return t
    swing = sin((20 * t - 11.125) * 2 * pi / 4.5)
    return float(-(2 ** (20 * t - 10)) * swing / 2 if t < 0.5 else 2 ** (10 - 20 * t) * swing / 2 + 1)


def _back(overshoot: float) -> Easing:
    return lambda t: (overshoot + 1) * t**3 - overshoot * t**2


_INWARD: dict[str, Easing] = {
    "sine": lambda t: 1 - cos(t * pi / 2),
    "quad": lambda t: t**2,
    "cubic": lambda t: t**3,
    "quart": lambda t: t**4,
    "quint": lambda t: t**5,
    "expo": lambda t: float(2 ** (10 * t - 10)) if t > 0 else 0.0,
    "circ": lambda t: 1 - sqrt(1 - t**2),
    "back": _back(_OVERSHOOT),
    "bounce": lambda t: 1 - _bounce_out(1 - t),
    "elastic": _elastic_in,
}


def _outward(inward: Easing) -> Easing:
    return lambda t: 1 - inward(1 - t)


def _both(inward: Easing) -> Easing:
    return lambda t: inward(2 * t) / 2 if t < 0.5 else 1 - inward(2 - 2 * t) / 2


EASINGS: dict[str, Easing] = {
    "linear": lambda t: t,
    "hold": lambda t: 0.0 if t < 1 else 1.0,
    "ease": cubic_bezier(0.25, 0.1, 0.25, 1),
    "ease-in": cubic_bezier(0.42, 0, 1, 1),
    "ease-out": cubic_bezier(0, 0, 0.58, 1),
    "ease-in-out": cubic_bezier(0.42, 0, 0.58, 1),
}
for _family, _curve in _INWARD.items():
    EASINGS[f"{_family}-in"] = _curve
    EASINGS[f"{_family}-out"] = _outward(_curve)
    EASINGS[f"{_family}-in-out"] = _both(_curve)
EASINGS["back-in-out"] = _both(_back(_OVERSHOOT_BOTH))
EASINGS["elastic-in-out"] = _elastic_both
