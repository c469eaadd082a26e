"""The plugin ``reelhouse.motion``: moving across a picture."""

from collections.abc import Iterable

from core.api import Effect, hookimpl
from plugins.effects.motion.kenburns import KEN_BURNS


@hookimpl
def reelhouse_effects() -> Iterable[Effect]:
    """Declare the effect."""
    return (KEN_BURNS,)
