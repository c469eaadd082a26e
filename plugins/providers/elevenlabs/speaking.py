"""Speaking: texts are sent to ElevenLabs, sound comes back with the time of each character."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from core.api import HttpClient, NotFound, ask, did_you_mean
from plugins.providers.answers import Read
from plugins.providers.elevenlabs.request import SpeechRequest
from plugins.providers.keeping import Kept
from plugins.providers.voice.speech import TimedWord

SERVICE = "ElevenLabs"
KEPT = 200
FORMAT = "mp3_44100_128"
_ID = re.compile(r"[A-Za-z0-9]{20}")
_SOUND, _WORDS = "speech.mp3", "words.json"
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")
_CLOSING = "\"'”’»)]"


class _Voice(Read):
    voice_id: str
    name: str
    labels: dict[str, str] | None = None


class _Voices(Read):
    voices: list[_Voice]


class _Alignment(Read):
    characters: list[str]
    character_start_times_seconds: list[float]
    character_end_times_seconds: list[float]


class _Spoken(Read):
    audio_base64: str
    alignment: _Alignment


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A voice of the account. ``title`` is its name with what it is labelled as."""

    id: str
    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A spoken text: an MP3 and its words."""

    sound: bytes
    words: tuple[TimedWord, ...]


class Studio:
    """An account's studio. ``folder`` keeps what was spoken."""

    def __init__(self, http: HttpClient, *, at: str, key: str, model: str, folder: Path) -> None:
        self._http = http
        self._at = at
        self._headers = {"xi-api-key": key}
        self.model = model
        self._kept = Kept(folder / "spoken", most=KEPT)

    async def voices(self) -> tuple[Voice, ...]:
        """Return all voices of the account."""
        listed = await ask(
            self._http,
            f"{self._at}/v1/voices",
            _Voices.model_validate_json,
            service=SERVICE,
            headers=self._headers,
        )
        return tuple(
            Voice(id=each.voice_id, name=each.name, title=", ".join((each.name, *(each.labels or {}).values())))
            for each in listed.voices
        )

    async def find(self, voice: str) -> str:
        """Return the id of a voice that is named by it, or by its name; raise ``NotFound``."""
        if _ID.fullmatch(voice):
            return voice
        known = await self.voices()
        found = next((each.id for each in known if each.name.lower() == voice.lower()), None)
        if found is None:
            raise NotFound(f'there is no voice "{voice}"{did_you_mean(voice, [each.name for each in known])}')
        return found

    async def record(self, request: SpeechRequest, voice: str) -> Recording:
        """Return a text as spoken by a voice, from what is kept where it was spoken before."""
        everything = {**asdict(request), "voice": voice, "model": self.model, "format": FORMAT}
        kept = await self._kept.get(everything, partial(self._speak, request, voice))
        words = json.loads((kept / _WORDS).read_text("utf-8"))
        return Recording(sound=(kept / _SOUND).read_bytes(), words=tuple(TimedWord(**each) for each in words))

    async def _speak(self, request: SpeechRequest, voice: str, folder: Path) -> None:
        spoken = await ask(
            self._http,
            f"{self._at}/v1/text-to-speech/{voice}/with-timestamps",
            _Spoken.model_validate_json,
            service=SERVICE,
            query={"output_format": FORMAT},
            headers=self._headers,
            json={"text": request.text, "model_id": self.model, "voice_settings": {"speed": request.rate}},
        )
        (folder / _SOUND).write_bytes(b64decode(spoken.audio_base64))
        words = [asdict(each) for each in _words(spoken.alignment)]
        (folder / _WORDS).write_text(json.dumps(words), "utf-8")


def _words(alignment: _Alignment) -> Iterator[TimedWord]:
    """Yield the words that characters and their times make."""
    timed = zip(
        alignment.characters,
        alignment.character_start_times_seconds,
        alignment.character_end_times_seconds,
        strict=True,
    )
    text, start, end = "", 0.0, 0.0
    for character, from_s, to_s in timed:
        if character.isspace():
            if text:
                yield _word(text, start, end)
            text = ""
        else:
            start = from_s if not text else start
            text, end = text + character, to_s
    if text:
        yield _word(text, start, end)


def _word(text: str, start: float, end: float) -> TimedWord:
    return TimedWord(text=text, start=start, end=end, ends_sentence=text.rstrip(_CLOSING).endswith(_SENTENCE_ENDS))
