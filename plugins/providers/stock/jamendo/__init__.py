"""Jamendo: music, ``provider:jamendo/track/ID``. What artists don't give away for download is left out.

https://developer.jamendo.com/v3.0/tracks
"""

from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from core.api import (
    AssetKind,
    AssetOffer,
    AssetProvider,
    AuthFailed,
    FetchedAsset,
    InvalidInput,
    NotFound,
    NotReady,
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

SERVICE = "Jamendo"
MOST_PER_PAGE = 200
_WORDS = {"track": AssetKind.AUDIO}


class _Code(IntEnum):
    """What it says in its answers, which come with the status 200 whatever happened.

    https://developer.jamendo.com/v3.0/response-codes
    """

    SUCCESS = 0
    INVALID_CLIENT = 5
    TOO_OFTEN = 6
    SUSPENDED = 11


COMMERCIAL = Parameter(
    name="commercial",
    title="Commercial use",
    type=ParameterType.BOOL,
    default=True,
    help="Only tracks that may also be used to earn money.",
)


class _Headers(Read):
    code: int
    error_message: Annotated[str, Told] = ""
    results_fullcount: int | None = None


class _Track(Read):
    id: str
    name: str
    duration: float
    artist_name: str
    license_ccurl: Annotated[str, Told] = ""
    shareurl: Annotated[str, Told] = ""
    image: Annotated[str, Told] = ""
    audiodownload: Annotated[str, Told] = ""
    audiodownload_allowed: bool = True


class _Tracks(Read):
    headers: _Headers
    results: list[_Track] = Field(default_factory=list)


class Jamendo:
    """Open Jamendo. It keeps nothing between calls."""

    def __init__(self, context: PluginContext) -> None:
        self._http = context.http
        self._at = endpoint(context)
        self._client = context.secret("api_key")
        self._is_commercial = context.config.flag(COMMERCIAL.name)

    async def search(self, search: Search) -> SearchPage:
        """Return one page of tracks; of other kinds there are none."""
        if search.kind is not AssetKind.AUDIO:
            return SearchPage(offers=(), total=0)
        size = min(search.per_page, MOST_PER_PAGE)
        tracks = await self._ask(
            {
                "search": search.text,
                "limit": size,
                "offset": (search.page - 1) * size,
                "fullcount": True,
                "ccnc": False if self._is_commercial else None,
            }
        )
        total = tracks.headers.results_fullcount
        return SearchPage(
            offers=tuple(_offer(each) for each in tracks.results if each.audiodownload_allowed),
            total=total,
            next_page=search.page + 1 if search.page * size < (total or 0) else None,
        )

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Bring a track. Raise ``NotFound`` for one that its artist does not give away."""
        _, own = parse_id(asset_id, _WORDS)
        found = (await self._ask({"id": own})).results
        if not found or not found[0].audiodownload_allowed:
            raise NotFound(f"{SERVICE} has no {asset_id} to download")
        return await deliver(self._http, _offer(found[0]), found[0].audiodownload, folder)

    async def close(self) -> None:
        """Nothing is open between calls."""

    async def _ask(self, query: dict[str, str | int | bool | None]) -> _Tracks:
        tracks = await ask(
            self._http,
            f"{self._at}/v3.0/tracks/",
            _Tracks.model_validate_json,
            service=SERVICE,
            query={"client_id": self._client, "format": "json", "audioformat": "mp32", **query},
        )
        match tracks.headers.code:
            case _Code.SUCCESS:
                return tracks
            case _Code.INVALID_CLIENT | _Code.SUSPENDED:
                raise AuthFailed(f"{SERVICE} refuses the key")
            case _Code.TOO_OFTEN:
                raise NotReady(f"{SERVICE} is asked too often")
            case code:
                said = tracks.headers.error_message.replace(self._client, "…")
                raise InvalidInput(f"{SERVICE} refuses what it was asked ({code}): {said[:300]}")


def _offer(track: _Track) -> AssetOffer:
    attribution = f"{track.name} by {track.artist_name} ({track.shareurl}), {track.license_ccurl}"
    return AssetOffer(
        id=f"track/{track.id}",
        kind=AssetKind.AUDIO,
        title=track.name or f"Track {track.id}",
        licence=creative_commons(track.license_ccurl, attribution=attribution),
        duration=track.duration,
        creator=track.artist_name,
        source_url=track.shareurl,
        thumbnail_url=track.image,
    )


@hookimpl
def reelhouse_asset_providers() -> Iterable[AssetProvider]:
    """Declare the provider."""
    yield AssetProvider(
        id="jamendo",
        title="Jamendo",
        description="Music of independent artists under licences of Creative Commons.",
        kinds=frozenset({AssetKind.AUDIO}),
        params=(COMMERCIAL, endpoint_parameter("https://api.jamendo.com")),
        open=Jamendo,
    )
