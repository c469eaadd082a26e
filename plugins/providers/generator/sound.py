"""Writing sound: stereo samples as 16-bit WAV or FLAC, piece by piece."""

import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
CHUNK = RATE * 4
"""Samples that are made at a time: sound of any length takes little memory."""
type Sound = NDArray[np.floating]
"""Samples, full scale at ±1: shape (count,) for mono, (count, 2) for stereo."""
type Write = Callable[[Sound], None]


@contextmanager
def open_sound(path: Path) -> Iterator[Write]:
    """Write a file as its name ends (``.wav``, ``.flac``); a mono sound becomes the same on both sides."""
    with _open_flac(path) if path.suffix == ".flac" else _open_wav(path) as write:
        yield lambda sound: write(_as_integers(sound))


@contextmanager
def _open_wav(path: Path) -> Iterator[Callable[[NDArray[np.int16]], None]]:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        yield lambda samples: file.writeframes(samples.astype("<i2").tobytes())


@contextmanager
def _open_flac(path: Path) -> Iterator[Callable[[NDArray[np.int16]], None]]:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("flac", rate=RATE, layout="stereo", format="s16")
        count = 0

        def write(samples: NDArray[np.int16]) -> None:
            nonlocal count
            frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="stereo")
            frame.sample_rate, frame.pts = RATE, count
            count += len(samples)
            container.mux(stream.encode(frame))

        yield write
        container.mux(stream.encode(None))


def _as_integers(sound: Sound) -> NDArray[np.int16]:
    stereo = sound if sound.ndim == 2 else np.column_stack((sound, sound))
    return np.rint(np.clip(stereo, -1, 1) * 32767).astype(np.int16)


def times(duration: float) -> Sound:
    """Return the time of each sample in seconds."""
    return np.arange(round(duration * RATE)) / RATE


def pieces(duration: float) -> Iterator[Sound]:
    """Yield the times of all samples, some seconds at a time."""
    count = round(duration * RATE)
    for first in range(0, count, CHUNK):
        yield np.arange(first, min(first + CHUNK, count)) / RATE


def ends(at: Sound, duration: float, *, rise: float = 0.005, fall: float = 0.005) -> Sound:
    """Return a factor for samples at these times that lets a sound begin and end without a click."""
    last = (round(duration * RATE) - 1) / RATE
    return np.clip(at / rise, 0, 1) * np.clip((last - at) / fall, 0, 1)
