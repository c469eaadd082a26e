"""Opening providers and stores: with their configuration and a folder of their own, and guarded from then on."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from core.api import AssetProvider, JsonValue, PluginContext, Provider, Storage, StorageBackend, Values
from core.host.configuration import checked, configured
from core.host.dispatch import Call, Dispatcher
from core.host.guarded import GuardedProvider, GuardedStorage
from core.host.plugin import HostedPlugin


class Opener:
    """Opens what loaded plugins declare. ``home`` is the folder under which each plugin gets one."""

    def __init__(self, dispatcher: Dispatcher, *, home: Path) -> None:
        self._dispatcher = dispatcher
        self._home = home

    async def provider(self, plugin: HostedPlugin, declared: AssetProvider, *, root: Path | None) -> Provider:
        """Open a provider. Raise ``ConfigInvalid`` for what ``plugins.toml`` lacks and ``PluginFailed`` for a fault."""
        call = _open_call(plugin, declared)
        context = self._context(plugin, configured(declared.params, plugin.settings.config), root)
        inner = await self._dispatcher.arun(call, partial(declared.open, context))
        self._require(call, inner, ("search", "fetch", "close"))
        return GuardedProvider(inner, self._dispatcher, plugin.id, declared.id, plugin.settings.deadlines)

    async def storage(
        self, plugin: HostedPlugin, declared: StorageBackend, *, config: Mapping[str, JsonValue] | None
    ) -> Storage:
        """Open a store with ``config``, else with what ``plugins.toml`` says. Errors as ``provider``."""
        call = _open_call(plugin, declared)
        values = (
            configured(declared.params, plugin.settings.config) if config is None else checked(declared.params, config)
        )
        inner = await self._dispatcher.arun(call, partial(declared.open, self._context(plugin, values, None)))
        self._require(call, inner, ("put", "stat", "read", "fetch", "delete", "list", "link", "close"))
        return GuardedStorage(inner, self._dispatcher, plugin.id, declared.id, plugin.settings.deadlines)

    def _context(self, plugin: HostedPlugin, values: Values, root: Path | None) -> PluginContext:
        folder = self._home / "plugins" / plugin.id
        folder.mkdir(parents=True, exist_ok=True)
        return PluginContext(plugin_id=plugin.id, folder=folder, config=values, root=root)

    def _require(self, call: Call, opened: object, methods: Iterable[str]) -> None:
        lacking = [name for name in methods if not callable(getattr(opened, name, None))]
        if lacking:
            raise self._dispatcher.blame(
                call, f"open returned {type(opened).__name__}, which has no {', '.join(lacking)}"
            )


def _open_call(plugin: HostedPlugin, declared: AssetProvider | StorageBackend) -> Call:
    return Call(plugin_id=plugin.id, contribution=declared.id, name="open", deadline=plugin.settings.deadlines.open)
