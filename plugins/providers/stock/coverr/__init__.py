"""Coverr: films, ``provider:coverr/video/ID``. Downloading one is told to Coverr by the address it is downloaded from.

https://api.coverr.co/docs/
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from core.api import (
    AssetKind,
    AssetOffer,
    AssetProvider,
    FetchedAsset,
    Licence,
    PluginContext,
    Search,
    SearchPage,
    ask,
    hookimpl,
)
from plugins.providers.answers import Read, Told
from plugins.providers.service import endpoint, endpoint_parameter
from plugins.providers.stock.delivering import deliver
from plugins.providers.stock.naming import parse_id

SERVICE = "Coverr"
MOST_PER_PAGE = 100
_LICENCE_URL = "https://coverr.co/license"
_WORDS = {"video": AssetKind.VIDEO}


class _Addresses(Read):
    mp4: Annotated[str, Told] = ""
    mp4_download: Annotated[str, Told] = ""


class _Video(Read):
    id: str
    title: Annotated[str, Told] = ""
    duration: float | None = None
    """A number, or a text with one."""
    max_width: int | None = None
    max_height: int | None = None
    thumbnail: Annotated[str, Told] = ""
    poster: Annotated[str, Told] = ""
    canonical_url: Annotated[str, Told] = ""
    urls: _Addresses = _Addresses()


class _Page(Read):
    page: int
    pages: int
    total: int
    hits: list[_Video]


class Coverr:
    """Open Coverr. It keeps nothing between calls."""

    def __init__(self, context: PluginContext) -> None:
        self._http = context.http
        self._at = endpoint(context)
        self._headers = {"authorization": f"Bearer {context.secret('api_key')}"}

    async def search(self, search: Search) -> SearchPage:
        """Return one page of films; of other kinds there are none."""
        if search.kind is not AssetKind.VIDEO:
            return SearchPage(offers=(), total=0)
        page = await self._ask(
            "/videos",
            _Page,
            {
                "query": search.text,
                "page": search.page - 1,  # it counts from 0
                "page_size": min(search.per_page, MOST_PER_PAGE),
                "urls": True,
            },
        )
        return SearchPage(
            offers=tuple(_offer(each) for each in page.hits),
            total=page.total,
            next_page=search.page + 1 if page.page + 1 < page.pages else None,
        )

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Bring a film, as a download that Coverr counts."""
        _, own = parse_id(asset_id, _WORDS)
        video = await self._ask(f"/videos/{own}", _Video, {"urls": True})
        return await deliver(self._http, _offer(video), video.urls.mp4_download or video.urls.mp4, folder)

    async def close(self) -> None:
        """Nothing is open between calls."""

    async def _ask[T: Read](self, path: str, model: type[T], query: dict[str, str | int | bool]) -> T:
        return await ask(
            self._http,
            f"{self._at}{path}",
            model.model_validate_json,
            service=SERVICE,
            query=query,
            headers=self._headers,
        )


def _offer(video: _Video) -> AssetOffer:
    return AssetOffer(
        id=f"video/{video.id}",
        kind=AssetKind.VIDEO,
        title=video.title or f"Video {video.id}",
        licence=Licence(id="Coverr", url=_LICENCE_URL, attribution="Video from Coverr"),
        width=video.max_width,
        height=video.max_height,
        duration=video.duration,
        creator=SERVICE,
        source_url=video.canonical_url or f"https://coverr.co/videos/{video.id}",
        thumbnail_url=video.thumbnail or video.poster,
    )


@hookimpl
def reelhouse_asset_providers() -> Iterable[AssetProvider]:
    """Declare the provider."""
    yield AssetProvider(
        id="coverr",
        title="Coverr",
        description="Films that may be used for free.",
        kinds=frozenset({AssetKind.VIDEO}),
        params=(endpoint_parameter("https://api.coverr.co"),),
        open=Coverr,
    )
