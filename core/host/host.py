"""The plugin host: finds, loads, calls and watches plugins. The one thing of this package that the house holds."""

import asyncio
import importlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

from core.api import (
    API_VERSION,
    Animation,
    AssetProvider,
    Catalogue,
    Effect,
    Encoder,
    FetchedAsset,
    JsonValue,
    NotFound,
    PluginContext,
    PluginFailed,
    PluginFault,
    Provider,
    ReelhouseError,
    RenderFinished,
    Storage,
    StorageBackend,
    Transition,
    Values,
    did_you_mean,
)
from core.host.configuration import check_config, checked, configured
from core.host.discovery import FoundPlugin, discover
from core.host.dispatch import Call, Dispatcher
from core.host.faults import Fault, FaultLog
from core.host.guarded import GuardedProvider, GuardedStorage
from core.host.kinds import Contribution, Kind
from core.host.manifest import Manifest
from core.host.registry import Registry, collected
from core.host.settings import SAFE_MODE_VARIABLE, PluginSettings, Settings, find_settings, read_settings
from core.host.state import PluginState, PluginStatus

type Event = RenderFinished | PluginFault

_HOOKS_OF_EVENTS: Mapping[type[Event], str] = {
    RenderFinished: "reelhouse_render_finished",
    PluginFault: "reelhouse_fault",
}


class _Plugin:
    """A plugin in the host's hands, with what has become of it."""

    def __init__(self, found: FoundPlugin, settings: PluginSettings, *, is_listed: bool) -> None:
        self.found = found
        self.settings = settings
        self.is_listed = is_listed
        self.status = PluginStatus.ENABLED
        self.cause = ""
        self.hint = ""
        self.load_seconds: float | None = None

    def stop(self, status: PluginStatus, cause: str, hint: str = "") -> None:
        self.status, self.cause, self.hint = status, cause, hint


