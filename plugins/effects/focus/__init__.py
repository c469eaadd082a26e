"""The plugin ``reelhouse.focus``: sharpness, grain and the shape of the picture."""

from collections.abc import Iterable

from core.api import Effect, hookimpl
from plugins.effects.focus.blur import BLUR
from plugins.effects.focus.grain import GRAIN
from plugins.effects.focus.mirror import MIRROR
from plugins.effects.focus.pixelate import PIXELATE
from plugins.effects.focus.sharpen import SHARPEN
from plugins.effects.focus.vignette import VIGNETTE


@hookimpl
def reelhouse_effects() -> Iterable[Effect]:
    """Declare the effects."""
    return (BLUR, SHARPEN, VIGNETTE, GRAIN, PIXELATE, MIRROR)
