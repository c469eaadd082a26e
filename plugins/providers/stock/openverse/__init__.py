"""Openverse: openly licensed pictures and sounds, ``provider:openverse/image/ID`` and ``provider:openverse/audio/ID``.

It works without a key, more slowly. https://api.openverse.org/v1/
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from core.api import (
    AssetKind,
    AssetOffer,
    AssetProvider,
    AuthFailed,
    ConfigInvalid,
    FetchedAsset,
    Licence,
    Parameter,
    ParameterType,
    PluginContext,
    Search,
    SearchPage,
    ask,
    hookimpl,
)
from plugins.providers.answers import Read, Told
from plugins.providers.service import endpoint, endpoint_parameter
from plugins.providers.stock.delivering import deliver
from plugins.providers.stock.licences import creative_commons
from plugins.providers.stock.naming import parse_id
from plugins.providers.stock.openverse.tokens import bearer

SERVICE = "Openverse"
MOST_ANONYMOUS, MOST_PER_PAGE = 20, 80
_WORDS = {"image": AssetKind.IMAGE, "audio": AssetKind.AUDIO}
_PATHS = {AssetKind.IMAGE: "/v1/images/", AssetKind.AUDIO: "/v1/audio/"}

USE = Parameter(
    name="use",
    title="Licences",
    type=ParameterType.CHOICE,
    default="commercial",
    choices=("all", "commercial", "modification", "commercial,modification"),
    help="What the terms must allow.",
)


class _Media(Read):
    id: str
    title: Annotated[str, Told] = ""
    url: Annotated[str, Told] = ""
    creator: Annotated[str, Told] = ""
    license: str
    license_version: Annotated[str, Told] = ""
    license_url: Annotated[str, Told] = ""
    attribution: Annotated[str, Told] = ""
    foreign_landing_url: Annotated[str, Told] = ""
    thumbnail: Annotated[str, Told] = ""
    width: int | None = None
    height: int | None = None
    duration: int | None = None
    """In milliseconds."""


class _Page(Read):
    result_count: int
    page_count: int
    page: int
    results: list[_Media]


class Openverse:
    """Open Openverse. It keeps nothing between calls but what it was told to sign in with."""

    def __init__(self, context: PluginContext) -> None:
        self._http = context.http
        self._at = endpoint(context)
        self._use = context.config.text(USE.name)
        self._key = _key(context)

    async def search(self, search: Search) -> SearchPage:
        """Return one page of pictures or sounds; of other kinds there are none."""
        if search.kind not in _PATHS:
            return SearchPage(offers=(), total=0)
        most = MOST_PER_PAGE if self._key else MOST_ANONYMOUS
        page = await ask(
            self._http,
            f"{self._at}{_PATHS[search.kind]}",
            _Page.model_validate_json,
            service=SERVICE,
            query={
                "q": search.text,
                "page": search.page,
                "page_size": min(search.per_page, most),
                "license_type": None if self._use == "all" else self._use,
            },
            headers=await self._headers(),
        )
        return SearchPage(
            offers=tuple(_offer(each, search.kind) for each in page.results),
            total=page.result_count,
            next_page=page.page + 1 if page.page < page.page_count else None,
        )

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Bring a picture or sound from where it lies."""
        kind, own = parse_id(asset_id, _WORDS)
        media = await ask(
            self._http,
            f"{self._at}{_PATHS[kind]}{own}/",
            _Media.model_validate_json,
            service=SERVICE,
            headers=await self._headers(),
        )
        return await deliver(self._http, _offer(media, kind), media.url, folder)

    async def close(self) -> None:
        """Nothing is open between calls."""

    async def _headers(self) -> dict[str, str]:
        return {"authorization": await bearer(self._http, self._at, *self._key)} if self._key else {}


def _key(context: PluginContext) -> tuple[str, str] | None:
    """Return the client's id and its secret; None without a key."""
    try:
        client, colon, secret = context.secret("api_key").partition(":")
    except AuthFailed:
        return None
    if not colon:
        raise ConfigInvalid("a key for Openverse is written client_id:client_secret", field="api_key")
    return client, secret


def _offer(media: _Media, kind: AssetKind) -> AssetOffer:
    word = next(word for word, each in _WORDS.items() if each is kind)
    return AssetOffer(
        id=f"{word}/{media.id}",
        kind=kind,
        title=media.title or f"{word.capitalize()} by {media.creator or 'somebody unknown'}",
        licence=_licence(media),
        width=media.width,
        height=media.height,
        duration=media.duration / 1000 if media.duration else None,
        creator=media.creator,
        source_url=media.foreign_landing_url,
        thumbnail_url=media.thumbnail,
    )


def _licence(media: _Media) -> Licence:
    return creative_commons(media.license_url, attribution=media.attribution)


@hookimpl
def reelhouse_asset_providers() -> Iterable[AssetProvider]:
    """Declare the provider."""
    yield AssetProvider(
        id="openverse",
        title="Openverse",
        description="Openly licensed pictures and sounds from museums, Flickr, Wikimedia and others; no key needed.",
        kinds=frozenset({AssetKind.IMAGE, AssetKind.AUDIO}),
        params=(USE, endpoint_parameter("https://api.openverse.org")),
        open=Openverse,
    )
