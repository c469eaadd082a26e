"""The studio: has texts spoken by worker processes, and keeps what was spoken, so that captions match their speech."""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.api import JsonValue, MediaError, NotReady
from plugins.providers.keeping import Kept
from plugins.providers.voice.request import SpeechRequest
from plugins.providers.voice.speech import TimedWord
from plugins.providers.voice.voices import INSTALL, Voice, espeak_library, is_piper_installed
from plugins.providers.voice.worker import JOB, REFUSED, SPEECH, WORDS

DEADLINE = 600.0
KEPT = 64
"""How many texts are kept."""
REVISION = 1
"""Raise this when the same request would sound or be timed differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A spoken text: a WAV file (kept by the studio, to be copied) and its words."""

    path: Path
    words: tuple[TimedWord, ...]


class Studio:
    """Speaks texts, one at a time in each event loop.

    ``folder`` is its own; ``espeak`` names an eSpeak NG library to use, empty for what is found.
    """

    def __init__(self, folder: Path, *, espeak: str = "") -> None:
        self._kept = Kept(folder / "spoken", most=KEPT)
        self._espeak = espeak

    async def record(self, request: SpeechRequest, voice: Voice, speaker: str) -> Recording:
        """Return the text as spoken by the voice.

        Raise ``NotReady`` when the engine is not installed or does not answer, ``MediaError`` when it refuses.
        """
        job = self._job(request, voice, speaker)

        async def speak(folder: Path) -> None:
            (folder / JOB).write_text(json.dumps(job), "utf-8")
            await _run_worker(folder)

        return await asyncio.to_thread(_load, await self._kept.get(_everything(job, voice), speak))

    def _job(self, request: SpeechRequest, voice: Voice, speaker: str) -> dict[str, str | float]:
        library, data = "", None
        if voice.model is None:
            library, data = espeak_library(self._espeak)
        elif not is_piper_installed():
            raise NotReady("Piper is not installed", hint=INSTALL)
        return asdict(request) | {
            "voice": voice.id,
            "language": voice.language,
            "model": str(voice.model or ""),
            "speaker": speaker,
            "espeak": library,
            "espeak_data": str(data or ""),
        }


async def _run_worker(folder: Path) -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "plugins.providers.voice.worker",
        str(folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(DEADLINE):
            _, told = await worker.communicate()
    except TimeoutError as err:
        raise NotReady("the voice does not answer") from err
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
    if worker.returncode == 0:
        return
    reason = told.decode(errors="replace").strip().rpartition("\n")[2] or f"exit status {worker.returncode}"
    if worker.returncode == REFUSED:
        raise MediaError(f"the voice refuses: {reason}")
    raise NotReady(f"the voice failed: {reason}")


def _everything(job: dict[str, str | float], voice: Voice) -> JsonValue:
    """Return everything that can change a recording's sound."""
    stat = voice.model.stat() if voice.model else None
    return [dict(job), REVISION, _piper_version(), [stat.st_size, stat.st_mtime_ns] if stat else None]


def _piper_version() -> str:
    try:
        return version("piper-tts")
    except PackageNotFoundError:
        return ""


def _load(kept: Path) -> Recording:
    words = json.loads((kept / WORDS).read_text("utf-8"))
    return Recording(path=kept / SPEECH, words=tuple(TimedWord(**word) for word in words))
