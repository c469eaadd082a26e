"""What one tenant may use of the host: its plugins at one moment, as a render and a request see them."""

import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from core.api import (
    Catalogue,
    FetchedAsset,
    NotFound,
    Parameter,
    PluginContext,
    PluginFailed,
    Provider,
    Search,
    Storage,
)
from core.host.host import PluginHost
from core.host.kinds import Kind
from core.host.listeners import Event
from core.host.owner import Owner
from tenants.plugin_sets.failures import PluginNotEnabled
from tenants.plugin_sets.lending import API_KEY, Lender, LentProvider
from tenants.plugin_sets.standing import SetPlugin

TRIED_WORD = "sun"
"""What is looked for to try a key."""


class TenantPlugins:
    """A tenant's plugins as they were when it was made: work that has begun ends with what it began with.

    Make a new one for each request and job (``PluginSets.view``): it costs a few small queries, and so whatever is
    enabled, disabled or configured counts at once, in all processes. Stands wherever the engine takes ``Plugins``;
    like the host it may be used from any thread. Close it to close the providers that ``fetch`` opened. Without a
    ``lender`` there are no keys but those in configurations.
    """

    def __init__(
        self, host: PluginHost, owner: Owner, plugins: Iterable[SetPlugin], lender: Lender | None = None
    ) -> None:
        self._host = host
        self._owner = owner
        self._lender = lender
        self.plugins = tuple(plugins)
        self._out = frozenset(each.plugin_id for each in self.plugins if not each.standing.is_enabled)
        self._lock = threading.Lock()
        self._fetchers: dict[tuple[str, Path | None], Provider] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close what ``fetch`` opened; one that fails to close has done no harm but to itself."""
        with self._lock:
            opened = list(self._fetchers.values())
            self._fetchers.clear()
        for provider in opened:
            try:
                await provider.close()
            except PluginFailed:
                continue  # the host has kept it as the plugin's fault

    def catalogue(self, ids: Iterable[str] | None = None, *, kinds: Iterable[Kind] | None = None) -> Catalogue:
        """Return what the tenant's plugins contribute; see ``PluginHost.catalogue``."""
        return self._host.catalogue(ids, kinds=kinds, without=self._out)

    def why_not(self, contribution_id: str) -> str | None:
        """Say why the tenant can't use a contribution; None when no installed plugin has it or when it can."""
        for each in self.plugins:
            if each.why_not and any(contribution_id in ids for ids in each.contributes.values()):
                return each.why_not
        return self._host.why_not(contribution_id)

    async def open_provider(self, provider_id: str, *, root: Path | None = None) -> Provider:
        """Open a provider with the tenant's configuration; see ``PluginHost.open_provider``.

        One that asks for an API key which its configuration does not hold is lent the tenant's for each call, and works
        with the installation's where the tenant has none. Raise ``PluginNotEnabled``, which is a ``NotFound``, for one
        that is not in its set.
        """
        self._require(provider_id, Kind.ASSET_PROVIDERS)
        lender, plugin_id = self._lender, self._borrower(provider_id)
        if lender is None or plugin_id is None:
            return await self._host.open_provider(provider_id, root=root, owner=self._owner)

        async def open_with(secret: str | None) -> Provider:
            owner = self._owner if secret is None else self._owner.with_secret(plugin_id, API_KEY, secret)
            return await self._host.open_provider(provider_id, root=root, owner=owner)

        return LentProvider(plugin_id, lender, open_with)

    async def try_key(self, plugin_id: str, secret: str) -> None:
        """Let a plugin's provider try a key, by a search. Raise ``AuthFailed`` if it is refused.

        Raise ``NotFound`` for a plugin without providers; what else a search raises says nothing of the key.
        """
        found = next((each for each in self.plugins if each.plugin_id == plugin_id), None)
        ids = found.contributes.get(Kind.ASSET_PROVIDERS, ()) if found else ()
        if not ids:
            raise NotFound(f"there is no provider {plugin_id} to try the key with")
        self._require(ids[0], Kind.ASSET_PROVIDERS)
        [declared] = self._host.catalogue(ids[:1], kinds=[Kind.ASSET_PROVIDERS]).providers.values()
        owner = self._owner.with_secret(plugin_id, API_KEY, secret)
        provider = await self._host.open_provider(ids[0], owner=owner)
        try:
            await provider.search(Search(text=TRIED_WORD, kind=min(declared.kinds), per_page=3))
        finally:
            await provider.close()

    async def open_storage(self, storage_id: str) -> Storage:
        """Open a store with the tenant's configuration; else like ``open_provider``."""
        self._require(storage_id, Kind.STORAGE_BACKENDS)
        return await self._host.open_storage(storage_id, owner=self._owner)

    def context(self, contribution_id: str, *, root: Path | None = None) -> PluginContext:
        """Return what a provider or store of the tenant's is opened with; else like ``open_provider``."""
        self._require(contribution_id, Kind.ASSET_PROVIDERS, Kind.STORAGE_BACKENDS)
        return self._host.context(contribution_id, root=root, owner=self._owner)

    async def fetch(self, provider_id: str, asset_id: str, folder: Path, *, root: Path | None = None) -> FetchedAsset:
        """Bring one asset into ``folder``; the provider stays open until this view is closed."""
        with self._lock:
            provider = self._fetchers.get((provider_id, root))
        if provider is None:
            opened = await self.open_provider(provider_id, root=root)
            with self._lock:
                provider = self._fetchers.setdefault((provider_id, root), opened)
            if provider is not opened:
                await opened.close()
        return await provider.fetch(asset_id, folder)

    def check_file(self, parameter: Parameter, path: Path) -> None:
        """Let the plugin that declared an asset parameter look at the file that is given for it."""
        self._host.check_file(parameter, path, owner=self._owner)

    def record(self, failure: PluginFailed) -> None:
        """Count a failure that the engine met, for this tenant alone."""
        self._host.record(failure, owner=self._owner)

    def emit(self, event: Event) -> None:
        """Tell those of the tenant's plugins that listen."""
        self._host.emit(event, owner=self._owner, without=self._out)

    def _borrower(self, provider_id: str) -> str | None:
        """Return the plugin of a provider that wants to be lent a key; None for one that does not."""
        for each in self.plugins:
            if provider_id == each.plugin_id or provider_id in each.contributes.get(Kind.ASSET_PROVIDERS, ()):
                given = self._owner.given.get(each.plugin_id)
                has_own = given is not None and bool(given.secrets.get(API_KEY))
                return each.plugin_id if API_KEY in each.secrets and not has_own else None
        return None

    def _require(self, wanted: str, *kinds: Kind) -> None:
        """Refuse what is not in the set; ``wanted`` is a contribution's id, or its plugin's."""
        for each in self.plugins:
            named = {each.plugin_id, *(id_ for kind in kinds for id_ in each.contributes.get(kind, ()))}
            if each.why_not and wanted in named:
                raise PluginNotEnabled(f'"{wanted}" can\'t be used: {each.why_not}')
