"""Tones: the plain sounds that tests and cues need."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.api import Parameter, Values
from plugins.providers.generator.sound import Sound, soft_ends, times, write_wav

LEVEL = Parameter(name="level", title="Level", default=-12.0, minimum=-96.0, maximum=0.0, unit="dB")
HZ = Parameter(name="hz", title="Pitch", default=440.0, minimum=10.0, maximum=20_000.0, unit="Hz")
TO_HZ = Parameter(name="to", title="To", default=8000.0, minimum=10.0, maximum=20_000.0, unit="Hz")
EVERY = Parameter(name="every", title="Every", default=1.0, minimum=0.1, maximum=60.0, unit="s")
NOISE_SEED = 20_261_123
BEEP_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """A plain sound: ``wave`` gives it at full scale."""

    title: str
    description: str
    wave: Callable[[Values], Sound]
    params: tuple[Parameter, ...] = (LEVEL,)

    def write(self, values: Values, path: Path) -> None:
        """Write the sound at its level."""
        level = 10 ** (values.number("level") / 20) if LEVEL in self.params else 0.0
        write_wav(soft_ends(self.wave(values)) * level, path)


def _sine(values: Values) -> Sound:
    return np.sin(2 * np.pi * values.number("hz") * times(values.number("duration")))


def _sweep(values: Values) -> Sound:
    duration, low, high = values.number("duration"), values.number("hz"), values.number("to")
    at = times(duration)
    if low == high:
        return np.sin(2 * np.pi * low * at)
    growth = np.log(high / low)
    return np.sin(2 * np.pi * low * duration / growth * np.expm1(at / duration * growth))


def _noise(values: Values) -> Sound:
    return np.random.default_rng(NOISE_SEED).uniform(-1, 1, len(times(values.number("duration"))))


def _beeps(values: Values) -> Sound:
    at = times(values.number("duration"))
    into = at % values.number("every")
    edge = np.clip(np.minimum(into, BEEP_SECONDS - into) / 0.003, 0, 1)
    return np.sin(2 * np.pi * values.number("hz") * into) * edge


def _silence(values: Values) -> Sound:
    return np.zeros(len(times(values.number("duration"))))


TONES: dict[str, Tone] = {
    "tone": Tone(title="Tone", description="a steady sine", wave=_sine, params=(HZ, LEVEL)),
    "sweep": Tone(title="Sweep", description="a sine that rises", wave=_sweep, params=(HZ, TO_HZ, LEVEL)),
    "white-noise": Tone(title="White noise", description="all pitches at once", wave=_noise),
    "beeps": Tone(title="Beeps", description="short sines at even steps", wave=_beeps, params=(HZ, EVERY, LEVEL)),
    "silence": Tone(title="Silence", description="nothing", wave=_silence, params=()),
}
