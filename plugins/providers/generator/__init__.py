"""A provider that makes what it delivers: scenes, stills, tones and music. The same id gives the same bytes.

An id is a name with settings, ``hills?palette=dusk&duration=7&seed=4``; ``search`` lists all names.
"""

import asyncio
import threading
from collections.abc import Iterable
from pathlib import Path

from core.api import (
    AssetKind,
    AssetOffer,
    AssetProvider,
    Cancelled,
    FetchedAsset,
    Licence,
    PluginContext,
    Search,
    SearchPage,
    hookimpl,
)
from plugins.providers.generator.names import MAKERS, Maker, read_id

CREATOR = "Reelhouse generator"
LICENCE = Licence(id="CC0-1.0", url="https://creativecommons.org/publicdomain/zero/1.0/")


class Generator:
    """The open provider. It keeps nothing between calls."""

    def __init__(self, context: PluginContext) -> None:
        self._log = context.log

    async def search(self, search: Search) -> SearchPage:
        """List what can be made; every word of the search must be part of a name or description."""
        words = search.text.lower().split()
        found = [
            _offer(name, maker)
            for name, maker in MAKERS.items()
            if maker.kind is search.kind and all(word in f"{name} {maker.description}".lower() for word in words)
        ]
        first = (search.page - 1) * search.per_page
        page = tuple(found[first : first + search.per_page])
        has_more = len(found) > first + search.per_page
        return SearchPage(offers=page, total=len(found), next_page=search.page + 1 if has_more else None)

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Make an asset. Raise ``InvalidInput`` naming the setting that is wrong."""
        name, maker, values = read_id(asset_id)
        path = folder / f"{name}.{maker.extension(values)}"
        is_stopped = threading.Event()

        def check() -> None:
            if is_stopped.is_set():
                raise Cancelled("nobody waits for it any more")

        try:
            await asyncio.to_thread(maker.make, values, path, check)
        finally:
            is_stopped.set()
        return FetchedAsset(
            path=path,
            kind=maker.kind,
            licence=LICENCE,
            title=maker.title,
            creator=CREATOR,
            extra={"id": asset_id},
        )

    async def close(self) -> None:
        """Nothing is open."""


def _offer(name: str, maker: Maker) -> AssetOffer:
    return AssetOffer(id=name, kind=maker.kind, title=maker.title, licence=LICENCE, creator=CREATOR)


@hookimpl
def reelhouse_asset_providers() -> Iterable[AssetProvider]:
    yield AssetProvider(
        id="generator",
        title="Generator",
        description="Scenes, patterns, tones and music without a network.",
        kinds=frozenset({AssetKind.VIDEO, AssetKind.IMAGE, AssetKind.AUDIO}),
        open=Generator,
        is_deterministic=True,
    )
