"""Standing: where each plugin of the house stands for one tenant. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from core.host.kinds import Kind
from core.host.state import PluginState, PluginStatus


class Standing(StrEnum):
    """Where a plugin stands for a tenant; ``meaning`` says it in words. Those that are used come first."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        standing = str.__new__(cls, value)
        standing._value_ = value
        standing.meaning = meaning
        return standing

    DEFAULT = "default", "The house gives it to every workspace."
    CHOSEN = "chosen", "This workspace enabled it."
    OFFERED = "offered", "It is not enabled in this workspace."
    REFUSED = "refused", "This workspace disabled it."
    WITHDRAWN = "withdrawn", "The administrator switched it off for everybody."
    UNUSABLE = "unusable", "It can't be used in this installation."

    @property
    def is_enabled(self) -> bool:
        """True when the tenant uses it."""
        return self in (Standing.DEFAULT, Standing.CHOSEN)

    @property
    def is_possible(self) -> bool:
        """True when it is the tenant's to decide."""
        return self not in (Standing.WITHDRAWN, Standing.UNUSABLE)


_OUT_OF_USE = (PluginStatus.DISABLED, PluginStatus.MISSING, PluginStatus.INVALID, PluginStatus.INCOMPATIBLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """An administrator's word on a plugin: ``is_offered`` at all, and whether each tenant has it unasked."""

    is_offered: bool = True
    is_default: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPlugin:
    """One plugin of the house, as it stands for a tenant."""

    plugin_id: str
    standing: Standing
    contributes: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    """What its manifest says it contributes: ids by kind."""
    secrets: tuple[str, ...] = ()
    """Names of the secrets that its manifest asks for."""

    @property
    def why_not(self) -> str:
        """Say why the tenant can't use it; empty when it can, and where the host knows better."""
        match self.standing:
            case Standing.OFFERED | Standing.REFUSED:
                return f"the plugin {self.plugin_id} is not enabled in this workspace"
            case Standing.WITHDRAWN:
                return f"the plugin {self.plugin_id} is switched off by the administrator"
            case _:
                return ""


def plugins_of(
    states: Iterable[PluginState], installs: Mapping[str, Install], choices: Mapping[str, bool]
) -> tuple[SetPlugin, ...]:
    """Return where each plugin of the host stands: the house's defaults, plus and minus the tenant's own ``choices``.

    A plugin without an administrator's word in ``installs`` is given to all: ``plugins.toml`` loads it. Choices of
    plugins that are not there count for nothing, until they are.
    """
    # Of two distributions with one plugin the host uses one and shows both.
    shown: dict[str, PluginState] = {}
    for state in states:
        if state.id not in shown or shown[state.id].status in _OUT_OF_USE:
            shown[state.id] = state
    return tuple(
        SetPlugin(
            plugin_id=state.id,
            standing=_standing(state, installs.get(state.id, Install()), choices.get(state.id)),
            contributes=state.manifest.contributes if state.manifest else {},
            secrets=state.manifest.secrets if state.manifest else (),
        )
        for state in shown.values()
    )


def _standing(state: PluginState, install: Install, choice: bool | None) -> Standing:
    if state.status in _OUT_OF_USE:
        return Standing.UNUSABLE
    if not install.is_offered:
        return Standing.WITHDRAWN
    match choice:
        case None:
            return Standing.DEFAULT if install.is_default else Standing.OFFERED
        case True:
            return Standing.CHOSEN
        case False:
            return Standing.REFUSED
