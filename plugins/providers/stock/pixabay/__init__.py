"""Pixabay: pictures and films, ``provider:pixabay/image/ID`` and ``provider:pixabay/video/ID``.

https://pixabay.com/api/docs/ asks to keep answers for 24 hours, to say where results come from, and to copy what is
used instead of linking to it.
"""

from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from core.api import (
    AssetKind,
    AssetOffer,
    AssetProvider,
    AuthFailed,
    FetchedAsset,
    InvalidInput,
    Licence,
    NotFound,
    Parameter,
    ParameterType,
    PluginContext,
    Search,
    SearchPage,
    ask,
    hookimpl,
)
from plugins.providers.answers import Read
from plugins.providers.service import endpoint, endpoint_parameter
from plugins.providers.stock.delivering import deliver
from plugins.providers.stock.naming import parse_id
from plugins.providers.stock.sizes import SHORTEST_SIDE, smallest_enough

SERVICE = "Pixabay"
KEPT_S = 24 * 3600
FEWEST_PER_PAGE, MOST_PER_PAGE = 3, 200
MOST_FOUND = 500
"""How many of all results the service gives out, over all pages."""
_LICENCE_URL = "https://pixabay.com/service/license-summary/"
_WORDS = {"image": AssetKind.IMAGE, "video": AssetKind.VIDEO}
_PATHS = {AssetKind.IMAGE: "/api/", AssetKind.VIDEO: "/api/videos/"}

SAFE = Parameter(
    name="safe_search",
    title="Safe search",
    type=ParameterType.BOOL,
    default=True,
    help="Only what is suitable for all ages.",
)


class _File(Read):
    url: str = ""
    width: int = 0
    height: int = 0
    thumbnail: str = ""


class _Image(Read):
    id: int
    page_url: str = Field(alias="pageURL")
    tags: str
    user: str
    width: int = Field(alias="imageWidth")
    height: int = Field(alias="imageHeight")
    preview_url: str = Field(default="", alias="previewURL")
    web_url: str = Field(default="", alias="webformatURL")
    large_url: str = Field(default="", alias="largeImageURL")
    full_hd_url: str = Field(default="", alias="fullHDURL")
    original_url: str = Field(default="", alias="imageURL")


class _Video(Read):
    id: int
    page_url: str = Field(alias="pageURL")
    tags: str
    user: str
    duration: float
    videos: dict[str, _File]


class _Images(Read):
    total: int = Field(alias="totalHits")
    hits: list[_Image]


class _Videos(Read):
    total: int = Field(alias="totalHits")
    hits: list[_Video]


class Pixabay:
    """Open Pixabay. It keeps nothing between calls."""

    def __init__(self, context: PluginContext) -> None:
        self._http = context.http
        self._at = endpoint(context)
        self._key = context.secret("api_key")
        self._shortest_side = int(context.config.number(SHORTEST_SIDE.name))
        self._is_safe = context.config.flag(SAFE.name)

    async def search(self, search: Search) -> SearchPage:
        """Return one page of pictures or films; of other kinds there are none."""
        if search.kind not in _PATHS:
            return SearchPage(offers=(), total=0)
        # Fewer than three at a time it does not give.
        size = min(max(search.per_page, FEWEST_PER_PAGE), MOST_PER_PAGE)
        query: dict[str, str | int | bool] = {
            "q": search.text[:100],
            "page": search.page,
            "per_page": size,
            "safesearch": self._is_safe,
        }
        try:
            offers, total = await self._hits(search.kind, query)
        except InvalidInput:
            if search.page == 1:
                raise
            return SearchPage(offers=(), next_page=None)  # how it answers to a page behind the last
        has_more = search.page * size < min(total, MOST_FOUND)
        return SearchPage(
            offers=offers[: search.per_page], total=total, next_page=search.page + 1 if has_more else None
        )

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Bring a picture as large as the key may have it, or a film in the size that was configured."""
        kind, own = parse_id(asset_id, _WORDS)
        if not own.isdecimal():
            raise InvalidInput(f"{asset_id} must end with a number")
        if kind is AssetKind.IMAGE:
            images = await self._ask(kind, _Images, {"id": own})
            found = [(_image_offer(each), _largest(each)) for each in images.hits]
        else:
            videos = await self._ask(kind, _Videos, {"id": own})
            found = [(_video_offer(each), _file_of(each, self._shortest_side)) for each in videos.hits]
        if not found:
            raise NotFound(f"{SERVICE} has no {asset_id}")
        return await deliver(self._http, *found[0], folder)

    async def close(self) -> None:
        """Nothing is open between calls."""

    async def _hits(self, kind: AssetKind, query: dict[str, str | int | bool]) -> tuple[tuple[AssetOffer, ...], int]:
        if kind is AssetKind.IMAGE:
            images = await self._ask(kind, _Images, query)
            return tuple(_image_offer(each) for each in images.hits), images.total
        videos = await self._ask(kind, _Videos, query)
        return tuple(_video_offer(each) for each in videos.hits), videos.total

    async def _ask[T: Read](self, kind: AssetKind, model: type[T], query: dict[str, str | int | bool]) -> T:
        try:
            return await ask(
                self._http,
                f"{self._at}{_PATHS[kind]}",
                model.model_validate_json,
                service=SERVICE,
                query={"key": self._key, **query},
                keep_s=KEPT_S,
            )
        except InvalidInput as err:
            if "API key" in str(err):  # a wrong key is a bad request to it
                raise AuthFailed(f"{SERVICE} refuses the key") from err
            raise


def _largest(image: _Image) -> str:
    return image.original_url or image.full_hd_url or image.large_url or image.web_url


def _file_of(video: _Video, shortest_side: int) -> str:
    return smallest_enough(((each.width, each.height, each.url) for each in video.videos.values()), shortest_side)


def _image_offer(image: _Image) -> AssetOffer:
    return AssetOffer(
        id=f"image/{image.id}",
        kind=AssetKind.IMAGE,
        title=image.tags or f"Image {image.id}",
        licence=_licence(f"Image by {image.user} from Pixabay"),
        width=image.width,
        height=image.height,
        creator=image.user,
        source_url=image.page_url,
        thumbnail_url=image.web_url or image.preview_url,
    )


def _video_offer(video: _Video) -> AssetOffer:
    largest = max(video.videos.values(), key=lambda each: each.width, default=_File())
    return AssetOffer(
        id=f"video/{video.id}",
        kind=AssetKind.VIDEO,
        title=video.tags or f"Video {video.id}",
        licence=_licence(f"Video by {video.user} from Pixabay"),
        width=largest.width or None,
        height=largest.height or None,
        duration=video.duration,
        creator=video.user,
        source_url=video.page_url,
        thumbnail_url=next((each.thumbnail for each in video.videos.values() if each.thumbnail), ""),
    )


def _licence(attribution: str) -> Licence:
    return Licence(id="Pixabay", url=_LICENCE_URL, attribution=attribution)


@hookimpl
def reelhouse_asset_providers() -> Iterable[AssetProvider]:
    """Declare the provider."""
    yield AssetProvider(
        id="pixabay",
        title="Pixabay",
        description="Pictures and films under the Pixabay Content License.",
        kinds=frozenset({AssetKind.IMAGE, AssetKind.VIDEO}),
        params=(SHORTEST_SIDE, SAFE, endpoint_parameter("https://pixabay.com")),
        open=Pixabay,
    )
