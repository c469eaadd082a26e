"""Looks: what of a text is seen at a time, apart from its pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from core.media.painters.words import speech_at, words_begun
from core.timeline.sources import RevealUnit, TextReveal, TextSource

RISE = 0.25
"""How far words and lines rise while they appear, in font sizes."""
PHASES = 4
"""Steps to the pixel that a rise is drawn at."""
POP_TIME = Fraction(12, 100)
"""Seconds that a spoken word takes to grow, and to shrink."""
POP_STEPS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """How far a word or line has come in: its opacity (0 to 255), and how far below its place it is (in phases)."""

    opacity: int = 255
    below: int = 0


SETTLED = Entrance()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything that decides a text's pixels.

    ``letters`` are shown; ``entrances`` are those of the units, none once all have settled. ``spoken`` is the word
    being spoken, enlarged by ``pop`` (0 to ``POP_STEPS``); ``begun`` words keep the highlight.
    """

    letters: int
    entrances: tuple[Entrance, ...] = ()
    spoken: int | None = None
    begun: int = 0
    pop: int = 0


def has_speech(source: TextSource) -> bool:
    """Tell whether spoken words look different."""
    marks = source.highlight is not None or source.highlight_background is not None or source.pop != 1
    return marks and bool(source.words)


def look_at(source: TextSource, time: Fraction, reveal: float, *, letters: int, unit_sizes: Sequence[float]) -> Look:
    """Return a text's look: ``letters`` is their count, ``unit_sizes`` the font size in pixels of each unit."""
    shown = _count(reveal, letters)
    entrances: tuple[Entrance, ...] = ()
    if source.reveal:
        progress = _progress(source.reveal, time)
        if source.reveal.by is RevealUnit.LETTERS:
            shown = min(shown, _count(progress, letters))
        elif progress < 1:
            entrances = tuple(_entrance(unit, len(unit_sizes), size, progress) for unit, size in enumerate(unit_sizes))
    if not has_speech(source):
        return Look(letters=shown, entrances=entrances)
    speech = speech_at(source.words, time)
    return Look(
        letters=shown,
        entrances=entrances,
        spoken=speech.word if speech else None,
        begun=words_begun(source.words, time) if source.keeps_highlight else 0,
        pop=_pop(speech.since, speech.until) if speech and source.pop != 1 else 0,
    )


def _count(share: float, letters: int) -> int:
    # The share is often a sum of rounded parts: 0.3 of ten letters are three.
    return min(max(floor(share * letters + 1e-6), 0), letters)


def _progress(reveal: TextReveal, time: Fraction) -> float:
    if time >= reveal.duration:
        return 1.0
    return max(float(time / reveal.duration), 0.0)


def _entrance(unit: int, units: int, size: float, progress: float) -> Entrance:
    """Return a unit's entrance: each takes two of ``units + 1`` equal steps and begins one after the unit before."""
    passed = min(max((progress * (units + 1) - unit) / 2, 0.0), 1.0)
    below = size * RISE * (1 - passed) ** 2
    return Entrance(opacity=round(255 * passed), below=round(below * PHASES))


def _pop(since: Fraction, until: Fraction) -> int:
    """Return how far a word has grown; a short one grows for half its time and shrinks for the other."""
    time = min(POP_TIME, (since + until) / 2)
    passed = min(float(min(since, until) / time), 1.0) if time > 0 else 0.0
    return round(POP_STEPS * (1 - (1 - passed) ** 2))
