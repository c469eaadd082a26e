"""Ducking: where the voice really sounds, and how far the music goes down for it.

The voice's level is taken every 10 ms. It sounds where the level is above -55 dBFS and not more than 30 dB under its
own loud parts. Pauses shorter than 0.6 s are part of the speech; in longer ones the music comes back.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from core.api import Samples
from core.media.audio.samples import CHANNELS, RATE

STEP = RATE // 100
FLOOR_DB = -55.0
BELOW_LOUD_DB = 30.0
LOUD_PERCENTILE = 90
SHORTEST = round(0.03 * RATE)
"""Sounds shorter than this are clicks."""
PAUSE = round(0.6 * RATE)
ATTACK = round(0.15 * RATE)
RELEASE = round(0.5 * RATE)


@dataclass(frozen=True, slots=True)
class Speech:
    """A stretch of samples ``[first, end)`` in which a voice sounds, short pauses included."""

    first: int
    end: int


class LevelMeter:
    """Collects a sound's level (RMS of both sides), one number every 10 ms."""

    def __init__(self) -> None:
        self._levels: list[NDArray[np.float64]] = []
        self._rest: list[Samples] = []

    def push(self, samples: Samples) -> None:
        """Take the next samples."""
        joined = np.concatenate([*self._rest, samples])
        steps = len(joined) // STEP
        power = (joined[: steps * STEP].astype(np.float64) ** 2).reshape(steps, STEP * CHANNELS).mean(axis=1)
        self._levels.append(power)
        self._rest = [joined[steps * STEP :]]

    def levels(self) -> NDArray[np.float64]:
        """Return all levels in dBFS (a full-scale square wave is 0)."""
        power = np.concatenate([np.zeros(0), *self._levels])
        levels: NDArray[np.float64] = 10 * np.log10(np.maximum(power, 1e-12))
        return levels


def find_speech(levels: NDArray[np.float64], offset: int) -> Iterator[Speech]:
    """Yield the stretches of speech in a clip whose levels begin at sample ``offset`` of the mix, in order."""
    audible = levels[levels > FLOOR_DB]
    if not len(audible):
        return
    threshold = max(FLOOR_DB, float(np.percentile(audible, LOUD_PERCENTILE)) - BELOW_LOUD_DB)
    sounding = np.concatenate(([False], levels > threshold, [False]))
    edges = np.flatnonzero(sounding[1:] != sounding[:-1]) * STEP
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        if end - first >= SHORTEST:
            yield Speech(offset + int(first), offset + int(end))


def join_pauses(stretches: Iterable[Speech]) -> list[Speech]:
    """Return the stretches in order, those with a pause shorter than 0.6 s between them joined."""
    joined: list[Speech] = []
    for speech in sorted(stretches, key=lambda each: each.first):
        if joined and speech.first - joined[-1].end < PAUSE:
            joined[-1] = Speech(joined[-1].first, max(joined[-1].end, speech.end))
        else:
            joined.append(speech)
    return joined


class DuckEnvelope:
    """The gain of what is ducked, over the mix's own time.

    It goes down along a raised cosine (in decibels) within the 150 ms before a stretch, so that it is down when the
    first word begins, and comes back within 500 ms after it.
    """

    def __init__(self, speech: Iterable[Speech], by_db: float) -> None:
        self._speech = join_pauses(speech)
        self._by_db = by_db

    def gain(self, first: int, count: int) -> NDArray[np.float64]:
        """Return the linear gain of ``count`` samples from ``first``."""
        depth = np.zeros(count)
        at = np.arange(first, first + count)
        for speech in self._speech:
            if speech.first - ATTACK < first + count and first < speech.end + RELEASE:
                rise = (at - (speech.first - ATTACK)) / ATTACK
                fall = (speech.end + RELEASE - at) / RELEASE
                np.maximum(depth, np.clip(np.minimum(rise, fall), 0.0, 1.0), out=depth)
        shaped = 0.5 - 0.5 * np.cos(pi * depth)
        return 10 ** (-self._by_db * shaped / 20)
