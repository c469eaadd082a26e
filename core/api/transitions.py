"""Transitions: how one clip of a track gives way to the next."""

from collections.abc import Callable
from dataclasses import dataclass

from core.api.effects import Cost, Shader
from core.api.parameters import Parameter, Values
from core.api.pictures import Canvas, Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A mix of two whole frames, declared by a plugin.

    ``mix(before, after, out, progress, values, moment)`` writes the mixed frame into ``out``. ``progress`` runs from
    0 (only ``before``) to 1 (only ``after``) and is already eased. All three canvases have the same size, and are
    either all opaque or all with premultiplied alpha; ``before`` and ``after`` must not be written to.
    """

    id: str
    title: str
    description: str = ""
    mix: Callable[[Canvas, Canvas, Canvas, float, Values, Moment], None]
    params: tuple[Parameter, ...] = ()
    cost: Cost = Cost.LOW
    shader: Shader | None = None
