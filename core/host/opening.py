"""Opening providers and stores: with their configuration and a folder of their own, and guarded from then on."""

import os
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from core.api import AssetProvider, HttpClient, JsonValue, PluginContext, Provider, Storage, StorageBackend, Values
from core.egress.caching import AnswerCache
from core.host.configuration import checked, configured, owners_values
from core.host.dispatch import Call, Dispatcher
from core.host.guarded import GuardedProvider, GuardedStorage
from core.host.network import granted_http, named_in_config
from core.host.owner import Given, Owner
from core.host.plugin import HostedPlugin
from core.host.settings import NetworkSettings

FOLDER = "plugins"
OWNERS_FOLDER = "owners"
_IN_ENVIRONMENT = "REELHOUSE_SECRET_"


class Opener:
    """Opens what loaded plugins declare. ``home`` is the folder under which each plugin gets one for each owner."""

    def __init__(self, dispatcher: Dispatcher, *, home: Path, network: NetworkSettings) -> None:
        self._dispatcher = dispatcher
        self._home = home
        self._network = network
        self._answers = AnswerCache()

    async def provider(
        self, plugin: HostedPlugin, declared: AssetProvider, *, root: Path | None, owner: Owner
    ) -> Provider:
        """Open a provider. Raise ``ConfigInvalid`` for what is not configured and ``PluginFailed`` for a fault."""
        call = _open_call(plugin, declared, owner)
        context = self.context(plugin, declared, root=root, owner=owner)
        inner = await self._dispatcher.arun(call, partial(declared.open, context))
        self._require(call, inner, ("search", "fetch", "close"))
        return GuardedProvider(
            inner, self._dispatcher, plugin.id, declared.id, plugin.settings.deadlines, owner=owner.name
        )

    async def storage(
        self, plugin: HostedPlugin, declared: StorageBackend, *, config: Mapping[str, JsonValue] | None, owner: Owner
    ) -> Storage:
        """Open a store with ``config``, else with what its owner's says. Errors as ``provider``."""
        call = _open_call(plugin, declared, owner)
        context = self.context(plugin, declared, root=None, owner=owner, config=config)
        inner = await self._dispatcher.arun(call, partial(declared.open, context))
        self._require(call, inner, ("put", "stat", "read", "fetch", "delete", "list", "link", "close"))
        return GuardedStorage(
            inner, self._dispatcher, plugin.id, declared.id, plugin.settings.deadlines, owner=owner.name
        )

    def context(
        self,
        plugin: HostedPlugin,
        declared: AssetProvider | StorageBackend,
        *,
        root: Path | None,
        owner: Owner,
        config: Mapping[str, JsonValue] | None = None,
    ) -> PluginContext:
        """Return what a provider or store is opened with. Raise ``ConfigInvalid`` for what its configuration lacks."""
        given = Given(config=config) if config is not None else owner.given.get(plugin.id)
        values = _values(plugin, declared, given, owner)
        is_operators = not owner.name or given is None
        return PluginContext(
            plugin_id=plugin.id,
            folder=self._folder(plugin, owner),
            config=values,
            root=root,
            is_operators=is_operators,
            granted_http=self._granted_http(plugin, declared, values, owner, is_operators=is_operators),
            granted_secrets=_granted(plugin, given),
        )

    def _granted_http(
        self,
        plugin: HostedPlugin,
        declared: AssetProvider | StorageBackend,
        values: Values,
        owner: Owner,
        *,
        is_operators: bool,
    ) -> HttpClient | None:
        """Return a plugin's network; what the operator opened inside is not for the addresses that a tenant gives."""
        named = named_in_config(plugin)
        is_open = is_operators or all(each.is_operator_only for each in declared.params if each.name in named)
        network = self._network if is_open else NetworkSettings()
        return granted_http(plugin, values, network, self._answers.of(f"{owner.name} {plugin.id}"))

    def _folder(self, plugin: HostedPlugin, owner: Owner) -> Path:
        folder = (
            self._home / OWNERS_FOLDER / owner.name / FOLDER / plugin.id
            if owner.name
            else self._home / FOLDER / plugin.id
        )
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _require(self, call: Call, opened: object, methods: Iterable[str]) -> None:
        lacking = [name for name in methods if not callable(getattr(opened, name, None))]
        if lacking:
            raise self._dispatcher.blame(
                call, f"open returned {type(opened).__name__}, which has no {', '.join(lacking)}"
            )


def _values(
    plugin: HostedPlugin, declared: AssetProvider | StorageBackend, given: Given | None, owner: Owner
) -> Values:
    operators = plugin.settings.config
    if given is None:
        return configured(declared.params, operators)
    if owner.name:
        return owners_values(declared.params, given.config, operators=operators)
    return checked(declared.params, given.config)


def _granted(plugin: HostedPlugin, given: Given | None) -> Mapping[str, str] | None:
    """Return the secrets that a manifest asks for: an owner's own, or the installation's where it gave nothing.

    One that nobody gave is empty.
    """
    if plugin.found.manifest is None:
        return None
    names = plugin.found.manifest.secrets
    if given is not None:
        return {name: given.secrets.get(name, "") for name in names}
    own = plugin.settings.secrets
    return {name: own.get(name) or os.environ.get(_variable(plugin.id, name), "") for name in names}


def _variable(plugin_id: str, secret: str) -> str:
    """Return the environment variable that a secret of the installation may lie in."""
    return f"{_IN_ENVIRONMENT}{plugin_id.replace('.', '_')}_{secret}".upper()


def _open_call(plugin: HostedPlugin, declared: AssetProvider | StorageBackend, owner: Owner) -> Call:
    return Call(
        plugin_id=plugin.id,
        contribution=declared.id,
        owner=owner.name,
        name="open",
        deadline=plugin.settings.deadlines.open,
    )
