"""OpenAI, and whoever speaks its language: texts, speech and pictures from a request.

``provider:openai/text?prompt=…``, ``provider:openai/speech?text=…&voice=…``, ``provider:openai/image?prompt=…&size=…``.
https://platform.openai.com/docs/api-reference
"""

from collections.abc import Iterable
from pathlib import Path
from shutil import copyfile

from core.api import (
    AssetKind,
    AssetOffer,
    AssetProvider,
    FetchedAsset,
    Licence,
    Parameter,
    ParameterType,
    PluginContext,
    Search,
    SearchPage,
    hookimpl,
)
from plugins.providers.openai.making import Maker, Models
from plugins.providers.openai.request import Form, parse_request

SERVICE = "OpenAI"
VOICES = ("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse")
GREETING = "Hello! This is how I sound."
_KINDS = {Form.TEXT: AssetKind.DATA, Form.SPEECH: AssetKind.AUDIO, Form.IMAGE: AssetKind.IMAGE}
_LICENCE = Licence(
    id="OpenAI", url="https://openai.com/policies/terms-of-use/", attribution="Made by a machine, with an OpenAI model"
)

PARAMS = (
    Parameter(
        name="base_url",
        title="Address",
        type=ParameterType.TEXT,
        default="https://api.openai.com/v1",
        help="Where the API answers: OpenAI, or any service that speaks its language.",
    ),
    Parameter(name="text_model", title="Model for texts", type=ParameterType.TEXT, default="gpt-4o-mini"),
    Parameter(name="speech_model", title="Model for speech", type=ParameterType.TEXT, default="gpt-4o-mini-tts"),
    Parameter(name="image_model", title="Model for pictures", type=ParameterType.TEXT, default="gpt-image-1"),
    Parameter(
        name="voice",
        title="Voice",
        type=ParameterType.TEXT,
        default="alloy",
        help="Speaks where a timeline names none.",
    ),
)


class OpenAI:
    """Open OpenAI. What was made is kept in the plugin's folder: each request is paid for once."""

    def __init__(self, context: PluginContext) -> None:
        config = context.config
        self._maker = Maker(
            context.http,
            at=config.text("base_url").rstrip("/"),
            key=context.secret("api_key"),
            models=Models(
                text=config.text("text_model"), speech=config.text("speech_model"), image=config.text("image_model")
            ),
            voice=config.text("voice"),
            folder=context.folder,
        )

    async def search(self, search: Search) -> SearchPage:
        """Return what can be made of the search's words: a picture of them, or voices. The key is tried on the way."""
        await self._maker.check_key()
        offers: tuple[AssetOffer, ...] = ()
        if search.kind is AssetKind.IMAGE and search.text.strip():
            offers = (_offer(f"{Form.IMAGE}?prompt={search.text.strip()}", search.kind, search.text.strip()),)
        elif search.kind is AssetKind.AUDIO:
            wanted = search.text.strip().lower()
            offers = tuple(
                _offer(f"{Form.SPEECH}?text={GREETING}&voice={voice}", search.kind, voice.capitalize())
                for voice in VOICES
                if wanted in voice
            )
        first = (search.page - 1) * search.per_page
        has_more = first + search.per_page < len(offers)
        return SearchPage(
            offers=offers[first : first + search.per_page],
            total=len(offers),
            next_page=search.page + 1 if has_more else None,
        )

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Make what is asked for, into ``folder``."""
        request = parse_request(asset_id)
        made = await self._maker.make(request)
        path = Path(copyfile(made.path, folder / made.path.name))
        return FetchedAsset(
            path=path,
            kind=_KINDS[request.form],
            licence=_LICENCE,
            title=request.prompt if len(request.prompt) <= 60 else f"{request.prompt[:59]}…",
            creator=made.model,
            source_url="https://openai.com",
            extra={"model": made.model, "prompt": request.prompt},
        )

    async def close(self) -> None:
        """Nothing is open between calls."""


def _offer(asset_id: str, kind: AssetKind, title: str) -> AssetOffer:
    return AssetOffer(
        id=asset_id, kind=kind, title=title, licence=_LICENCE, creator=SERVICE, source_url="https://openai.com"
    )


@hookimpl
def reelhouse_asset_providers() -> Iterable[AssetProvider]:
    """Declare the provider."""
    yield AssetProvider(
        id="openai",
        title="OpenAI",
        description="Texts, speech and pictures from a request, by OpenAI or a service that speaks its language.",
        kinds=frozenset(_KINDS.values()),
        params=PARAMS,
        open=OpenAI,
    )
