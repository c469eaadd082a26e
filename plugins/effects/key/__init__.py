"""The plugin ``reelhouse.key``: transparency from colour or brightness, and shadows of what is cut out."""

from collections.abc import Iterable

from core.api import Effect, hookimpl
from plugins.effects.key.chroma import CHROMA
from plugins.effects.key.luma import LUMA
from plugins.effects.key.shadow import SHADOW


@hookimpl
def reelhouse_effects() -> Iterable[Effect]:
    """Declare the effects."""
    return (CHROMA, LUMA, SHADOW)
