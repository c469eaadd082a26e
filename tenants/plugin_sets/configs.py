"""Configurations: what a tenant has set of its plugins, in its vault. Called within the tenant's scope.

Secrets go in and are not read back: all that is shown of one is its last four characters. They are unsealed only to
call the plugin.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from core.api import JsonValue
from core.host.owner import Given
from tenants.keys import last_four
from tenants.vault.models.plugin_config import PluginConfig
from tenants.vault.places import Place
from tenants.vault.secrets import reveal, secret_write


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownConfig:
    """A configuration as it may be shown: of ``secrets`` the last four characters, by name."""

    config: Mapping[str, JsonValue] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    updated: datetime


def shown(row: PluginConfig) -> ShownConfig:
    """Return what may be shown of a configuration."""
    return ShownConfig(config=row.config, secrets=row.hints, updated=row.updated)


async def read_stored(plugin_ids: Collection[str]) -> list[PluginConfig]:
    """Return the configurations that the tenant has of its own, of these plugins; their secrets are sealed."""
    return await PluginConfig.filter(plugin__in=plugin_ids).order_by("plugin")


def given_of(row: PluginConfig) -> Given:
    """Unseal a configuration, to call the plugin with it. Raise ``Tampered`` where it was changed."""
    secrets = _secrets_of(row)
    # Who declares a secret as a parameter reads it from the configuration, who names it in the manifest asks for it.
    return Given(config={**row.config, **secrets}, secrets=secrets)


async def write_config(plugin_id: str, config: Mapping[str, JsonValue], secrets: Mapping[str, str | None]) -> None:
    """Replace a plugin's configuration. Of the secrets those that are named change, to None they go; others stay.

    Both or neither; not within a transaction. What fits the plugin is for the caller to check.
    """
    async with secret_write() as writer:
        former = await PluginConfig.get_or_none(plugin=plugin_id)
        merged = {**(_secrets_of(former) if former else {}), **secrets}
        kept = {name: text for name, text in merged.items() if text is not None}
        row = PluginConfig(
            id=former.id if former else uuid4(),
            plugin=plugin_id,
            config=dict(config),
            version=former.version + 1 if former else 1,
            key_version=writer.key_version,
            hints={name: last_four(text) for name, text in kept.items()},
        )
        if kept:
            row.secrets = writer.seal(json.dumps(kept).encode(), _place(row))
        await row.save(force_create=former is None, force_update=former is not None)


async def remove_config(plugin_id: str) -> bool:
    """Forget what the tenant set of a plugin, its secrets too: the house's configuration holds again."""
    async with secret_write():
        return bool(await PluginConfig.filter(plugin=plugin_id).delete())


def _secrets_of(row: PluginConfig) -> dict[str, str]:
    if row.secrets is None:
        return {}
    unsealed: dict[str, str] = json.loads(reveal(row.secrets, _place(row), key_version=row.key_version).reveal())
    return unsealed


def _place(row: PluginConfig) -> Place:
    return Place(table="plugin_configs", row=row.id, column="secrets", version=row.version)
