"""Writing sound: stereo samples as 16-bit WAV."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
type Sound = NDArray[np.floating]
"""Samples, full scale at ±1: shape (count,) for mono, (count, 2) for stereo."""


def write_wav(sound: Sound, path: Path) -> None:
    """Write samples; a mono sound becomes the same on both sides."""
    stereo = sound if sound.ndim == 2 else np.column_stack((sound, sound))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.rint(np.clip(stereo, -1, 1) * 32767).astype("<i2").tobytes())


def times(duration: float) -> Sound:
    """Return the time of each sample in seconds."""
    return np.arange(round(duration * RATE)) / RATE


def soft_ends(sound: Sound, seconds: float = 0.005) -> Sound:
    """Return a sound that begins and ends without a click."""
    count = min(len(sound) // 2, round(seconds * RATE))
    slope = np.ones(len(sound))
    slope[:count] = np.linspace(0, 1, count)
    slope[len(sound) - count :] = np.linspace(1, 0, count)
    return sound * (slope if sound.ndim == 1 else slope[:, None])
