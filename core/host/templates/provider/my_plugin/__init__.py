"""An asset provider for Reelhouse: plain pictures of any colour, like ``provider:my.plugin.colours/ff8800``."""

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageColor

from core.api import (
    AssetKind,
    AssetOffer,
    AssetProvider,
    FetchedAsset,
    Licence,
    NotFound,
    PluginContext,
    Search,
    SearchPage,
    hookimpl,
)

LICENCE = Licence(id="CC0-1.0", url="https://creativecommons.org/publicdomain/zero/1.0/")
SIZE = (1920, 1080)


class Colours:
    """The provider, open."""

    async def search(self, search: Search) -> SearchPage:
        """Offer the colours whose CSS names hold the words looked for."""
        names = sorted(name for name in ImageColor.colormap if search.text.lower() in name)
        start = (search.page - 1) * search.per_page
        shown = names[start : start + search.per_page]
        has_more = start + search.per_page < len(names)
        return SearchPage(
            offers=tuple(
                AssetOffer(id=name, kind=AssetKind.IMAGE, title=name, licence=LICENCE, width=SIZE[0], height=SIZE[1])
                for name in shown
            ),
            total=len(names),
            next_page=search.page + 1 if has_more else None,
        )

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Draw a colour given by its CSS name or six hexadecimal digits."""
        colour = f"#{asset_id}" if re.fullmatch("[0-9a-f]{6}", asset_id) else asset_id
        if colour not in ImageColor.colormap and not colour.startswith("#"):
            raise NotFound(f'there is no colour "{asset_id}"', hint="give a CSS name or six digits, like ff8800")
        path = folder / "colour.png"
        await asyncio.to_thread(Image.new("RGB", SIZE, colour).save, path)
        return FetchedAsset(path=path, kind=AssetKind.IMAGE, licence=LICENCE, title=asset_id)

    async def close(self) -> None:
        """Nothing is held open."""


def open_colours(context: PluginContext) -> Colours:
    """Open the provider; ``context.config`` holds its parameters, where it has some."""
    return Colours()


COLOURS = AssetProvider(
    id="my.plugin.colours",
    title="Colours",
    description="Plain pictures of any colour.",
    kinds=frozenset({AssetKind.IMAGE}),
    open=open_colours,
    is_deterministic=True,
)


@hookimpl
def reelhouse_asset_providers() -> Iterable[AssetProvider]:
    """Declare the provider."""
    yield COLOURS
