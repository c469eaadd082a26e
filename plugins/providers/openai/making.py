"""Making: requests are sent in OpenAI's protocol, what comes back is kept."""

from base64 import b64decode
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from core.api import HttpClient, JsonValue, NotFound, NotReady, ask
from plugins.providers.answers import Read
from plugins.providers.keeping import Kept
from plugins.providers.openai.request import Form, Request

SERVICE = "OpenAI"
KEPT = 200
_FILES = {Form.TEXT: "text.txt", Form.SPEECH: "speech.mp3", Form.IMAGE: "image.png"}


class _Message(Read):
    content: str


class _Choice(Read):
    message: _Message


class _Completion(Read):
    choices: list[_Choice]


class _Picture(Read):
    b64_json: str = ""
    url: str = ""


class _Pictures(Read):
    data: list[_Picture]


class _Model(Read):
    id: str


class _Models(Read):
    data: list[_Model]


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """Which model makes what."""

    text: str
    speech: str
    image: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made: a file that is kept, to be copied, and by which model."""

    path: Path
    model: str


class Maker:
    """Makes texts, speech and pictures. ``folder`` keeps them."""

    def __init__(self, http: HttpClient, *, at: str, key: str, models: Models, voice: str, folder: Path) -> None:
        self._http = http
        self._at = at
        self._headers = {"authorization": f"Bearer {key}"}
        self._models = models
        self._voice = voice
        self._kept = Kept(folder / "made", most=KEPT)

    async def check_key(self) -> None:
        """Raise ``AuthFailed`` where the key is refused."""
        await ask(self._http, f"{self._at}/models", _Models.model_validate_json, service=SERVICE, headers=self._headers)

    async def make(self, request: Request) -> Made:
        """Return what a request makes, from what is kept where it was made before."""
        model = {
            Form.TEXT: self._models.text,
            Form.SPEECH: self._models.speech,
            Form.IMAGE: self._models.image,
        }[request.form]
        make = {Form.TEXT: self._write, Form.SPEECH: self._speak, Form.IMAGE: self._draw}[request.form]
        everything = {**asdict(request), "voice": request.voice or self._voice, "model": model, "at": self._at}
        kept = await self._kept.get(everything, partial(make, request, model))
        return Made(path=kept / _FILES[request.form], model=model)

    async def _write(self, request: Request, model: str, folder: Path) -> None:
        json: dict[str, JsonValue] = {"model": model, "messages": [{"role": "user", "content": request.prompt}]}
        if request.is_json:
            json["response_format"] = {"type": "json_object"}
        completion = await ask(
            self._http,
            f"{self._at}/chat/completions",
            _Completion.model_validate_json,
            service=SERVICE,
            headers=self._headers,
            json=json,
        )
        if not completion.choices:
            raise NotReady(f"{SERVICE} gave no answer")
        (folder / _FILES[Form.TEXT]).write_text(completion.choices[0].message.content, "utf-8")

    async def _speak(self, request: Request, model: str, folder: Path) -> None:
        sound = await ask(
            self._http,
            f"{self._at}/audio/speech",
            bytes,
            service=SERVICE,
            headers=self._headers,
            json={
                "model": model,
                "input": request.prompt,
                "voice": request.voice or self._voice,
                "response_format": "mp3",
                "speed": request.rate,
            },
        )
        (folder / _FILES[Form.SPEECH]).write_bytes(sound)

    async def _draw(self, request: Request, model: str, folder: Path) -> None:
        pictures = await ask(
            self._http,
            f"{self._at}/images/generations",
            _Pictures.model_validate_json,
            service=SERVICE,
            headers=self._headers,
            json={"model": model, "prompt": request.prompt, "size": request.size, "n": 1},
        )
        if not pictures.data:
            raise NotFound(f"{SERVICE} drew nothing")
        [picture, *_] = pictures.data
        target = folder / _FILES[Form.IMAGE]
        if picture.b64_json:
            target.write_bytes(b64decode(picture.b64_json))
        else:
            await self._http.download(picture.url, target)
