"""The plugin ``reelhouse.animations``: how clips appear and leave."""

from collections.abc import Iterable

from core.api import Animation, hookimpl
from plugins.effects.animations.poses import FADE, RISE, SCALE, SLIDE, TYPEWRITER


@hookimpl
def reelhouse_animations() -> Iterable[Animation]:
    """Declare the animations."""
    return (FADE, SLIDE, SCALE, RISE, TYPEWRITER)
