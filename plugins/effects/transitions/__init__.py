"""The plugin ``reelhouse.transitions``: how one clip gives way to the next."""

from collections.abc import Iterable

from core.api import Transition, hookimpl
from plugins.effects.transitions.dissolve import DISSOLVE
from plugins.effects.transitions.fade import FADE, FADE_COLOR
from plugins.effects.transitions.iris import CIRCLE
from plugins.effects.transitions.slide import PUSH, SLIDE
from plugins.effects.transitions.through import BLUR, PIXELATE
from plugins.effects.transitions.wipe import WIPE
from plugins.effects.transitions.zoom import ZOOM


@hookimpl
def reelhouse_transitions() -> Iterable[Transition]:
    """Declare the transitions."""
    return (FADE, FADE_COLOR, WIPE, SLIDE, PUSH, ZOOM, CIRCLE, BLUR, PIXELATE, DISSOLVE)
