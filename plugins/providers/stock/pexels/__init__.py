"""Pexels: photos and films, ``provider:pexels/photo/ID`` and ``provider:pexels/video/ID``.

https://www.pexels.com/api/documentation/
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
from plugins.providers.stock.sizes import SHORTEST_SIDE, smallest_enough

SERVICE = "Pexels"
MOST_PER_PAGE = 80
_LICENCE_URL = "https://www.pexels.com/license/"
_WORDS = {"photo": AssetKind.IMAGE, "video": AssetKind.VIDEO}


class _Sizes(Read):
    original: str
    large2x: str = ""
    medium: str = ""


class _Photo(Read):
    id: int
    width: int
    height: int
    url: str
    photographer: str
    src: _Sizes
    alt: Annotated[str, Told] = ""


class _Photos(Read):
    total_results: int
    photos: list[_Photo]
    next_page: str | None = None


class _User(Read):
    name: str


class _File(Read):
    link: str
    width: int | None = None
    height: int | None = None
    file_type: str = "video/mp4"


class _Video(Read):
    id: int
    width: int
    height: int
    url: str
    image: str = ""
    duration: float
    user: _User
    video_files: list[_File]


class _Videos(Read):
    total_results: int
    videos: list[_Video]
    next_page: str | None = None


class Pexels:
    """Open Pexels. It keeps nothing between calls."""

    def __init__(self, context: PluginContext) -> None:
        self._http = context.http
        self._at = endpoint(context)
        self._headers = {"authorization": context.secret("api_key")}
        self._shortest_side = int(context.config.number(SHORTEST_SIDE.name))

    async def search(self, search: Search) -> SearchPage:
        """Return one page of photos or films; of other kinds there are none."""
        size = min(search.per_page, MOST_PER_PAGE)
        query: dict[str, str | int] = {"query": search.text, "page": search.page, "per_page": size}
        if search.kind is AssetKind.IMAGE:
            photos = await self._ask("/v1/search", _Photos, query)
            offers = tuple(_photo_offer(each) for each in photos.photos)
            total, has_more = photos.total_results, bool(photos.next_page)
        elif search.kind is AssetKind.VIDEO:
            videos = await self._ask("/videos/search", _Videos, query)
            offers = tuple(_video_offer(each) for each in videos.videos)
            total, has_more = videos.total_results, bool(videos.next_page)
        else:
            return SearchPage(offers=(), total=0)
        return SearchPage(offers=offers, total=total, next_page=search.page + 1 if has_more else None)

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Bring a photo in its full size, or a film in the size that was configured."""
        kind, own = parse_id(asset_id, _WORDS)
        if kind is AssetKind.IMAGE:
            photo = await self._ask(f"/v1/photos/{own}", _Photo, {})
            return await deliver(self._http, _photo_offer(photo), photo.src.original, folder)
        video = await self._ask(f"/videos/videos/{own}", _Video, {})
        files = (
            (each.width or 0, each.height or 0, each.link) for each in video.video_files if "mp4" in each.file_type
        )
        link = smallest_enough(files, self._shortest_side)
        return await deliver(self._http, _video_offer(video), link, folder)

    async def close(self) -> None:
        """Nothing is open between calls."""

    async def _ask[T: Read](self, path: str, model: type[T], query: dict[str, str | int]) -> T:
        return await ask(
            self._http,
            f"{self._at}{path}",
            model.model_validate_json,
            service=SERVICE,
            query=query,
            headers=self._headers,
        )


def _photo_offer(photo: _Photo) -> AssetOffer:
    return AssetOffer(
        id=f"photo/{photo.id}",
        kind=AssetKind.IMAGE,
        title=photo.alt or f"Photo {photo.id}",
        licence=_licence(f"Photo by {photo.photographer} on Pexels"),
        width=photo.width,
        height=photo.height,
        creator=photo.photographer,
        source_url=photo.url,
        thumbnail_url=photo.src.medium,
    )


def _video_offer(video: _Video) -> AssetOffer:
    words = video.url.rstrip("/").rpartition("/")[2].removesuffix(f"-{video.id}")
    return AssetOffer(
        id=f"video/{video.id}",
        kind=AssetKind.VIDEO,
        title=words.replace("-", " ").capitalize() or f"Video {video.id}",
        licence=_licence(f"Video by {video.user.name} on Pexels"),
        width=video.width,
        height=video.height,
        duration=video.duration,
        creator=video.user.name,
        source_url=video.url,
        thumbnail_url=video.image,
    )


def _licence(attribution: str) -> Licence:
    return Licence(id="Pexels", url=_LICENCE_URL, attribution=attribution)


@hookimpl
def reelhouse_asset_providers() -> Iterable[AssetProvider]:
    """Declare the provider."""
    yield AssetProvider(
        id="pexels",
        title="Pexels",
        description="Photos and films that may be used for free, with credit where possible.",
        kinds=frozenset({AssetKind.IMAGE, AssetKind.VIDEO}),
        params=(SHORTEST_SIDE, endpoint_parameter("https://api.pexels.com")),
        open=Pexels,
    )
