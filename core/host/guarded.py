"""Open providers and stores as the host hands them out: every call goes through the dispatcher."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import UnionType

from core.api import AssetOffer, FetchedAsset, Provider, Search, SearchPage, Storage, StoredObject
from core.host.deadlines import Deadlines
from core.host.dispatch import Call, Dispatcher


class _Guarded:
    """What both have in common: whose they are and how they are called."""

    def __init__(
        self, dispatcher: Dispatcher, plugin_id: str, contribution: str, deadlines: Deadlines, owner: str
    ) -> None:
        self._dispatcher = dispatcher
        self._plugin_id = plugin_id
        self._owner = owner
        self._contribution = contribution
        self._deadlines = deadlines

    def _named(self, name: str, deadline: float, returns: type | UnionType | None = None) -> Call:
        return Call(
            plugin_id=self._plugin_id,
            contribution=self._contribution,
            owner=self._owner,
            name=name,
            deadline=deadline,
            returns=returns,
        )

    async def _ask[T](self, call: Call, function: Callable[[], Awaitable[T]]) -> T:
        return await self._dispatcher.arun(call, function)


class GuardedProvider(_Guarded):
    """A ``Provider`` whose every call may also raise ``PluginFailed``."""

    def __init__(
        self,
        inner: Provider,
        dispatcher: Dispatcher,
        plugin_id: str,
        contribution: str,
        deadlines: Deadlines,
        owner: str = "",
    ) -> None:
        super().__init__(dispatcher, plugin_id, contribution, deadlines, owner)
        self._inner = inner

    async def search(self, search: Search) -> SearchPage:
        """Return one page of offers."""
        call = self._named("search", self._deadlines.search, SearchPage)
        page = await self._ask(call, partial(self._inner.search, search))
        if strangers := [offer for offer in page.offers if not isinstance(offer, AssetOffer)]:
            raise self._dispatcher.blame(call, f"search offered {type(strangers[0]).__name__} instead of AssetOffer")
        return page

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Bring one asset into ``folder``, which it makes if need be; what lies elsewhere is the plugin's fault."""
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        call = self._named("fetch", self._deadlines.fetch, FetchedAsset)
        fetched = await self._ask(call, partial(self._inner.fetch, asset_id, folder))
        if problem := await asyncio.to_thread(_delivery_problem, fetched.path, folder):
            raise self._dispatcher.blame(call, f"fetch returned {problem}")
        return fetched

    async def close(self) -> None:
        """Release connections."""
        await self._ask(self._named("close", self._deadlines.open), self._inner.close)


def _delivery_problem(path: object, folder: Path) -> str:
    if not isinstance(path, Path):
        return f"{type(path).__name__} as path instead of a Path"
    if not path.resolve().is_relative_to(folder.resolve()):
        return f"{path}, which is not in the folder it was given"
    return "" if path.is_file() else f"{path.name}, which is no file"


class GuardedStorage(_Guarded):
    """A ``Storage`` whose every call may also raise ``PluginFailed``."""

    def __init__(
        self,
        inner: Storage,
        dispatcher: Dispatcher,
        plugin_id: str,
        contribution: str,
        deadlines: Deadlines,
        owner: str = "",
    ) -> None:
        super().__init__(dispatcher, plugin_id, contribution, deadlines, owner)
        self._inner = inner

    async def put(self, key: str, source: Path, *, content_type: str = "application/octet-stream") -> StoredObject:
        """Store a file whole or not at all."""
        call = self._named("put", self._deadlines.transfer, StoredObject)
        return await self._ask(call, partial(self._inner.put, key, source, content_type=content_type))

    async def stat(self, key: str) -> StoredObject:
        """Describe what is stored."""
        return await self._ask(self._named("stat", self._deadlines.store, StoredObject), partial(self._inner.stat, key))

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from ``start``, at most ``length`` of them."""
        return self._steps("read", bytes, lambda: self._inner.read(key, start=start, length=length))

    async def fetch(self, key: str, target: Path) -> StoredObject:
        """Copy what is stored into a new local file."""
        call = self._named("fetch", self._deadlines.transfer, StoredObject)
        return await self._ask(call, partial(self._inner.fetch, key, target))

    async def delete(self, key: str) -> None:
        """Remove it."""
        await self._ask(self._named("delete", self._deadlines.store), partial(self._inner.delete, key))

    def list(self, prefix: str = "") -> AsyncIterator[StoredObject]:
        """Yield what is stored under a prefix, in the order of the keys."""
        return self._steps("list", StoredObject, lambda: self._inner.list(prefix))

    async def link(self, key: str, *, expires_in: timedelta, filename: str | None = None) -> str | None:
        """Return a time-limited URL, or None."""
        call = self._named("link", self._deadlines.store, str | None)
        return await self._ask(call, partial(self._inner.link, key, expires_in=expires_in, filename=filename))

    async def close(self) -> None:
        """Release connections."""
        await self._ask(self._named("close", self._deadlines.open), self._inner.close)

    async def _steps[T](self, name: str, returns: type[T], start: Callable[[], AsyncIterator[T]]) -> AsyncIterator[T]:
        """Pull an iterator of the plugin's step by step, each step with its own deadline."""
        steps = _Steps(start)
        call = self._named(name, self._deadlines.store, list)
        try:
            while step := await self._ask(call, steps.take):
                if not isinstance(step[0], returns):
                    raise self._dispatcher.blame(
                        call, f"{name} gave {type(step[0]).__name__} instead of {returns.__name__}"
                    )
                yield step[0]
        finally:
            await self._ask(self._named(name, self._deadlines.store), steps.close)


class _Steps[T]:
    """An iterator that is made by its first step, so that the plugin's code runs on its own loop alone."""

    def __init__(self, start: Callable[[], AsyncIterator[T]]) -> None:
        self._start = start
        self._iterator: AsyncIterator[T] | None = None

    async def take(self) -> list[T]:
        """Return the next item in a list, or an empty one at the end."""
        if self._iterator is None:
            self._iterator = aiter(self._start())
        try:
            return [await anext(self._iterator)]
        except StopAsyncIteration:
            return []

    async def close(self) -> None:
        """Let a generator that was not read to its end clean up."""
        close = getattr(self._iterator, "aclose", None)
        if close is not None:
            await close()
