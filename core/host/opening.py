"""Opening providers and stores: with their configuration and a folder of their own, and guarded from then on."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from core.api import AssetProvider, JsonValue, PluginContext, Provider, Storage, StorageBackend, Values
from core.host.configuration import checked, configured, owners_values
from core.host.dispatch import Call, Dispatcher
from core.host.guarded import GuardedProvider, GuardedStorage
from core.host.owner import Given, Owner
from core.host.plugin import HostedPlugin

FOLDER = "plugins"
OWNERS_FOLDER = "owners"


class Opener:
    """Opens what loaded plugins declare. ``home`` is the folder under which each plugin gets one for each owner."""

    def __init__(self, dispatcher: Dispatcher, *, home: Path) -> None:
        self._dispatcher = dispatcher
        self._home = home

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
        return PluginContext(
            plugin_id=plugin.id,
            folder=self._folder(plugin, owner),
            config=_values(plugin, declared, given, owner),
            root=root,
            is_operators=not owner.name or given is None,
            granted_secrets=_granted(plugin, given),
        )

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
    if given is None or plugin.found.manifest is None:
        return None
    return {name: given.secrets[name] for name in plugin.found.manifest.secrets if name in given.secrets}


def _open_call(plugin: HostedPlugin, declared: AssetProvider | StorageBackend, owner: Owner) -> Call:
    return Call(
        plugin_id=plugin.id,
        contribution=declared.id,
        owner=owner.name,
        name="open",
        deadline=plugin.settings.deadlines.open,
    )
