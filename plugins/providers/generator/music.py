"""Music: a bed to lie under a voice, composed from a mood, a tempo and a seed.

Chords in four-bar turns, an arpeggio over them, a soft bass, light percussion, and a room around it all.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.api import Values
from plugins.providers.generator.sound import CHUNK, RATE, Sound, ends, open_sound, times
from plugins.providers.generator.stopping import Check

A4 = 440.0
LEVEL = 0.08
"""RMS of the finished bed: about -20 LUFS."""
PEAK = 0.84
BEATS = 4
ROOM_SECONDS = 1.9
LONGEST_TAIL = 2.0
"""How long a note may ring past the end of its bar, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """What a bed is made from: chords as semitones above A2, one a bar, and how much of each voice is heard."""

    chords: tuple[tuple[int, ...], ...]
    pad: float
    arpeggio: float
    drums: float
    brightness: float


MOODS: dict[str, Mood] = {
    "warm": Mood(
        chords=((3, 7, 10, 14), (-2, 5, 10, 12), (0, 7, 10, 15), (-4, 3, 8, 10)),
        pad=1.0,
        arpeggio=0.55,
        drums=0.5,
        brightness=0.5,
    ),
    "bright": Mood(
        chords=((3, 7, 10, 17), (10, 14, 17, 19), (0, 7, 12, 15), (8, 12, 15, 19)),
        pad=0.7,
        arpeggio=0.9,
        drums=0.8,
        brightness=0.85,
    ),
    "calm": Mood(
        chords=((3, 10, 14, 19), (0, 7, 10, 17), (-4, 3, 10, 15), (-2, 5, 10, 14)),
        pad=1.1,
        arpeggio=0.35,
        drums=0.0,
        brightness=0.35,
    ),
    "drive": Mood(
        chords=((0, 7, 12, 15), (-4, 3, 8, 15), (3, 10, 15, 19), (-2, 5, 10, 17)),
        pad=0.6,
        arpeggio=0.8,
        drums=1.1,
        brightness=0.75,
    ),
}


def write_music(values: Values, path: Path, check: Check) -> None:
    """Compose a bed and write it: bar by bar into a draft, then at its level, so that memory stays small."""
    composer = _Composer(
        MOODS[values.text("mood")], values.number("duration"), 60 / values.number("bpm"), int(values.number("seed"))
    )
    squares, count = 0.0, 0
    with tempfile.TemporaryFile(dir=path.parent) as draft:
        for bar in composer.bars():
            check()
            squares += float((bar.astype(np.float64) ** 2).sum())
            count += bar.size
            draft.write(bar.astype(np.float32).tobytes())
        gain = LEVEL / (np.sqrt(squares / max(1, count)) or 1.0)
        draft.seek(0)
        with open_sound(path) as write:
            while piece := draft.read(CHUNK * 8):
                check()
                levelled = np.frombuffer(piece, np.float32).reshape(-1, 2) * gain
                # A soft knee instead of clipping, in case a beat piles up.
                write(np.tanh(levelled / PEAK) * PEAK)


def pitch(semitones: float) -> float:
    """Return the frequency in Hz of a note, counted from A2."""
    return A4 / 4 * 2 ** (semitones / 12)


