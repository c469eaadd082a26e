"""The plugin host: finds, loads, calls and watches plugins. The one thing of this package that the house holds."""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from core.api import (
    AssetProvider,
    Catalogue,
    FetchedAsset,
    JsonValue,
    NotFound,
    Parameter,
    PluginContext,
    PluginFailed,
    Provider,
    Storage,
    StorageBackend,
    did_you_mean,
)
from core.host.blocking import NOTHING_BLOCKED, BlockList, read_block_list
from core.host.catalogues import catalogue_of
from core.host.discovery import FoundPlugin, discover
from core.host.dispatch import Call, Dispatcher
from core.host.faults import FaultLog
from core.host.health import Health
from core.host.kinds import Kind
from core.host.listeners import Event, Listeners
from core.host.loading import Loader
from core.host.opening import Opener
from core.host.owner import INSTALLATION, Owner
from core.host.plugin import HostedPlugin
from core.host.registry import Registry
from core.host.settings import SAFE_MODE_VARIABLE, Settings, find_settings, read_settings
from core.host.shelf import MARKET, put_on_path
from core.host.state import PluginState, PluginStatus


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
        blocked: BlockList = NOTHING_BLOCKED,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._lock = threading.RLock()
        self._home = home
        self._settings = settings
        self._is_safe_mode = is_safe_mode
        self._plugins: dict[str, HostedPlugin] = {}
        self._shadowed: list[HostedPlugin] = []
        for each in found:
            plugin = self._hosted(each, blocked)
            if each.id in self._plugins:
                self._shadowed.append(plugin)
            else:
                self._plugins[each.id] = plugin
        self._registry = Registry()
        self._now = now
        self._faults = FaultLog(now)
        self._dispatcher = Dispatcher(
            self._faults, clock=clock, on_fault=lambda fault: self._listeners.tell_of_fault(fault)
        )
        self._listeners = Listeners(self._plugins, self._registry, self._dispatcher, self._faults)
        self._loader = Loader(self._registry, self._dispatcher, self._faults, clock=clock)
        self._opener = Opener(self._dispatcher, home=home, network=settings.network)
        self._fetchers: dict[tuple[str, Path | None], Provider] = {}

    @classmethod
    def load(cls, settings_path: Path | None = None, *, home: Path) -> Self:
        """Find what is installed and read ``plugins.toml`` (see ``find_settings``).

        ``REELHOUSE_SAFE_MODE=1`` leaves everything but Reelhouse's own plugins alone. Raise ``InvalidInput`` for a
        settings file that is wrong.
        """
        path = settings_path or find_settings(home)
        is_safe_mode = os.environ.get(SAFE_MODE_VARIABLE, "") not in ("", "0")
        if not is_safe_mode:
            put_on_path(home)
        return cls(
            discover(),
            read_settings(path) if path else Settings(),
            home=home,
            is_safe_mode=is_safe_mode,
            blocked=read_block_list(home / MARKET),
        )

    def find_more(self) -> tuple[str, ...]:
        """Take in plugins that were installed meanwhile, and return their ids.

        Those that are known stay as they are: Python can't replace code that runs. In safe mode nothing is taken in.
        """
        if self._is_safe_mode:
            return ()
        put_on_path(self._home)
        blocked = read_block_list(self._home / MARKET)
        with self._lock:
            new = {each.id: self._hosted(each, blocked) for each in discover() if each.id not in self._plugins}
            self._plugins.update(new)
        return tuple(new)

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
            for plugin_id in sorted(set(self._settings.plugins) - set(self._plugins))
        ]
        return tuple(sorted((*installed, *missing), key=lambda state: (state.id, state.distribution)))

    def plugin(self, plugin_id: str) -> PluginState:
        """Load one plugin if it is enabled, and return its state; raise ``NotFound`` for an unknown id."""
        with self._lock:
            plugin = self._plugins.get(plugin_id)
            if plugin is not None:
                self._loader.ensure(plugin)
        state = next((state for state in self.plugins() if state.id == plugin_id), None)
        if state is None:
            raise NotFound(
                f'there is no plugin "{plugin_id}"{did_you_mean(plugin_id, self._plugins)}',
                hint="`reelhouse plugin list` shows what there is",
            )
        return state

    def catalogue(
        self,
        ids: Iterable[str] | None = None,
        *,
        kinds: Iterable[Kind] | None = None,
        without: Collection[str] = (),
    ) -> Catalogue:
        """Return what the usable plugins contribute, imported as needed.

        With ``ids`` or ``kinds``, only plugins that contribute one of these (by their manifests) are imported and
        included; the plugins ``without`` names are not.
        """
        wanted = None if ids is None else frozenset(ids)
        sought = None if kinds is None else frozenset(kinds)
        with self._lock:
            manifests = [
                plugin.found.manifest
                for plugin in self._plugins.values()
                if plugin.id not in without
                and (wanted is None or plugin.ids & wanted)
                and (sought is None or plugin.kinds & sought)
                and self._loader.ensure(plugin)
                and plugin.found.manifest
            ]
            return catalogue_of(manifests, self._registry)

    def why_not(self, contribution_id: str) -> str | None:
        """Say why a contribution can't be used; None when no installed plugin has it or when it can."""
        with self._lock:
            for plugin in self._plugins.values():
                if contribution_id in plugin.ids and not self._loader.ensure(plugin):
                    return f"the plugin {plugin.id} is {plugin.status}: {plugin.cause}"
        return None

    async def open_provider(
        self, provider_id: str, *, root: Path | None = None, owner: Owner = INSTALLATION
    ) -> Provider:
        """Open a provider for an owner, by its id or by its plugin's where that has but one.

        ``root`` is the folder that ``file:`` names are relative to. Raise ``NotFound`` for an unknown one (or say why
        it can't be used), ``ConfigInvalid`` for what is wrong in its configuration, ``PluginFailed`` for a fault.
        """
        plugin, declared = await asyncio.to_thread(self._find, provider_id, Kind.ASSET_PROVIDERS, AssetProvider)
        return await self._opener.provider(plugin, declared, root=root, owner=owner)

    async def open_storage(
        self, storage_id: str, config: Mapping[str, JsonValue] | None = None, *, owner: Owner = INSTALLATION
    ) -> Storage:
        """Open a store with ``config``, else with its owner's. Errors as ``open_provider``."""
        plugin, declared = await asyncio.to_thread(self._find, storage_id, Kind.STORAGE_BACKENDS, StorageBackend)
        return await self._opener.storage(plugin, declared, config=config, owner=owner)

    def context(self, contribution_id: str, *, root: Path | None = None, owner: Owner = INSTALLATION) -> PluginContext:
        """Return what a provider or store would be opened with for an owner. Errors as ``open_provider``."""
        with self._lock:
            providers = {id_ for _, ids in self._contributing(Kind.ASSET_PROVIDERS) for id_ in ids}
        plugin, declared = (
            self._find(contribution_id, Kind.ASSET_PROVIDERS, AssetProvider)
            if contribution_id in providers
            else self._find(contribution_id, Kind.STORAGE_BACKENDS, StorageBackend)
        )
        return self._opener.context(plugin, declared, root=root, owner=owner)

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

    def check_file(self, parameter: Parameter, path: Path, *, owner: Owner = INSTALLATION) -> None:
        """Let the plugin that declared an asset parameter look at the file that is given for it.

        Raise ``InvalidInput`` where it can't be used, ``PluginFailed`` where looking at it failed.
        """
        if parameter.check is None:
            return
        with self._lock:
            plugin, contribution = next(
                (plugin, contribution)
                for plugin in self._plugins.values()
                for contributions in self._registry.declared(plugin.id).values()
                for contribution in contributions
                if any(declared is parameter for declared in contribution.params)
            )
        call = Call(
            plugin_id=plugin.id,
            contribution=contribution.id,
            owner=owner.name,
            name="check",
            deadline=plugin.settings.deadlines.check,
        )
        self._dispatcher.run(call, partial(parameter.check, path))

    def emit(self, event: Event, *, owner: Owner = INSTALLATION, without: Collection[str] = ()) -> None:
        """Tell the plugins that listen and are enabled, or loaded anyway; wait until all have heard or hang.

        On behalf of an owner, and not those that ``without`` names. What a listener raises is kept as its fault and
        changes nothing else.
        """
        with self._lock:
            for plugin in self._plugins.values():
                manifest = plugin.found.manifest
                if manifest is not None and manifest.listens and plugin.id not in without:
                    self._loader.ensure(plugin)
        self._listeners.tell(event, without=without, owner=owner.name)

    def record(self, failure: PluginFailed, *, owner: Owner = INSTALLATION) -> None:
        """Count a failure that the engine met outside the host (an effect's kernel, an encoder's session)."""
        plugin_id = failure.plugin.split(" ")[0]
        call = Call(plugin_id=plugin_id, contribution=failure.contribution, owner=owner.name, name="draw", deadline=0)
        self._dispatcher.blame(call, failure.cause)

    def resume(self, plugin_id: str, *, owner: Owner = INSTALLATION) -> None:
        """Let a plugin that is paused for an owner be called again at once."""
        self._dispatcher.resume(plugin_id, owner.name)

    def health(self, plugin_id: str, *, owner: Owner = INSTALLATION) -> Health:
        """Tell how a plugin fares for an owner; one that was never called is well."""
        standing = self._dispatcher.standing(plugin_id, owner.name)
        faults = self._faults.of(plugin_id, owner.name)
        if standing.seconds_failing is None:
            return Health(faults=faults)
        return Health(
            state=standing.state,
            cause=faults[-1].cause if faults else "",
            since=self._now() - timedelta(seconds=standing.seconds_failing),
            retry_in=standing.seconds_left,
            faults=faults,
        )

    def release(self, owner: Owner) -> None:
        """Stop an owner's event loops; what was opened for it can't be used any more."""
        self._dispatcher.release(owner.name)

    def _find[T: (AssetProvider, StorageBackend)](
        self, wanted: str, kind: Kind, declared_as: type[T]
    ) -> tuple[HostedPlugin, T]:
        with self._lock:
            for plugin, ids in self._contributing(kind):
                if wanted not in ids and not (wanted == plugin.id and len(ids) == 1):
                    continue
                if not self._loader.ensure(plugin):
                    raise NotFound(f'"{wanted}" can\'t be used: {plugin.id} is {plugin.status}: {plugin.cause}')
                for each in self._registry.declared(plugin.id)[kind]:
                    if isinstance(each, declared_as) and wanted in (each.id, plugin.id):
                        return plugin, each
            known = [id_ for _, ids in self._contributing(kind) for id_ in ids]
        raise NotFound(f'there is no {kind.noun} "{wanted}"{did_you_mean(wanted, known)}')

    def _contributing(self, kind: Kind) -> Iterator[tuple[HostedPlugin, tuple[str, ...]]]:
        """Yield the plugins that contribute a kind, by their manifests, with the ids."""
        for plugin in self._plugins.values():
            if plugin.found.manifest and (ids := plugin.found.manifest.contributes.get(kind, ())):
                yield plugin, ids

    def _hosted(self, found: FoundPlugin, blocked: BlockList) -> HostedPlugin:
        return HostedPlugin(
            found,
            self._settings.of(found.id),
            is_listed=found.id in self._settings.plugins,
            is_safe_mode=self._is_safe_mode,
            blocked=blocked,
        )

    def _state(self, plugin: HostedPlugin) -> PluginState:
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
        health = self.health(found.id)
        if plugin.status is PluginStatus.ACTIVE and health.retry_in > 0:
            return replace(
                state,
                status=PluginStatus.PAUSED,
                cause=f"it failed too often, the last time with: {health.cause}",
                hint=f"it is tried again in {health.retry_in:.0f} s",
            )
        return state
