"""Listeners: the plugins that hear of events, each told through the dispatcher."""

import threading
from collections.abc import Collection, Mapping
from functools import partial

from core.api import PluginFailed, PluginFault, ReelhouseError, RenderFinished
from core.host.dispatch import Call, Dispatcher
from core.host.faults import Fault, FaultLog
from core.host.plugin import HostedPlugin
from core.host.registry import Registry

type Event = RenderFinished | PluginFault

_HOOKS: Mapping[type[Event], str] = {
    RenderFinished: "reelhouse_render_finished",
    PluginFault: "reelhouse_fault",
}


class Listeners:
    """Tells loaded plugins of events. May be used from any thread.

    What a listener raises is kept as its fault and changes nothing else.
    """

    def __init__(
        self, plugins: Mapping[str, HostedPlugin], registry: Registry, dispatcher: Dispatcher, faults: FaultLog
    ) -> None:
        self._plugins = plugins
        self._registry = registry
        self._dispatcher = dispatcher
        self._faults = faults

    def tell(self, event: Event, *, without: Collection[str] = (), owner: str = "") -> None:
        """Tell all that listen, on behalf of an owner, but those ``without`` names; wait until all heard or hang."""
        hook = _HOOKS[type(event)]
        for plugin_id in self._registry.implementers(hook):
            plugin = self._plugins.get(plugin_id)
            implementation = self._registry.implementation(plugin_id, hook)
            if plugin_id in without or plugin is None or implementation is None:
                continue
            call = Call(plugin_id=plugin_id, owner=owner, name=hook, deadline=plugin.settings.deadlines.event)
            try:
                self._dispatcher.run(call, partial(implementation, event=event))
            except ReelhouseError as err:
                if not isinstance(err, PluginFailed):
                    self._faults.add(plugin_id, "", hook, str(err), owner=owner)

    def tell_of_fault(self, fault: Fault) -> None:
        """Tell all but the plugin whose fault it is, and do not wait."""
        hook = _HOOKS[PluginFault]
        if fault.call == hook or not self._registry.implementers(hook):
            return  # a fault in telling of faults is kept, not told: it would never end
        event = PluginFault(
            plugin_id=fault.plugin_id, contribution=fault.contribution, call=fault.call, cause=fault.cause
        )
        # The fault may be met inside an event loop, and a listener may hang: nobody waits for it.
        threading.Thread(target=self.tell, args=(event,), kwargs={"without": (fault.plugin_id,)}, daemon=True).start()
