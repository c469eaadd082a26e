"""``/admin/plugins``: the plugins of the house: their states and faults, and who is offered them."""

import asyncio
from typing import Annotated

from pydantic import BaseModel, Field
from quart import Blueprint

from core.host.kinds import Kind
from core.host.state import PluginState, PluginStatus
from tenants.control.models.plugin import PluginInstall
from tenants.control.roles import HousePermission
from tenants.plugin_sets.offering import offer
from webshell.api.endpoint import Rules, endpoint
from webshell.api.plugins import PluginFault
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal
from webshell.shell import shell

admin_plugins = Blueprint("admin_plugins", __name__, url_prefix="/admin/plugins")


class HousePlugin(BaseModel):
    """A plugin of the house: its state in this process, why it does not work where that is so, and what was said of it.

    One that is not ``offered`` is off for every workspace; one that is ``default`` each of them has unasked.
    """

    id: str
    name: str
    description: str
    version: str
    publisher: str
    licence: str
    distribution: str
    is_own: Annotated[bool, Field(description="Whether it comes with Reelhouse.")]
    status: PluginStatus
    cause: str
    hint: str
    contributes: dict[Kind, list[str]]
    hosts: list[str]
    secrets: list[str]
    load_seconds: float | None
    faults: list[PluginFault]
    offered: bool
    default: bool


class HousePlugins(BaseModel):
    """All plugins of the house."""

    items: list[HousePlugin]


class PluginOffer(BaseModel, extra="forbid"):
    """Who shall have a plugin."""

    offered: bool
    default: bool


@endpoint(admin_plugins, "", "GET", Rules(needs=HousePermission.READ_SYSTEM, gives={200: HousePlugins}))
async def list_house_plugins() -> HousePlugins:
    """List the plugins that are installed or listed, each with its state and faults."""
    said = {row.plugin: row for row in await PluginInstall.all()}
    return HousePlugins(items=[_shown(state, said.get(state.id)) for state in shell().plugin_host.plugins()])


@endpoint(
    admin_plugins,
    "/<plugin_id>",
    "PUT",
    Rules(
        needs=HousePermission.INSTALL_PLUGINS,
        rate=RateClass.WRITE,
        fresh=True,
        gives={200: HousePlugin},
        problems=(404,),
    ),
    body=PluginOffer,
)
async def offer_plugin(plugin_id: str, data: PluginOffer) -> HousePlugin:
    """Say who shall have a plugin; it holds at once, for everybody."""
    state = await asyncio.to_thread(shell().plugin_host.plugin, plugin_id)
    await offer(
        plugin_id,
        version=state.distribution_version,
        distribution=state.distribution,
        is_offered=data.offered,
        is_default=data.default,
        actor=principal().actor,
    )
    return _shown(state, await PluginInstall.get(plugin=plugin_id))


def _shown(state: PluginState, said: PluginInstall | None) -> HousePlugin:
    manifest = state.manifest
    return HousePlugin(
        id=state.id,
        name=manifest.name if manifest else state.id,
        description=manifest.description if manifest else "",
        version=manifest.version if manifest else "",
        publisher=manifest.publisher if manifest else "",
        licence=manifest.licence if manifest else "",
        distribution=state.distribution,
        is_own=state.is_first_party,
        status=state.status,
        cause=state.cause,
        hint=state.hint,
        contributes={kind: list(ids) for kind, ids in manifest.contributes.items()} if manifest else {},
        hosts=list(manifest.net) if manifest else [],
        secrets=list(manifest.secrets) if manifest else [],
        load_seconds=state.load_seconds,
        faults=[PluginFault.model_validate(each) for each in state.faults],
        offered=said.offered if said else True,
        default=said.default_enabled if said else True,
    )
