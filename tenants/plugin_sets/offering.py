"""Offering: an administrator's word on a plugin, for the whole house. It holds at once, everywhere."""

from tenants.control.audit import audited
from tenants.control.models.plugin import PluginInstall


async def offer(
    plugin_id: str, *, version: str, distribution: str, is_offered: bool, is_default: bool, actor: str
) -> None:
    """Say whether a plugin is offered at all, and whether each tenant has it unasked; noted in the audit.

    One that is not offered is switched off for every tenant, whatever it chose.
    """
    offered, default = int(is_offered), int(is_default)
    async with audited(actor, "plugin.offer", f"plugin:{plugin_id}", offered=offered, default=default):
        row = PluginInstall(
            plugin=plugin_id,
            version=version,
            distribution=distribution,
            offered=is_offered,
            default_enabled=is_default,
        )
        await PluginInstall.bulk_create(
            [row], on_conflict=["plugin"], update_fields=["offered", "default_enabled", "version", "distribution"]
        )
