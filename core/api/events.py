"""Events that plugins may listen to. Listeners are told, never asked: what they return or raise changes nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderFinished:
    """A render ended. ``seconds`` is its wall time; ``error`` is None when it succeeded."""

    name: str
    output: str
    frames: int
    seconds: float
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFault:
    """A plugin raised what it should not, hung, or returned a wrong type."""

    plugin_id: str
    contribution: str
    call: str
    cause: str