class PluginHost:
    """All plugins of an installation. May be used from any thread.

    Nothing is imported until ``catalogue``, ``open_provider``, ``open_storage`` or ``emit`` needs it. ``close``
    releases what was opened; a host that is merely dropped holds up nothing.
    """

    def __init__(
        self,
        found: Iterable[FoundPlugin],
        settings: Settings,
        *,
        home: Path,
        is_safe_mode: bool = False,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._home = home
        self._clock = clock
        self._lock = threading.RLock()
        self._registry = Registry()
        self._faults = FaultLog(now)
        self._dispatcher = Dispatcher(self._faults, clock=clock, on_fault=self._tell_of_fault)
        self._plugins: dict[str, _Plugin] = {}
        self._shadowed: list[_Plugin] = []
        self._fetchers: dict[tuple[str, Path | None], Provider] = {}
        for each in found:
            plugin = _Plugin(each, settings.of(each.id), is_listed=each.id in settings.plugins)
            self._assess(plugin, is_safe_mode=is_safe_mode)
            if each.id in self._plugins:
                self._shadowed.append(plugin)
            else:
                self._plugins[each.id] = plugin
        self._missing = tuple(sorted(set(settings.plugins) - set(self._plugins)))

    @classmethod
    def load(cls, settings_path: Path | None = None, *, home: Path) -> Self:
        """Find what is installed and read ``plugins.toml`` (see ``find_settings``).

        ``REELHOUSE_SAFE_MODE=1`` leaves everything but Reelhouse's own plugins alone. Raise ``InvalidInput`` for a
        settings file that is wrong.
        """
        path = settings_path or find_settings(home)
        return cls(
            discover(),
            read_settings(path) if path else Settings(),
            home=home,
            is_safe_mode=os.environ.get(SAFE_MODE_VARIABLE, "") not in ("", "0"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the plugins' loops and what lives on them."""
        with self._lock:
            self._fetchers.clear()
        self._dispatcher.close()

    def plugins(self) -> tuple[PluginState, ...]:
        """Return the state of every plugin that is installed or listed, sorted by id."""
        with self._lock:
            installed = [self._state(plugin) for plugin in (*self._plugins.values(), *self._shadowed)]
        missing = [
            PluginState(
                id=plugin_id,
                status=PluginStatus.MISSING,
                cause="plugins.toml lists it and it is not installed",
                hint="install it, or remove its line",
                is_listed=True,
            )
            for plugin_id in self._missing
        ]
        return tuple(sorted((*installed, *missing), key=lambda state: (state.id, state.distribution)))

    def plugin(self, plugin_id: str) -> PluginState:
        """Load one plugin if it is enabled, and return its state; raise ``NotFound`` for an unknown id."""
        with self._lock:
            plugin = self._plugins.get(plugin_id)
            if plugin is not None:
                self._ensure(plugin)
        state = next((state for state in self.plugins() if state.id == plugin_id), None)
        if state is None:
            raise NotFound(
                f'there is no plugin "{plugin_id}"{did_you_mean(plugin_id, self._plugins)}',
                hint="`reelhouse plugin list` shows what there is",
            )
        return state

    def catalogue(self, ids: Iterable[str] | None = None) -> Catalogue:
        """Return what the usable plugins contribute, imported as needed.

        With ``ids``, only plugins that contribute one of these (by their manifests) are imported and included.
        """
        wanted = None if ids is None else frozenset(ids)
        with self._lock:
            loaded = [
                plugin
                for plugin in self._in_order()
                if (wanted is None or (plugin.found.manifest and plugin.found.manifest.ids & wanted))
                and self._ensure(plugin)
            ]
            return self._catalogue_of(loaded)

    def why_not(self, contribution_id: str) -> str | None:
        """Say why a contribution can't be used; None when no installed plugin has it or when it can."""
        with self._lock:
            for plugin in self._in_order():
                manifest = plugin.found.manifest
                if manifest and contribution_id in manifest.ids and not self._ensure(plugin):
                    return f"the plugin {plugin.found.id} is {plugin.status}: {plugin.cause}"
        return None

    async def open_provider(self, provider_id: str, *, root: Path | None = None) -> Provider:
        """Open a provider by its id, or by its plugin's where that has but one.

        ``root`` is the folder that ``file:`` names are relative to. Raise ``NotFound`` for an unknown one (or say why
        it can't be used), ``ConfigInvalid`` for what is wrong in ``plugins.toml``, ``PluginFailed`` for a fault.
        """
        plugin, declared = await asyncio.to_thread(self._find, provider_id, Kind.ASSET_PROVIDERS, AssetProvider)
        values = configured(declared.params, plugin.settings.config)
        context = self._context(plugin, values, root)
        call = Call(
            plugin_id=plugin.found.id,
            contribution=declared.id,
            name="open",
            deadline=plugin.settings.deadlines.open,
        )
        inner = await self._dispatcher.arun(call, partial(declared.open, context))
        self._require(call, inner, ("search", "fetch", "close"))
        return GuardedProvider(inner, self._dispatcher, plugin.found.id, declared.id, plugin.settings.deadlines)

    async def open_storage(self, storage_id: str, config: Mapping[str, JsonValue] | None = None) -> Storage:
        """Open a store with ``config``, else with what ``plugins.toml`` says. Errors as ``open_provider``."""
        plugin, declared = await asyncio.to_thread(self._find, storage_id, Kind.STORAGE_BACKENDS, StorageBackend)
        values = (
            configured(declared.params, plugin.settings.config) if config is None else checked(declared.params, config)
        )
        context = self._context(plugin, values, None)
        call = Call(
            plugin_id=plugin.found.id,
            contribution=declared.id,
            name="open",
            deadline=plugin.settings.deadlines.open,
        )
        inner = await self._dispatcher.arun(call, partial(declared.open, context))
        self._require(call, inner, ("put", "stat", "read", "fetch", "delete", "list", "link", "close"))
        return GuardedStorage(inner, self._dispatcher, plugin.found.id, declared.id, plugin.settings.deadlines)

    async def fetch(self, provider_id: str, asset_id: str, folder: Path, *, root: Path | None = None) -> FetchedAsset:
        """Bring one asset of a provider into ``folder``; the provider stays open for the next call.

        Errors as ``open_provider``, and what the provider raises on purpose.
        """
        with self._lock:
            provider = self._fetchers.get((provider_id, root))
        if provider is None:
            provider = await self.open_provider(provider_id, root=root)
            with self._lock:
                provider = self._fetchers.setdefault((provider_id, root), provider)
        return await provider.fetch(asset_id, folder)

    def emit(self, event: Event) -> None:
        """Tell the plugins that listen and are enabled, or loaded anyway; wait until all have heard or hang.

        What a listener raises is kept as its fault and changes nothing else.
        """
        with self._lock:
            for plugin in self._in_order():
                if plugin.found.manifest is not None and plugin.found.manifest.listens:
                    self._ensure(plugin)
        self._tell(event)

    def record(self, failure: PluginFailed) -> None:
        """Count a failure that the engine met outside the host (an effect's kernel, an encoder's session)."""
        plugin_id = failure.plugin.split(" ")[0]
        call = Call(plugin_id=plugin_id, contribution=failure.contribution, name="draw", deadline=0)
        self._dispatcher.blame(call, failure.cause)

    def resume(self, plugin_id: str) -> None:
        """Let a paused plugin be called again at once."""
        self._dispatcher.resume(plugin_id)

    def _assess(self, plugin: _Plugin, *, is_safe_mode: bool) -> None:
        found, manifest = plugin.found, plugin.found.manifest
        if manifest is None:
            plugin.stop(PluginStatus.INVALID, found.problem, "mend it or uninstall it; see docs/plugins.md")
        elif not plugin.settings.is_enabled:
            cause = "plugins.toml disables it" if plugin.is_listed else "plugins.toml does not list it"
            plugin.stop(PluginStatus.DISABLED, cause, "set enabled = true for it in plugins.toml")
        elif is_safe_mode and not found.is_first_party:
            plugin.stop(
                PluginStatus.DISABLED,
                "safe mode loads Reelhouse's own plugins alone",
                f"unset {SAFE_MODE_VARIABLE}",
            )
        elif not manifest.fits_this_api:
            plugin.stop(
                PluginStatus.INCOMPATIBLE,
                f"it asks for api {manifest.api} and this installation offers {API_VERSION}",
                "install a version of the plugin, or of Reelhouse, that fits",
            )

    def _in_order(self) -> Iterable[_Plugin]:
        return list(self._plugins.values())

    def _ensure(self, plugin: _Plugin) -> bool:
        """Load a plugin that is enabled and not yet loaded; tell whether it is active."""
        if plugin.status is PluginStatus.ENABLED and plugin.found.manifest is not None:
            try:
                self._load(plugin, plugin.found.manifest)
                plugin.status = PluginStatus.ACTIVE
            except ReelhouseError as err:
                self._registry.remove(plugin.found.id)
                cause = err.cause if isinstance(err, PluginFailed) else str(err)
                if not isinstance(err, PluginFailed):
                    self._faults.add(plugin.found.id, "", "load", cause)
                plugin.stop(PluginStatus.FAULTED, cause, f"`reelhouse plugin show {plugin.found.id}` tells more")
        return plugin.status is PluginStatus.ACTIVE

    def _load(self, plugin: _Plugin, manifest: Manifest) -> None:
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

    def _catalogue_of(self, plugins: Iterable[_Plugin]) -> Catalogue:
        by_kind: dict[Kind, dict[str, Contribution]] = {kind: {} for kind in Kind}
        versions: dict[str, str] = {}
        for plugin in plugins:
            manifest = plugin.found.manifest
            if manifest is None:
                continue
            version = f"{manifest.id} {manifest.version}"
            for kind, contributions in self._registry.declared(manifest.id).items():
                for each in contributions:
                    by_kind[kind][each.id] = each
                    # One id may name, say, a transition and an animation of two plugins: both versions count.
                    others = versions.get(each.id, "").split(" + ")
                    if version not in others:
                        versions[each.id] = " + ".join(filter(None, (*others, version)))
        return _catalogue(by_kind, versions)

    def _find[T: (AssetProvider, StorageBackend)](
        self, wanted: str, kind: Kind, declared_as: type[T]
    ) -> tuple[_Plugin, T]:
        with self._lock:
            for plugin in self._in_order():
                manifest = plugin.found.manifest
                ids: tuple[str, ...] = manifest.contributes.get(kind, ()) if manifest else ()
                names = {*ids, plugin.found.id} if len(ids) == 1 else set(ids)
                if wanted not in names:
                    continue
                if not self._ensure(plugin):
                    raise NotFound(f'"{wanted}" can\'t be used: {plugin.found.id} is {plugin.status}: {plugin.cause}')
                for each in self._registry.declared(plugin.found.id)[kind]:
                    if isinstance(each, declared_as) and (each.id == wanted or plugin.found.id == wanted):
                        return plugin, each
            known = [
                id_
                for plugin in self._in_order()
                if plugin.found.manifest
                for id_ in plugin.found.manifest.contributes.get(kind, ())
            ]
        raise NotFound(f'there is no {kind.noun} "{wanted}"{did_you_mean(wanted, known)}')

    def _context(self, plugin: _Plugin, values: Values, root: Path | None) -> PluginContext:
        folder = self._home / "plugins" / plugin.found.id
        folder.mkdir(parents=True, exist_ok=True)
        return PluginContext(plugin_id=plugin.found.id, folder=folder, config=values, root=root)

    def _require(self, call: Call, opened: object, methods: Iterable[str]) -> None:
        lacking = [name for name in methods if not callable(getattr(opened, name, None))]
        if lacking:
            raise self._dispatcher.blame(
                call, f"open returned {type(opened).__name__}, which has no {', '.join(lacking)}"
            )

    def _tell(self, event: Event, *, but: str = "") -> None:
        hook = _HOOKS_OF_EVENTS[type(event)]
        for plugin_id in self._registry.implementers(hook):
            plugin = self._plugins.get(plugin_id)
            implementation = self._registry.implementation(plugin_id, hook)
            if plugin_id == but or plugin is None or implementation is None:
                continue
            call = Call(plugin_id=plugin_id, name=hook, deadline=plugin.settings.deadlines.event)
            try:
                self._dispatcher.run(call, partial(implementation, event=event))
            except ReelhouseError as err:
                if not isinstance(err, PluginFailed):
                    self._faults.add(plugin_id, "", hook, str(err))

    def _tell_of_fault(self, fault: Fault) -> None:
        hook = _HOOKS_OF_EVENTS[PluginFault]
        if fault.call == hook or not self._registry.implementers(hook):
            return  # a fault in telling of faults is kept, not told: it would never end
        event = PluginFault(
            plugin_id=fault.plugin_id, contribution=fault.contribution, call=fault.call, cause=fault.cause
        )
        # The fault may be met inside an event loop, and a listener may hang: nobody waits for it.
        threading.Thread(target=self._tell, args=(event,), kwargs={"but": fault.plugin_id}, daemon=True).start()

    def _state(self, plugin: _Plugin) -> PluginState:
        found = plugin.found
        state = PluginState(
            id=found.id,
            status=plugin.status,
            cause=plugin.cause,
            hint=plugin.hint,
            is_listed=plugin.is_listed,
            is_first_party=found.is_first_party,
            distribution=found.distribution,
            distribution_version=found.distribution_version,
            path=found.path,
            manifest=found.manifest,
            declared=self._registry.declared(found.id) if plugin.status is PluginStatus.ACTIVE else {},
            faults=self._faults.of(found.id),
            load_seconds=plugin.load_seconds,
        )
        paused = self._dispatcher.paused_for(found.id)
        if plugin.status is PluginStatus.ACTIVE and paused > 0:
            latest = state.faults[-1].cause if state.faults else "it failed"
            return replace(
                state,
                status=PluginStatus.PAUSED,
                cause=f"it failed too often, the last time with: {latest}",
                hint=f"it is tried again in {paused:.0f} s",
            )
        return state


def _collect(kind: Kind, implementation: Callable[..., object]) -> tuple[Contribution, ...]:
    return collected(kind, implementation())


def _catalogue(by_kind: Mapping[Kind, Mapping[str, Contribution]], versions: Mapping[str, str]) -> Catalogue:
    def only[T](kind: Kind, declared_as: type[T]) -> dict[str, T]:
        return {id_: each for id_, each in by_kind[kind].items() if isinstance(each, declared_as)}

    return Catalogue(
        effects=only(Kind.EFFECTS, Effect),
        transitions=only(Kind.TRANSITIONS, Transition),
        animations=only(Kind.ANIMATIONS, Animation),
        encoders=only(Kind.ENCODERS, Encoder),
        providers=only(Kind.ASSET_PROVIDERS, AssetProvider),
        storage=only(Kind.STORAGE_BACKENDS, StorageBackend),
        versions=versions,
    )
