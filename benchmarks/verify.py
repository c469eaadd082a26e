"""What a tool wrote, looked at: the same length, the same sound, everything drawn, the same picture.

Nobody shall win by drawing less.
"""

from dataclasses import dataclass
from functools import cache
from math import inf, log10
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.scenes import Box, Scene

type Planes = tuple[NDArray[np.uint8], ...]

UNLIKE = 27.0
"""Below this PSNR, in dB, two pictures do not show the same: something was drawn there."""
SOUND_TOLERANCE = 1.0
"""How many decibels the level may differ between two tools."""
LENGTH_TOLERANCE = 0.1
"""How many seconds the sound may be longer or shorter than the picture: encoders pad their first and last block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found: size in bytes, the least PSNR against the reference in dB (None for the reference itself)."""

    size: int
    frames: int
    likeness: float | None
    complaints: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Film:
    """A decoded file: how many frames, those that were asked for, and its sound's length and level (dB)."""

    frames: int
    pictures: dict[int, Planes]
    sound_seconds: float
    sound_level: float


class Verifier:
    """Compares outputs of one scene with the sources and with ``reference``, another tool's output."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._reference: _Film | None = None
        self._wanted = frozenset({mark.frame for mark in scene.landmarks} | set(scene.compared_frames))

    def verify(self, output: Path) -> Verdict:
        """Judge an output. The first one judged is the reference for those that follow."""
        film = _decode(output, self._wanted)
        complaints = [*self._length(film), *self._missing(film), *self._sound(film)]
        likeness = None
        if self._reference is None:
            self._reference = film
        else:
            likeness = self._likeness(film, self._reference)
            if likeness < self._scene.least_likeness:
                complaints.append(f"the picture differs from the reference: {likeness:.1f} dB")
        return Verdict(size=output.stat().st_size, frames=film.frames, likeness=likeness, complaints=tuple(complaints))

    def _length(self, film: _Film) -> list[str]:
        wanted = self._scene.frames
        return [] if film.frames == wanted else [f"{film.frames} frames instead of {wanted}"]

    def _missing(self, film: _Film) -> list[str]:
        missing: dict[str, int] = {}
        for mark in self._scene.landmarks:
            bare = _decode(mark.source, frozenset({mark.source_frame})).pictures[mark.source_frame]
            if mark.frame not in film.pictures or psnr(film.pictures[mark.frame], bare, mark.box) > UNLIKE:
                missing[mark.name] = missing.get(mark.name, 0) + 1
        return [f"{name} not drawn ({count} times)" for name, count in missing.items()]

    def _sound(self, film: _Film) -> list[str]:
        if not self._scene.has_sound:
            return []
        complaints = []
        if abs(film.sound_seconds - self._scene.seconds) > LENGTH_TOLERANCE:
            complaints.append(f"{film.sound_seconds:.2f} s of sound instead of {self._scene.seconds:.2f}")
        if self._reference and abs(film.sound_level - self._reference.sound_level) > SOUND_TOLERANCE:
            complaints.append(f"the sound is at {film.sound_level:.1f} dB instead of {self._reference.sound_level:.1f}")
        return complaints

    def _likeness(self, film: _Film, reference: _Film) -> float:
        seen = [number for number in self._scene.compared_frames if number in film.pictures]
        return min(psnr(film.pictures[number], reference.pictures[number], self._scene.compared) for number in seen)


def psnr(first: Planes, second: Planes, box: Box) -> float:
    """Return the PSNR in dB of a part of two YUV 4:2:0 pictures, over all planes; infinite when they are equal."""
    total, count = 0.0, 0
    for index, (one, other) in enumerate(zip(first, second, strict=True)):
        step = 2 if index else 1
        rows = slice(box.y // step, (box.y + box.height) // step)
        columns = slice(box.x // step, (box.x + box.width) // step)
        error = one[rows, columns].astype(np.int32) - other[rows, columns]
        total += float((error * error).sum())
        count += error.size
    return inf if total == 0 else 10 * log10(255 * 255 * count / total)


@cache
def _decode(path: Path, wanted: frozenset[int]) -> _Film:
    pictures: dict[int, Planes] = {}
    frames = samples = 0
    energy = 0.0
    rate = 1
    with av.open(str(path)) as container:
        for stream in container.streams.video:
            stream.thread_type = "AUTO"
        for frame in container.decode(*container.streams.video, *container.streams.audio):
            if isinstance(frame, av.VideoFrame):
                if frames in wanted:
                    pictures[frames] = planes(frame)
                frames += 1
            elif isinstance(frame, av.AudioFrame):
                block = frame.to_ndarray().astype(np.float64)
                energy += float((block * block).mean(axis=0).sum())
                samples, rate = samples + frame.samples, frame.sample_rate
    level = 10 * log10(energy / samples) if energy else -inf
    return _Film(frames=frames, pictures=pictures, sound_seconds=samples / rate, sound_level=level)


def planes(frame: av.VideoFrame) -> Planes:
    """Copy the planes of a ``yuv420p`` frame."""
    views = []
    for plane in frame.planes:
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        views.append(rows[:, : plane.width].copy())
    return tuple(views)
