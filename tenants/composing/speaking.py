"""Speaking: a scene's text as sound, with how long it is and when each word is heard."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from core.api import AssetKind, InvalidInput
from core.host.kinds import Kind
from core.render.store import sha256_of
from core.timeline.captions import parse_captions
from core.timeline.plan import Probe
from tenants.plugin_sets.view import TenantPlugins

_WORDS_A_LINE = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedWord:
    """A word and when it is heard, in seconds from the beginning of its speech."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of captions, in seconds from the beginning of its speech."""

    start: float
    end: float
    words: tuple[TimedWord, ...]

    @property
    def text(self) -> str:
        """What it says."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """A spoken text: what a provider knows it by, its seconds, and its lines."""

    provider: str
    asset_id: str
    seconds: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A provider that speaks. ``probe`` looks at a sound file, given its path and SHA-256; it blocks."""

    view: TenantPlugins
    provider: str
    voice: str
    probe: Callable[[Path, str], Probe]

    def __post_init__(self) -> None:
        there = self.view.catalogue(kinds=[Kind.ASSET_PROVIDERS]).providers
        if self.provider not in there or AssetKind.AUDIO not in there[self.provider].kinds:
            raise InvalidInput(f'"{self.provider}" is no provider of speech here', path="speaker")

    async def speak(self, text: str, folder: Path) -> Speech:
        """Have a text spoken, into ``folder``."""
        query = f"text={quote(text, safe='')}" + (f"&voice={quote(self.voice, safe='')}" if self.voice else "")
        spoken = await self.view.fetch(self.provider, f"speech?{query}", folder / "speech")
        probe = await asyncio.to_thread(lambda: self.probe(spoken.path, sha256_of(spoken.path)))
        seconds = float(probe.duration or 0)
        kinds = self.view.catalogue(kinds=[Kind.ASSET_PROVIDERS]).providers[self.provider].kinds
        if AssetKind.CAPTIONS not in kinds:
            return Speech(
                provider=self.provider, asset_id=f"speech?{query}", seconds=seconds, lines=spread(text, seconds)
            )
        written = await self.view.fetch(self.provider, f"captions?{query}", folder / "captions")
        cues = parse_captions(written.path.read_text("utf-8"))
        lines = tuple(
            Line(
                start=float(cue.start),
                end=float(cue.end),
                words=tuple(
                    TimedWord(start=float(word.start), end=float(word.end), text=word.text) for word in cue.words
                )
                or (TimedWord(start=float(cue.start), end=float(cue.end), text=cue.text),),
            )
            for cue in cues
        )
        return Speech(provider=self.provider, asset_id=f"speech?{query}", seconds=seconds, lines=lines)


def spread(text: str, seconds: float) -> tuple[Line, ...]:
    """Return lines whose words are heard one after the other, each as long as it is written: an estimate."""
    words = text.split()
    total = sum(len(word) + 1 for word in words) or 1
    timed: list[TimedWord] = []
    at = 0.0
    for word in words:
        end = at + seconds * (len(word) + 1) / total
        timed.append(TimedWord(start=round(at, 3), end=round(end, 3), text=word))
        at = end
    groups = [tuple(timed[first : first + _WORDS_A_LINE]) for first in range(0, len(timed), _WORDS_A_LINE)]
    return tuple(Line(start=each[0].start, end=each[-1].end, words=each) for each in groups)
