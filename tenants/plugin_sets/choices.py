"""Choices: what tenants and administrators say of plugins, kept in the control plane and read anew each time."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from core.api import NotFound, did_you_mean
from core.host.state import PluginState
from tenants.control.audit import audited
from tenants.control.models.plugin import PluginChoice, PluginInstall
from tenants.control.models.tenant import Tenant
from tenants.plugin_sets.failures import PluginWithdrawn
from tenants.plugin_sets.standing import Install, SetPlugin, plugins_of
from tenants.quotas.ledger import charge, held, release
from tenants.quotas.metrics import Metric


async def read_set(tenant: UUID, states: Iterable[PluginState]) -> tuple[SetPlugin, ...]:
    """Return where each plugin of the host stands for a tenant at this moment; raise ``NotFound`` without a tenant."""
    if not await Tenant.exists(id=tenant):
        raise NotFound(f"there is no tenant {tenant}")
    installs = {
        row.plugin: Install(is_offered=row.offered, is_default=row.default_enabled) for row in await PluginInstall.all()
    }
    choices = {row.plugin: row.enabled for row in await PluginChoice.filter(tenant_id=tenant)}
    return plugins_of(states, installs, choices)


async def enable(tenant: UUID, plugin_id: str, states: Iterable[PluginState], *, now: datetime, actor: str) -> None:
    """Take a plugin into a tenant's set, and note in the audit who did (``actor``, like ``user:…``).

    What the house gives to all is free; every other counts against the plan's limit of plugins. Raise ``NotFound``,
    ``PluginWithdrawn``, and what ``charge`` raises (``QuotaExceeded``, ``AccessLapsed``); nothing is changed then.
    """
    plugin = _find(await read_set(tenant, states), plugin_id)
    if not plugin.standing.is_possible:
        raise PluginWithdrawn(f"{plugin_id} can't be enabled: {plugin.standing.meaning}")
    async with audited(actor, "plugin.enable", f"plugin:{plugin_id}", tenant):
        await _choose(tenant, plugin_id, is_enabled=True)
        if await _is_default(plugin_id):
            await PluginChoice.filter(tenant_id=tenant, plugin=plugin_id).delete()
            await _give_back(tenant, plugin_id)
        else:
            await charge(tenant, Metric.PLUGINS, 1, reference=plugin_id, now=now)


async def disable(tenant: UUID, plugin_id: str, states: Iterable[PluginState], *, actor: str) -> None:
    """Leave a plugin out of a tenant's set; raise ``NotFound`` for one that is not there."""
    _find(await read_set(tenant, states), plugin_id)
    async with audited(actor, "plugin.disable", f"plugin:{plugin_id}", tenant):
        await _choose(tenant, plugin_id, is_enabled=False)
        await _give_back(tenant, plugin_id)


def _find(plugins: Iterable[SetPlugin], plugin_id: str) -> SetPlugin:
    known = {each.plugin_id: each for each in plugins}
    if plugin_id not in known:
        raise NotFound(f'there is no plugin "{plugin_id}"{did_you_mean(plugin_id, known)}')
    return known[plugin_id]


async def _is_default(plugin_id: str) -> bool:
    install = await PluginInstall.get_or_none(plugin=plugin_id)
    return install.default_enabled if install else Install().is_default


async def _choose(tenant: UUID, plugin_id: str, *, is_enabled: bool) -> None:
    """Write the choice. Comes first: who holds this row is the one who decides what is counted for it."""
    await PluginChoice.bulk_create(
        [PluginChoice(tenant_id=tenant, plugin=plugin_id, enabled=is_enabled)],
        on_conflict=["tenant_id", "plugin"],
        update_fields=["enabled"],
    )


async def _give_back(tenant: UUID, plugin_id: str) -> None:
    counted = await held(tenant, Metric.PLUGINS, plugin_id)
    if counted is not None:
        await release(counted)
