"""Animated numbers: constants and keyframe curves, evaluated at exact times."""

from dataclasses import dataclass
from fractions import Fraction

from core.contract.easings import ease


@dataclass(frozen=True, slots=True)
class Key:
    """A keyframe: at ``time`` (seconds from the clip's start) the value is ``value``; ``ease`` leads to the next."""

    time: Fraction
    value: float
    ease: str = "linear"


@dataclass(frozen=True, slots=True)
class Curve:
    """Keyframes in strictly rising order of time; at least one. Values hold before the first and after the last."""

    keys: tuple[Key, ...]

    def at(self, time: Fraction) -> float:
        """Evaluate the curve."""
        first, last = self.keys[0], self.keys[-1]
        if time <= first.time:
            return first.value
        if time >= last.time:
            return last.value
        after = next(index for index, key in enumerate(self.keys) if key.time > time)
        start, end = self.keys[after - 1], self.keys[after]
        progress = float((time - start.time) / (end.time - start.time))
        return start.value + (end.value - start.value) * ease(start.ease, progress)


type Animated = float | Curve


def value_at(animated: Animated, time: Fraction) -> float:
    """Evaluate an animated number at ``time`` seconds from the clip's start."""
    return animated.at(time) if isinstance(animated, Curve) else animated


def is_constant(animated: Animated) -> bool:
    """Tell whether the number never changes."""
    return not isinstance(animated, Curve) or len({key.value for key in animated.keys}) == 1
