"""Plugin sets: what a request or a job asks about a tenant's plugins, and what it changes."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from core.api import ConfigInvalid, JsonValue, PluginContext
from core.host.health import Health
from core.host.host import PluginHost
from core.host.kinds import Contribution, Kind
from core.host.manifest import Manifest
from core.host.owner import Given, Owner
from core.host.state import PluginState
from tenants.control.audit import record
from tenants.control.events import publish
from tenants.plugin_sets import choices
from tenants.plugin_sets.configs import ShownConfig, given_of, read_stored, remove_config, shown, write_config
from tenants.plugin_sets.configuring import ConfigForm
from tenants.plugin_sets.failures import PluginWithdrawn
from tenants.plugin_sets.lending import Lender
from tenants.plugin_sets.standing import SetPlugin
from tenants.plugin_sets.view import TenantPlugins
from tenants.vault.scope import scope


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginDetails:
    """One plugin as a tenant's page shows it.

    ``form`` is what the tenant may set and ``config`` what it has set, None for nothing; ``problem`` says why what it
    contributes can't be opened, where that is so. ``health`` is that of this tenant's calls alone.
    """

    plugin: SetPlugin
    manifest: Manifest | None
    declared: Mapping[Kind, tuple[Contribution, ...]]
    form: ConfigForm
    config: ShownConfig | None
    problem: str
    health: Health


class PluginSets:
    """The plugin sets of a house's tenants. Keeps nothing of them: each call reads what holds at this moment.

    ``actor`` names who asks, for the audit, like ``user:…`` or ``job:…``. What concerns configurations opens the
    tenant's vault: call it outside transactions.
    """

    def __init__(self, host: PluginHost, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._host = host
        self._now = now

    async def plugins(self, tenant: UUID) -> tuple[SetPlugin, ...]:
        """Return where each plugin of the house stands for a tenant; raise ``NotFound`` without a tenant."""
        return await choices.read_set(tenant, self._host.plugins())

    async def enable(self, tenant: UUID, plugin_id: str, *, actor: str) -> None:
        """Take a plugin into a tenant's set; see ``choices.enable``."""
        await choices.enable(tenant, plugin_id, self._host.plugins(), now=self._now(), actor=actor)
        await self._tell(tenant, plugin_id, "enabled")

    async def disable(self, tenant: UUID, plugin_id: str, *, actor: str) -> None:
        """Leave a plugin out of a tenant's set; what was configured is kept. See ``choices.disable``."""
        await choices.disable(tenant, plugin_id, self._host.plugins(), actor=actor)
        await self._tell(tenant, plugin_id, "disabled")

    async def configure(
        self,
        tenant: UUID,
        plugin_id: str,
        config: Mapping[str, JsonValue],
        secrets: Mapping[str, str | None] | None = None,
        *,
        actor: str,
    ) -> None:
        """Replace a tenant's configuration of a plugin. Secrets that are not named stay, those set to None go.

        Raise ``NotFound``, ``PluginWithdrawn`` for one that can't be used, and ``PluginConfigInvalid`` with everything
        that does not fit; nothing is written then.
        """
        named = secrets or {}
        state, _ = await self._loaded(tenant, plugin_id)
        if not state.declared:
            raise PluginWithdrawn(f"{plugin_id} can't be configured: {state.cause}")
        ConfigForm.of(state).check(config, {name: text for name, text in named.items() if text is not None})
        changed = " ".join((*config, *named))
        async with scope(tenant):
            await record(actor, "plugin.configure", f"plugin:{plugin_id}", tenant, changed=changed)
            await write_config(plugin_id, config, named)
        await self._tell(tenant, plugin_id, "configured")

    async def reset(self, tenant: UUID, plugin_id: str, *, actor: str) -> None:
        """Forget a tenant's configuration of a plugin, secrets too: the house's holds again."""
        async with scope(tenant):
            await record(actor, "plugin.reset", f"plugin:{plugin_id}", tenant)
            await remove_config(plugin_id)
        await self._tell(tenant, plugin_id, "configured")

    async def details(self, tenant: UUID, plugin_id: str) -> PluginDetails:
        """Return what a tenant's page shows of a plugin. Errors as ``configure``, for who and what is not there."""
        state, plugin = await self._loaded(tenant, plugin_id)
        async with scope(tenant):
            stored = await read_stored([plugin_id])
        given = {row.plugin: Given(config=row.config | dict.fromkeys(row.hints, "")) for row in stored}
        owner = Owner(name=str(tenant), given=given)
        return PluginDetails(
            plugin=plugin,
            manifest=state.manifest,
            declared=state.declared,
            form=ConfigForm.of(state),
            config=shown(stored[0]) if stored else None,
            problem=self._problem(state, owner),
            health=self._host.health(plugin_id, owner=owner),
        )

    async def view(self, tenant: UUID, *, actor: str) -> TenantPlugins:
        """Return what a tenant may use now, with its configurations unsealed: for one request or one job.

        Each use of secrets is in the audit before they are unsealed; API keys are lent for each call.
        """
        plugins = await self.plugins(tenant)
        async with scope(tenant):
            stored = await read_stored([each.plugin_id for each in plugins if each.standing.is_enabled])
            for row in stored:
                if row.secrets is not None:
                    await record(actor, "plugin.use_secrets", f"plugin:{row.plugin}", tenant)
            given = {row.plugin: given_of(row) for row in stored}
        lender = Lender(tenant, actor=actor)
        return TenantPlugins(self._host, Owner(name=str(tenant), given=given), plugins, lender)

    async def context_for(self, tenant: UUID, contribution_id: str, *, actor: str) -> PluginContext:
        """Return what a tenant's provider or store is opened with; see ``TenantPlugins.context``."""
        view = await self.view(tenant, actor=actor)
        return await asyncio.to_thread(view.context, contribution_id)

    def health(self, tenant: UUID, plugin_id: str) -> Health:
        """Tell how a plugin fares for a tenant, in this process."""
        return self._host.health(plugin_id, owner=Owner(name=str(tenant)))

    def resume(self, tenant: UUID, plugin_id: str) -> None:
        """Let a plugin that is paused for a tenant be called again at once."""
        self._host.resume(plugin_id, owner=Owner(name=str(tenant)))

    def release(self, tenant: UUID) -> None:
        """Stop the event loops of a tenant's plugins: it has nothing open any more."""
        self._host.release(Owner(name=str(tenant)))

    async def _tell(self, tenant: UUID, plugin_id: str, change: str) -> None:
        """Tell the workspace's open pages, which then look for themselves."""
        await publish("plugins", {"plugin": plugin_id, "change": change}, tenant=tenant, now=self._now())

    async def _loaded(self, tenant: UUID, plugin_id: str) -> tuple[PluginState, SetPlugin]:
        """Return a plugin that the tenant may decide on, loaded by the host."""
        state = await asyncio.to_thread(self._host.plugin, plugin_id)
        plugin = next(each for each in await self.plugins(tenant) if each.plugin_id == plugin_id)
        if not plugin.standing.is_possible:
            raise PluginWithdrawn(f"{plugin_id} can't be configured: {plugin.standing.meaning}")
        return state, plugin

    def _problem(self, state: PluginState, owner: Owner) -> str:
        """Say what keeps a plugin's providers and stores from being opened for an owner."""
        if not state.declared:
            return state.cause
        for kind in (Kind.ASSET_PROVIDERS, Kind.STORAGE_BACKENDS):
            for contribution in state.declared.get(kind, ()):
                try:
                    self._host.context(contribution.id, owner=owner)
                except ConfigInvalid as err:
                    return str(err)
        return ""
