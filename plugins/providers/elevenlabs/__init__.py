"""ElevenLabs: speech, with the times of its words.

``provider:elevenlabs/speech?text=…&voice=…`` and ``provider:elevenlabs/captions?…``, the captions of that very speech.
https://elevenlabs.io/docs/api-reference/text-to-speech/convert-with-timestamps
"""

from collections.abc import Iterable
from pathlib import Path

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
from plugins.providers.elevenlabs.request import SpeechRequest, parse_request
from plugins.providers.elevenlabs.speaking import Studio, Voice
from plugins.providers.service import endpoint, endpoint_parameter
from plugins.providers.voice.captions import to_webvtt
from plugins.providers.voice.request import Form

GREETING = "Hello! This is how I sound."
DEFAULT_VOICE = "JBFqnCBsd6RMkjVDRZzb"
_LICENCE = Licence(
    id="ElevenLabs",
    url="https://elevenlabs.io/terms-of-use",
    attribution="Speech made by a machine: ElevenLabs (elevenlabs.io)",
)

PARAMS = (
    Parameter(
        name="voice",
        title="Voice",
        type=ParameterType.TEXT,
        default=DEFAULT_VOICE,
        help="Speaks where a timeline names none: a voice's id or its name.",
    ),
    Parameter(
        name="model",
        title="Model",
        type=ParameterType.TEXT,
        default="eleven_multilingual_v2",
        help="Which model speaks; they differ in languages, speed and price.",
    ),
    endpoint_parameter("https://api.elevenlabs.io"),
)


class ElevenLabs:
    """Open ElevenLabs. What was spoken is kept in the plugin's folder: each text is paid for once."""

    def __init__(self, context: PluginContext) -> None:
        self._voice = context.config.text("voice") or DEFAULT_VOICE
        self._studio = Studio(
            context.http,
            at=endpoint(context),
            key=context.secret("api_key"),
            model=context.config.text("model"),
            folder=context.folder,
        )

    async def search(self, search: Search) -> SearchPage:
        """Return the account's voices whose name or labels hold the text, as speech to listen to."""
        if search.kind not in (AssetKind.AUDIO, AssetKind.CAPTIONS):
            return SearchPage(offers=(), total=0)
        wanted = search.text.strip().lower()
        found = [each for each in await self._studio.voices() if wanted in each.title.lower()]
        first = (search.page - 1) * search.per_page
        return SearchPage(
            offers=tuple(_offer(each, search.kind) for each in found[first : first + search.per_page]),
            total=len(found),
            next_page=search.page + 1 if first + search.per_page < len(found) else None,
        )

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Speak a text into ``folder``, or write the captions of that very speech."""
        form, request = parse_request(asset_id)
        voice = await self._studio.find(request.voice or self._voice)
        recording = await self._studio.record(request, voice)
        if form is Form.SPEECH:
            path = folder / "speech.mp3"
            path.write_bytes(recording.sound)
        else:
            path = folder / "captions.vtt"
            path.write_text(to_webvtt(recording.words), "utf-8")
        return _asset(form, request, voice, self._studio.model, path)

    async def close(self) -> None:
        """Nothing is open between calls."""


def _offer(voice: Voice, kind: AssetKind) -> AssetOffer:
    form = Form.CAPTIONS if kind is AssetKind.CAPTIONS else Form.SPEECH
    return AssetOffer(
        id=f"{form}?text={GREETING}&voice={voice.id}",
        kind=kind,
        title=voice.title,
        licence=_LICENCE,
        creator="ElevenLabs",
        source_url="https://elevenlabs.io",
    )


def _asset(form: Form, request: SpeechRequest, voice: str, model: str, path: Path) -> FetchedAsset:
    return FetchedAsset(
        path=path,
        kind=AssetKind.AUDIO if form is Form.SPEECH else AssetKind.CAPTIONS,
        licence=_LICENCE,
        title=request.text if len(request.text) <= 60 else f"{request.text[:59]}…",
        creator="ElevenLabs",
        source_url="https://elevenlabs.io",
        extra={"voice": voice, "model": model, "text": request.text},
    )


@hookimpl
def reelhouse_asset_providers() -> Iterable[AssetProvider]:
    """Declare the provider."""
    yield AssetProvider(
        id="elevenlabs",
        title="ElevenLabs",
        description="Speech in many languages with captions by the word, through an account of yours.",
        kinds=frozenset({AssetKind.AUDIO, AssetKind.CAPTIONS}),
        params=PARAMS,
        open=ElevenLabs,
    )
