"""The plugin ``reelhouse.color``: grading, curves, lookup tables and simple tones."""

from collections.abc import Iterable

from core.api import Effect, hookimpl
from plugins.effects.color.curves import CURVES
from plugins.effects.color.grade import GRADE
from plugins.effects.color.lut import LUT
from plugins.effects.color.tone import GREYSCALE, INVERT, SEPIA


@hookimpl
def reelhouse_effects() -> Iterable[Effect]:
    """Declare the colour effects."""
    return (GRADE, CURVES, LUT, GREYSCALE, SEPIA, INVERT)
