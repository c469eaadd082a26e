"""``/plugins``: a tenant's plugins: which it has, what each offers, how each is configured and how it fares."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, SecretStr
from quart import Blueprint

from core.api import JsonValue, parameters_schema
from core.host.breaker import BreakerState
from core.host.kinds import Kind
from tenants.control.roles import Permission
from tenants.plugin_sets.sets import PluginDetails
from tenants.plugin_sets.standing import SetPlugin, Standing
from webshell.api.endpoint import Rules, endpoint
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal, tenant
from webshell.shell import shell

plugins = Blueprint("plugins", __name__, url_prefix="/plugins")


class Plugin(BaseModel):
    """Where a plugin stands for a tenant, and the ids of what it contributes, by kind."""

    id: str
    standing: Standing
    enabled: bool
    contributes: dict[Kind, list[str]]


class Plugins(BaseModel):
    """All plugins of the house."""

    items: list[Plugin]


class Contributed(BaseModel):
    """One thing that a plugin contributes; ``parameters`` is the JSON Schema of its values, with hints for forms."""

    id: str
    kind: Kind
    title: str
    description: str
    parameters: dict[str, Any]


class PluginFault(BaseModel, from_attributes=True):
    """What a plugin did wrong for this tenant."""

    contribution: str
    call: str
    cause: str
    first_at: datetime
    last_at: datetime
    count: int


class PluginHealth(BaseModel, from_attributes=True):
    """How a plugin fares for this tenant; its calls are refused while ``state`` is ``open``."""

    state: BreakerState
    cause: str
    since: datetime | None
    retry_in: float
    faults: list[PluginFault]


class Configured(BaseModel, from_attributes=True):
    """What a tenant has set of a plugin: the open part, and the last characters of each secret."""

    config: dict[str, Any]
    secrets: dict[str, str]
    updated: datetime


class PluginPage(Plugin):
    """A plugin with what it offers, its form, what is set in it, and why it can't be used where that is so."""

    name: str
    description: str
    version: str
    publisher: str
    licence: str
    icon: str
    hosts: list[str]
    offers: list[Contributed]
    form: Annotated[dict[str, Any], Field(description="JSON Schema of what a tenant may set.")]
    secrets: Annotated[list[str], Field(description="Names of the secrets that it takes.")]
    configured: Configured | None
    problem: str
    health: PluginHealth


class PluginConfiguration(BaseModel, extra="forbid"):
    """A tenant's configuration of a plugin. Secrets that are not named stay, those that are null go."""

    config: dict[str, JsonValue] = {}
    secrets: dict[str, SecretStr | None] = {}


_READ = Rules(needs=Permission.READ, gives={200: PluginPage}, problems=(404, 409))
_WRITE = Rules(needs=Permission.PLUGINS, rate=RateClass.WRITE, gives={200: PluginPage}, problems=(404, 409))


@endpoint(plugins, "", "GET", Rules(needs=Permission.READ, gives={200: Plugins}))
async def list_plugins() -> Plugins:
    """List the plugins of the house, and where each stands for the tenant."""
    return Plugins(items=[Plugin(**_facts(each)) for each in await shell().plugin_sets.plugins(tenant())])


@endpoint(plugins, "/<plugin_id>", "GET", _READ)
async def show_plugin(plugin_id: str) -> PluginPage:
    """Show a plugin: what it offers, its form, and how it fares."""
    return _page(await shell().plugin_sets.details(tenant(), plugin_id))


@endpoint(plugins, "/<plugin_id>/enable", "POST", _WRITE)
async def enable_plugin(plugin_id: str) -> PluginPage:
    """Take a plugin into the tenant's set, at once."""
    await shell().plugin_sets.enable(tenant(), plugin_id, actor=principal().actor)
    return await show_plugin(plugin_id)


@endpoint(plugins, "/<plugin_id>/disable", "POST", _WRITE)
async def disable_plugin(plugin_id: str) -> PluginPage:
    """Leave a plugin out of the tenant's set, at once; what was configured is kept."""
    await shell().plugin_sets.disable(tenant(), plugin_id, actor=principal().actor)
    return await show_plugin(plugin_id)


@endpoint(plugins, "/<plugin_id>/resume", "POST", _WRITE)
async def resume_plugin(plugin_id: str) -> PluginPage:
    """Let a plugin that is paused after faults be called again at once."""
    found = await shell().plugin_sets.details(tenant(), plugin_id)
    shell().plugin_sets.resume(tenant(), found.plugin.plugin_id)
    return await show_plugin(plugin_id)


@endpoint(
    plugins,
    "/<plugin_id>/configuration",
    "PUT",
    Rules(needs=Permission.PLUGINS, rate=RateClass.WRITE, fresh=True, gives={200: PluginPage}, problems=(404, 409)),
    body=PluginConfiguration,
)
async def configure_plugin(plugin_id: str, data: PluginConfiguration) -> PluginPage:
    """Replace the tenant's configuration of a plugin."""
    secrets = {name: each.get_secret_value() if each else None for name, each in data.secrets.items()}
    await shell().plugin_sets.configure(tenant(), plugin_id, data.config, secrets, actor=principal().actor)
    return await show_plugin(plugin_id)


@endpoint(plugins, "/<plugin_id>/configuration", "DELETE", _WRITE)
async def reset_plugin(plugin_id: str) -> PluginPage:
    """Forget the tenant's configuration of a plugin, secrets too: the house's holds again."""
    found = await shell().plugin_sets.details(tenant(), plugin_id)
    await shell().plugin_sets.reset(tenant(), found.plugin.plugin_id, actor=principal().actor)
    return await show_plugin(plugin_id)


def _facts(plugin: SetPlugin) -> dict[str, Any]:
    return {
        "id": plugin.plugin_id,
        "standing": plugin.standing,
        "enabled": plugin.standing.is_enabled,
        "contributes": {kind: list(ids) for kind, ids in plugin.contributes.items()},
    }


def _page(details: PluginDetails) -> PluginPage:
    manifest = details.manifest
    return PluginPage(
        **_facts(details.plugin),
        name=manifest.name if manifest else details.plugin.plugin_id,
        description=manifest.description if manifest else "",
        version=manifest.version if manifest else "",
        publisher=manifest.publisher if manifest else "",
        licence=manifest.licence if manifest else "",
        icon=manifest.icon if manifest else "plug",
        hosts=list(manifest.net) if manifest else [],
        offers=list(_offers(details)),
        form=details.form.json_schema(),
        secrets=list(details.form.secrets),
        configured=Configured.model_validate(details.config) if details.config else None,
        problem=details.problem,
        health=PluginHealth.model_validate(details.health),
    )


def _offers(details: PluginDetails) -> Iterator[Contributed]:
    for kind, contributions in details.declared.items():
        for each in contributions:
            yield Contributed(
                id=each.id,
                kind=kind,
                title=each.title,
                description=each.description,
                parameters=parameters_schema(each.params),
            )