class _Composer:
    """Lays notes into a canvas of two sides that begins with the bar that is played, and reaches past its end."""

    def __init__(self, mood: Mood, duration: float, beat: float, seed: int) -> None:
        self._mood = mood
        self._beat = beat
        self._duration = duration
        self._random = np.random.default_rng(seed)
        self._bar_start = 0
        self._dry = np.zeros((round((BEATS * beat + LONGEST_TAIL) * RATE), 2))
        self._wet = np.zeros_like(self._dry)
        self._room = _Room(np.random.default_rng((seed, 1)), round(BEATS * beat * RATE) + 1)

    def bars(self) -> Iterator[Sound]:
        """Yield the bed bar by bar, faded in and out."""
        total, number = round(self._duration * RATE), 0
        fall = min(2.0, self._duration / 4)
        while self._bar_start < total:
            self._play(number)
            number += 1
            count = min(round(number * BEATS * self._beat * RATE), total) - self._bar_start
            heard = self._dry[:count] + self._room.answer(self._wet[:count])
            at = np.arange(self._bar_start, self._bar_start + count) / RATE
            yield heard * ends(at, self._duration, rise=0.05, fall=fall)[:, None]
            for canvas in (self._dry, self._wet):
                canvas[:-count] = canvas[count:]
                canvas[-count:] = 0
            self._bar_start += count

    def _play(self, bar: int) -> None:
        start = self._bar_start / RATE
        chord = self._mood.chords[bar % len(self._mood.chords)]
        self._pad(start, chord)
        self._bass(start, chord[0])
        if bar >= 1:
            self._arpeggiate(start, chord, bar)
        if bar >= 2:
            self._drum(start, bar)

    def _lay(self, start: float, sound: Sound, level: float, pan: float = 0.0, room: float = 0.3) -> None:
        first = round(start * RATE) - self._bar_start
        end = min(first + len(sound), len(self._dry))
        angle = (pan + 1) * np.pi / 4
        sides = np.column_stack((np.cos(angle) * sound, np.sin(angle) * sound))[: end - first] * level
        self._dry[first:end] += sides
        self._wet[first:end] += sides * room

    def _pad(self, start: float, chord: tuple[int, ...]) -> None:
        length = BEATS * self._beat + 1.2
        at = times(length)
        swell = np.minimum(at / 0.9, 1) * np.clip((length - at) / 1.2, 0, 1)
        for index, note in enumerate(chord):
            for detune, pan in ((-0.06, -0.6), (0.05, 0.6)):
                tone = np.zeros_like(at)
                for partial in range(1, 7):
                    weight = self._mood.brightness ** (partial - 1) / partial
                    drift = 0.4 * np.sin(2 * np.pi * 0.13 * at + partial + index)
                    tone += weight * np.sin(2 * np.pi * pitch(note + 12 + detune) * partial * at + drift)
                self._lay(start, tone * swell, 0.05 * self._mood.pad, pan, room=0.6)

    def _bass(self, start: float, root: int) -> None:
        for beat, length in ((0.0, 1.9), (2.5, 1.3)):
            at = times(length * self._beat)
            body = np.sin(2 * np.pi * pitch(root - 12) * at) + 0.3 * np.sin(2 * np.pi * pitch(root) * at)
            shape = np.minimum(at / 0.02, 1) * np.exp(-at / (1.1 * self._beat)) * np.clip((at[-1] - at) / 0.05, 0, 1)
            self._lay(start + beat * self._beat, body * shape, 0.2, room=0.05)

    def _arpeggiate(self, start: float, chord: tuple[int, ...], bar: int) -> None:
        order = (0, 2, 1, 3, 2, 1, 3, 2) if bar % 2 else (0, 1, 2, 3, 1, 2, 3, 1)
        for step, index in enumerate(order):
            if step and self._random.random() < 0.16:
                continue
            swing = 0.07 * self._beat if step % 2 else 0.0
            note = chord[index] + 24 + (12 if self._random.random() < 0.12 else 0)
            strength = 0.75 + 0.25 * self._random.random() + (0.2 if step % 4 == 0 else 0)
            self._lay(
                start + step * self._beat / 2 + swing,
                self._mallet(pitch(note)),
                0.075 * self._mood.arpeggio * strength,
                pan=0.55 * np.sin(step * 1.9 + bar),
                room=0.75,
            )

    def _mallet(self, hz: float) -> Sound:
        at = times(1.6)
        tone = np.zeros_like(at)
        for partial, weight, decay in ((1, 1.0, 0.55), (2.0, 0.28, 0.3), (3.98, 0.2 * self._mood.brightness, 0.09)):
            tone += weight * np.sin(2 * np.pi * hz * partial * at) * np.exp(-at / decay)
        return tone * np.minimum(at / 0.003, 1) * np.clip((at[-1] - at) / 0.05, 0, 1)

    def _drum(self, start: float, bar: int) -> None:
        level = self._mood.drums
        if not level:
            return
        for beat in (0.0, 2.0) if bar % 4 != 3 else (0.0, 2.0, 3.5):
            at = times(0.28)
            fall = 48 + 70 * np.exp(-at / 0.03)
            kick = np.sin(2 * np.pi * np.cumsum(fall) / RATE) * np.exp(-at / 0.1) * np.minimum(at / 0.002, 1)
            self._lay(start + beat * self._beat, kick, 0.24 * level, room=0.04)
        for step in range(8):
            at = times(0.06)
            hiss = np.diff(self._random.normal(0, 1, len(at) + 1)) * np.exp(-at / 0.014)
            swing = 0.07 * self._beat if step % 2 else 0.0
            soft = 0.011 if step % 2 else 0.018
            self._lay(start + step * self._beat / 2 + swing, hiss, soft * level, pan=0.25, room=0.25)
        for beat in (1.0, 3.0):
            at = times(0.16)
            brush = np.diff(self._random.normal(0, 1, len(at) + 1)) * np.exp(-at / 0.045) * np.minimum(at / 0.004, 1)
            self._lay(start + beat * self._beat, brush, 0.034 * level, pan=-0.15, room=0.4)


class _Room:
    """What the room answers to a sound: noise that dies away, on each side its own."""

    def __init__(self, random: np.random.Generator, longest: int) -> None:
        at = times(ROOM_SECONDS)
        echo = random.normal(0, 1, (len(at), 2)) * np.exp(-at / (ROOM_SECONDS / 5))[:, None]
        kernel = np.hanning(25)
        for side in range(2):
            echo[:, side] = np.convolve(echo[:, side], kernel / kernel.sum(), mode="same")
        echo[: RATE // 60] = 0
        self._size = 1 << (longest + len(echo)).bit_length()
        self._echo = np.fft.rfft(echo / np.sqrt((echo**2).sum()), self._size, axis=0)
        self._ringing = np.zeros((self._size, 2))

    def answer(self, sound: Sound) -> Sound:
        """Return what is heard while a sound lasts; what rings on is heard with the next."""
        count = len(sound)
        self._ringing += np.fft.irfft(np.fft.rfft(sound, self._size, axis=0) * self._echo, self._size, axis=0)
        heard = self._ringing[:count].copy()
        self._ringing[:-count] = self._ringing[count:]
        self._ringing[-count:] = 0
        return heard
