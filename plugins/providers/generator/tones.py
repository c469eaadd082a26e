"""Tones: the plain sounds that tests and cues need."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.api import Parameter, Values
from plugins.providers.generator.sound import RATE, Sound, ends, open_sound, pieces
from plugins.providers.generator.stopping import Check

LEVEL = Parameter(name="level", title="Level", default=-12.0, minimum=-96.0, maximum=0.0, unit="dB")
HZ = Parameter(name="hz", title="Pitch", default=440.0, minimum=10.0, maximum=20_000.0, unit="Hz")
TO_HZ = Parameter(name="to", title="To", default=8000.0, minimum=10.0, maximum=20_000.0, unit="Hz")
EVERY = Parameter(name="every", title="Every", default=1.0, minimum=0.1, maximum=60.0, unit="s")
NOISE_SEED = 20_261_123
BEEP_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """A plain sound: ``wave`` gives it at full scale, for samples at the times it is given."""

    title: str
    description: str
    wave: Callable[[Values, Sound], Sound]
    params: tuple[Parameter, ...] = (LEVEL,)

    def write(self, values: Values, path: Path, check: Check) -> None:
        """Write the sound at its level."""
        level = 10 ** (values.number("level") / 20) if LEVEL in self.params else 0.0
        duration = values.number("duration")
        with open_sound(path) as write:
            for at in pieces(duration):
                check()
                write(self.wave(values, at) * ends(at, duration) * level)


def _sine(values: Values, at: Sound) -> Sound:
    return np.sin(2 * np.pi * values.number("hz") * at)


def _sweep(values: Values, at: Sound) -> Sound:
    duration, low, high = values.number("duration"), values.number("hz"), values.number("to")
    if low == high:
        return _sine(values, at)
    growth = np.log(high / low)
    return np.sin(2 * np.pi * low * duration / growth * np.expm1(at / duration * growth))


def _noise(_: Values, at: Sound) -> Sound:
    random = np.random.default_rng((NOISE_SEED, round(at[0] * RATE)))
    return random.uniform(-1, 1, len(at))


def _beeps(values: Values, at: Sound) -> Sound:
    into = at % values.number("every")
    edge = np.clip(np.minimum(into, BEEP_SECONDS - into) / 0.003, 0, 1)
    return np.sin(2 * np.pi * values.number("hz") * into) * edge


def _silence(_: Values, at: Sound) -> Sound:
    return np.zeros(len(at))


TONES: dict[str, Tone] = {
    "tone": Tone(title="Tone", description="a steady sine", wave=_sine, params=(HZ, LEVEL)),
    "sweep": Tone(title="Sweep", description="a sine that rises", wave=_sweep, params=(HZ, TO_HZ, LEVEL)),
    "white-noise": Tone(title="White noise", description="all pitches at once", wave=_noise),
    "beeps": Tone(title="Beeps", description="short sines at even steps", wave=_beeps, params=(HZ, EVERY, LEVEL)),
    "silence": Tone(title="Silence", description="nothing", wave=_silence, params=()),
}
