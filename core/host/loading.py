"""Loading: a plugin is imported, its hooks are registered, and what they declare is collected and checked."""

import importlib
from collections.abc import Callable
from functools import partial
from types import ModuleType

from core.api import PluginFailed, ReelhouseError
from core.host.configuration import check_config
from core.host.dispatch import Call, Dispatcher
from core.host.faults import FaultLog
from core.host.kinds import Contribution, Kind
from core.host.manifest import Manifest
from core.host.plugin import HostedPlugin
from core.host.registry import Registry, collected
from core.host.state import PluginStatus


class Loader:
    """Loads plugins into a registry. Not thread-safe: its owner locks. ``clock`` gives seconds of a steady clock."""

    def __init__(
        self, registry: Registry, dispatcher: Dispatcher, faults: FaultLog, *, clock: Callable[[], float]
    ) -> None:
        self._registry = registry
        self._dispatcher = dispatcher
        self._faults = faults
        self._clock = clock

    def ensure(self, plugin: HostedPlugin) -> bool:
        """Load a plugin that is enabled and not yet loaded; tell whether it is active.

        One that fails is left out, and changes nothing: its status and faults say why.
        """
        if plugin.status is PluginStatus.ENABLED and plugin.found.manifest is not None:
            try:
                self._load(plugin, plugin.found.manifest)
                plugin.status = PluginStatus.ACTIVE
            except ReelhouseError as err:
                self._registry.remove(plugin.id)
                cause = err.cause if isinstance(err, PluginFailed) else str(err)
                if not isinstance(err, PluginFailed):
                    self._faults.add(plugin.id, "", "load", cause)
                plugin.stop(PluginStatus.FAULTED, cause, f"`reelhouse plugin show {plugin.id}` tells more")
        return plugin.status is PluginStatus.ACTIVE

    def _load(self, plugin: HostedPlugin, manifest: Manifest) -> None:
        deadlines = plugin.settings.deadlines
        started = self._clock()
        try:
            module = self._dispatcher.run(
                Call(plugin_id=manifest.id, name="import", deadline=deadlines.load, returns=ModuleType),
                partial(importlib.import_module, manifest.module),
            )
        finally:
            plugin.load_seconds = self._clock() - started
        self._registry.register(manifest, module)
        declared = {}
        for kind in Kind:
            implementation = self._registry.implementation(manifest.id, kind.hook)
            declared[kind] = (
                self._dispatcher.run(
                    Call(plugin_id=manifest.id, name=kind.hook, deadline=deadlines.collect),
                    partial(_collect, kind, implementation),
                )
                if implementation
                else ()
            )
        self._registry.declare(manifest, declared)
        check_config(plugin.settings.config, declared)


def _collect(kind: Kind, implementation: Callable[..., object]) -> tuple[Contribution, ...]:
    return collected(kind, implementation())
