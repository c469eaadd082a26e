"""Freesound: sounds, ``provider:freesound/sound/ID``. What is brought is the preview, an MP3 of good quality.

Originals are given to people who sign in themselves (OAuth 2.0) alone. https://freesound.org/docs/api/
"""

from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from core.api import (
    AssetKind,
    AssetOffer,
    AssetProvider,
    FetchedAsset,
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
from plugins.providers.stock.licences import creative_commons
from plugins.providers.stock.naming import parse_id

SERVICE = "Freesound"
MOST_PER_PAGE = 150
_FIELDS = "id,name,url,license,username,duration,previews,images"
_WORDS = {"sound": AssetKind.AUDIO}
_FILTERS = {
    "all": "",
    "commercial": 'license:("Creative Commons 0" OR "Attribution")',
    "public domain": 'license:"Creative Commons 0"',
}

USE = Parameter(
    name="use",
    title="Licences",
    type=ParameterType.CHOICE,
    default="commercial",
    choices=tuple(_FILTERS),
    help="What the terms must allow.",
)


class _Sound(Read):
    id: int
    name: str
    url: str
    license: str
    username: str
    duration: float
    previews: dict[str, str] = Field(default_factory=dict)
    images: dict[str, str] | None = None


class _Page(Read):
    count: int
    next: str | None = None
    results: list[_Sound]


class Freesound:
    """Open Freesound. It keeps nothing between calls."""

    def __init__(self, context: PluginContext) -> None:
        self._http = context.http
        self._at = endpoint(context)
        self._headers = {"authorization": f"Token {context.secret('api_key')}"}
        self._filter = _FILTERS[context.config.text(USE.name)]

    async def search(self, search: Search) -> SearchPage:
        """Return one page of sounds; of other kinds there are none."""
        if search.kind is not AssetKind.AUDIO:
            return SearchPage(offers=(), total=0)
        query: dict[str, str | int] = {
            "query": search.text,
            "filter": self._filter,
            "fields": _FIELDS,
            "page": search.page,
            "page_size": min(search.per_page, MOST_PER_PAGE),
        }
        try:
            page = await ask(
                self._http,
                f"{self._at}/apiv2/search/",
                _Page.model_validate_json,
                service=SERVICE,
                query=query,
                headers=self._headers,
            )
        except NotFound:
            if search.page == 1:
                raise
            return SearchPage(offers=())  # how it answers to a page behind the last
        return SearchPage(
            offers=tuple(_offer(each) for each in page.results),
            total=page.count,
            next_page=search.page + 1 if page.next else None,
        )

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Bring a sound's preview."""
        _, own = parse_id(asset_id, _WORDS)
        sound = await ask(
            self._http,
            f"{self._at}/apiv2/sounds/{own}/",
            _Sound.model_validate_json,
            service=SERVICE,
            query={"fields": _FIELDS},
            headers=self._headers,
        )
        return await deliver(self._http, _offer(sound), sound.previews.get("preview-hq-mp3", ""), folder)

    async def close(self) -> None:
        """Nothing is open between calls."""


def _offer(sound: _Sound) -> AssetOffer:
    attribution = f"{sound.name} by {sound.username} ({sound.url}), {sound.license}"
    return AssetOffer(
        id=f"sound/{sound.id}",
        kind=AssetKind.AUDIO,
        title=sound.name or f"Sound {sound.id}",
        licence=creative_commons(sound.license, attribution=attribution),
        duration=sound.duration,
        creator=sound.username,
        source_url=sound.url,
        thumbnail_url=(sound.images or {}).get("waveform_m", ""),
    )


@hookimpl
def reelhouse_asset_providers() -> Iterable[AssetProvider]:
    """Declare the provider."""
    yield AssetProvider(
        id="freesound",
        title="Freesound",
        description="Sounds and effects under licences of Creative Commons.",
        kinds=frozenset({AssetKind.AUDIO}),
        params=(USE, endpoint_parameter("https://freesound.org")),
        open=Freesound,
    )
