"""Members: where each plugin of the house stands for one tenant. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from core.host.kinds import Kind
from core.host.state import PluginState, PluginStatus


class Membership(StrEnum):
    """Where a plugin stands for a tenant; ``meaning`` says it in words. Those that are used come first."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        membership = str.__new__(cls, value)
        membership._value_ = value
        membership.meaning = meaning
        return membership

    DEFAULT = "default", "The house gives it to every workspace."
    CHOSEN = "chosen", "This workspace enabled it."
    OFFERED = "offered", "It is not enabled in this workspace."
    REFUSED = "refused", "This workspace disabled it."
    WITHDRAWN = "withdrawn", "The administrator switched it off for everybody."
    UNUSABLE = "unusable", "It can't be used in this installation."

    @property
    def is_enabled(self) -> bool:
        """True when the tenant uses it."""
        return self in (Membership.DEFAULT, Membership.CHOSEN)

    @property
    def is_possible(self) -> bool:
        """True when it is the tenant's to decide."""
        return self not in (Membership.WITHDRAWN, Membership.UNUSABLE)


_OUT_OF_USE = (PluginStatus.DISABLED, PluginStatus.MISSING, PluginStatus.INVALID, PluginStatus.INCOMPATIBLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """An administrator's word on a plugin: ``is_offered`` at all, and whether each tenant has it unasked."""

    is_offered: bool = True
    is_default: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One plugin of the house, as it stands for a tenant."""

    plugin_id: str
    membership: Membership
    contributes: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    """What its manifest says it contributes: ids by kind."""

    @property
    def why_not(self) -> str:
        """Say why the tenant can't use it; empty when it can, and where the host knows better."""
        match self.membership:
            case Membership.OFFERED | Membership.REFUSED:
                return f"the plugin {self.plugin_id} is not enabled in this workspace"
            case Membership.WITHDRAWN:
                return f"the plugin {self.plugin_id} is switched off by the administrator"
            case _:
                return ""


def members_of(
    states: Iterable[PluginState], installs: Mapping[str, Install], choices: Mapping[str, bool]
) -> tuple[Member, ...]:
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
        Member(
            plugin_id=state.id,
            membership=_membership(state, installs.get(state.id, Install()), choices.get(state.id)),
            contributes=state.manifest.contributes if state.manifest else {},
        )
        for state in shown.values()
    )


def _membership(state: PluginState, install: Install, choice: bool | None) -> Membership:
    if state.status in _OUT_OF_USE:
        return Membership.UNUSABLE
    if not install.is_offered:
        return Membership.WITHDRAWN
    match choice:
        case None:
            return Membership.DEFAULT if install.is_default else Membership.OFFERED
        case True:
            return Membership.CHOSEN
        case False:
            return Membership.REFUSED
