"""The asset provider ``voice``: speech and captions from a text, offline."""

import asyncio
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from core.api import (
    AssetKind,
    AssetOffer,
    AssetProvider,
    FetchedAsset,
    Parameter,
    ParameterType,
    PluginContext,
    Search,
    SearchPage,
    hookimpl,
)
from plugins.providers.voice.captions import to_webvtt
from plugins.providers.voice.request import Form, SpeechRequest, parse_request
from plugins.providers.voice.studio import Recording, Studio
from plugins.providers.voice.voices import Voice, choose_voice, find_voices

DEFAULT_VOICE = "en_US-joe-medium"
GREETING = "Hello! This is how I sound."

PARAMS = (
    Parameter(
        name="voice",
        title="Voice",
        type=ParameterType.TEXT,
        default=DEFAULT_VOICE,
        help="Speaks where a timeline names none: a voice's id or a language code.",
    ),
    Parameter(
        name="voices",
        title="Folder of voices",
        type=ParameterType.TEXT,
        default="",
        help="Piper voices of your own: each a .onnx with its .onnx.json, and a .MODEL_CARD that tells its licence.",
        is_operator_only=True,
    ),
    Parameter(
        name="espeak_library",
        title="eSpeak NG library",
        type=ParameterType.TEXT,
        default="",
        help="Empty takes the one inside piper-tts, or else the system's.",
        group="Advanced",
        is_operator_only=True,
    ),
)


class VoiceProvider:
    """Speaks texts. Ids are ``speech?text=…`` and ``captions?text=…`` (see ``request.py``)."""

    def __init__(self, context: PluginContext) -> None:
        self._context = context
        self._studio = Studio(context.folder, espeak=context.config.text("espeak_library"))

    async def search(self, search: Search) -> SearchPage:
        """Return the Piper voices whose id or language holds the text, as speech to listen to."""
        voices = await asyncio.to_thread(self._voices)
        wanted = search.text.strip().lower()
        found = [voice for voice in voices.values() if wanted in voice.title.lower()]
        if search.kind not in (AssetKind.AUDIO, AssetKind.CAPTIONS):
            found = []
        first = (search.page - 1) * search.per_page
        offers = tuple(_offer(voice, search.kind) for voice in found[first : first + search.per_page])
        has_more = first + search.per_page < len(found)
        return SearchPage(offers=offers, total=len(found), next_page=search.page + 1 if has_more else None)

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Speak a text into ``folder``, or write the captions of that very speech."""
        form, request = parse_request(asset_id)
        name, _, speaker = (request.voice or self._context.config.text("voice") or DEFAULT_VOICE).partition(":")
        voices = await asyncio.to_thread(self._voices)
        voice = choose_voice(name, voices)
        recording = await self._studio.record(replace(request, voice=voice.id), voice, speaker)
        path = await asyncio.to_thread(_deliver, form, recording, folder)
        return _asset(form, request, voice, path)

    async def close(self) -> None:
        """Nothing is open between calls."""

    def _voices(self) -> dict[str, Voice]:
        configured = self._context.config.text("voices")
        folders = [self._context.folder / "voices"]
        if configured:
            folders.insert(0, (self._context.root or self._context.folder) / configured)
        return find_voices(tuple(folders))


def _offer(voice: Voice, kind: AssetKind) -> AssetOffer:
    form = Form.CAPTIONS if kind is AssetKind.CAPTIONS else Form.SPEECH
    return AssetOffer(
        id=f"{form}?text={GREETING}&voice={voice.id}",
        kind=kind,
        title=voice.title,
        licence=voice.licence,
        source_url=voice.source_url,
    )


def _deliver(form: Form, recording: Recording, folder: Path) -> Path:
    if form is Form.SPEECH:
        return Path(shutil.copyfile(recording.path, folder / "speech.wav"))
    path = folder / "captions.vtt"
    path.write_text(to_webvtt(recording.words), "utf-8")
    return path


def _asset(form: Form, request: SpeechRequest, voice: Voice, path: Path) -> FetchedAsset:
    is_speech = form is Form.SPEECH
    extra = {"voice": voice.id, "language": voice.language, "text": request.text, "origin": voice.origin}
    return FetchedAsset(
        path=path,
        kind=AssetKind.AUDIO if is_speech else AssetKind.CAPTIONS,
        licence=voice.licence,
        title=request.text if len(request.text) <= 60 else f"{request.text[:59]}…",
        creator=voice.title,
        source_url=voice.source_url,
        extra={key: value for key, value in extra.items() if value},
    )


@hookimpl
def reelhouse_asset_providers() -> Iterable[AssetProvider]:
    """Declare the provider."""
    yield AssetProvider(
        id="voice",
        title="Voice",
        description="Natural speech from a text, offline, and captions that follow it word by word.",
        kinds=frozenset({AssetKind.AUDIO, AssetKind.CAPTIONS}),
        params=PARAMS,
        open=VoiceProvider,
        is_deterministic=True,
    )
