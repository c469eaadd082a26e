"""The studio: has texts spoken by worker processes, and keeps what was spoken, so that captions match their speech."""

import asyncio
import hashlib
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from weakref import WeakKeyDictionary

from core.api import MediaError, NotReady
from plugins.providers.voice.request import SpeechRequest
from plugins.providers.voice.speech import TimedWord
from plugins.providers.voice.voices import INSTALL, Voice, espeak_library, is_piper_installed
from plugins.providers.voice.worker import JOB, REFUSED, SPEECH, WORDS

DEADLINE = 600.0
SPEAKING = "speaking-"
KEPT = 64
"""How many texts are kept; the oldest go first."""
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
        self._folder = folder / "spoken"
        self._espeak = espeak
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    async def record(self, request: SpeechRequest, voice: Voice, speaker: str) -> Recording:
        """Return the text as spoken by the voice.

        Raise ``NotReady`` when the engine is not installed or does not answer, ``MediaError`` when it refuses.
        """
        job = self._job(request, voice, speaker)
        kept = self._folder / _fingerprint(job, voice)
        async with self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            if not kept.is_dir():
                await self._speak(job, kept)
            os.utime(kept)
            await asyncio.to_thread(self._forget_oldest)
            return await asyncio.to_thread(_load, kept)

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

    async def _speak(self, job: dict[str, str | float], kept: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=SPEAKING, dir=self._folder))
        try:
            (folder / JOB).write_text(json.dumps(job), "utf-8")
            await _run_worker(folder)
            await asyncio.to_thread(_keep, folder, kept)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _forget_oldest(self) -> None:
        kept = [each for each in self._folder.iterdir() if not each.name.startswith(SPEAKING)]
        for old in sorted(kept, key=lambda each: each.stat().st_mtime_ns)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)


def _keep(folder: Path, kept: Path) -> None:
    """Put a finished recording in its place, unless another process was there first: both are the same."""
    try:
        folder.rename(kept)
    except OSError:
        if not kept.is_dir():
            raise


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


def _fingerprint(job: dict[str, str | float], voice: Voice) -> str:
    """Return what a recording is known by: everything that can change its sound."""
    stat = voice.model.stat() if voice.model else None
    parts = [job, REVISION, _piper_version(), (stat.st_size, stat.st_mtime_ns) if stat else None]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _piper_version() -> str:
    try:
        return version("piper-tts")
    except PackageNotFoundError:
        return ""


def _load(kept: Path) -> Recording:
    words = json.loads((kept / WORDS).read_text("utf-8"))
    return Recording(path=kept / SPEECH, words=tuple(TimedWord(**word) for word in words))
