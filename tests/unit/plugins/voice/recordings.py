"""What the voice tests share: a provider in a folder of its own, and measures of speech."""

import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.api import PluginContext, parse_values
from plugins.providers.voice.provider import PARAMS, VoiceProvider


def provider_in(folder: Path, **config: str) -> VoiceProvider:
    values, complaints = parse_values(PARAMS, config)
    assert not complaints
    return VoiceProvider(PluginContext(plugin_id="reelhouse.voice", folder=folder / "own", config=values, root=folder))


def new_folder(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def read_wave(path: Path) -> tuple[NDArray[np.float64], int]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
        return samples, file.getframerate()


def sounding(
    samples: NDArray[np.float64], rate: int, *, pause: float, below_db: float = 35.0
) -> list[tuple[float, float]]:
    """Return the stretches of sound that pauses of at least ``pause`` seconds part, as (start, end) in seconds."""
    step = rate // 200
    count = len(samples) // step
    power = (samples[: count * step].reshape(count, step) ** 2).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 10 ** (-below_db / 10))
    breaks = [(a, b) for a, b in pairwise(loud) if (b - a) * step / rate >= pause]
    starts = [loud[0], *(b for _, b in breaks)]
    ends = [*(a for a, _ in breaks), loud[-1]]
    return [(float(a * step / rate), float((b + 1) * step / rate)) for a, b in zip(starts, ends, strict=True)]
