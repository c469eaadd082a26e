"""Sounds for tests: synthetic waves written by libavcodec, and measures of what comes out."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from core.media.audio import RenderedAudio, render_audio
from core.timeline.plan import AudioClip, AudioMix, MediaFile, Probe

RATE = 48_000
CODECS = {
    "m4a": ("mp4", "aac"),
    "mp3": ("mp3", "libmp3lame"),
    "ogg": ("ogg", "libopus"),
    "webm": ("webm", "libopus"),
    "mkv": ("matroska", "aac"),
    "flac": ("flac", "flac"),
    "wav": ("wav", "pcm_s16le"),
    "f32.wav": ("wav", "pcm_f32le"),
}


def tone(seconds: float, *, frequency: float = 1000.0, level: float = 0.5, rate: int = RATE) -> NDArray[np.float32]:
    time = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def beeps(seconds: float, at: tuple[float, ...], *, rate: int = RATE, length: float = 0.05) -> NDArray[np.float32]:
    wave = np.zeros(round(seconds * rate), np.float32)
    for time in at:
        beep = tone(length, rate=rate)
        wave[round(time * rate) : round(time * rate) + len(beep)] = beep
    return wave


def write_sound(
    path: Path, channels: list[NDArray[np.float32]], *, rate: int = RATE, layout: str = "", delay: float = 0.0
) -> Path:
    """Write channels as the file's suffix says; ``delay`` shifts the time stamps."""
    container_format, codec = CODECS[path.name.split(".", 1)[1]]
    layout = layout or {1: "mono", 2: "stereo", 6: "5.1"}[len(channels)]
    with av.open(str(path), "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        if "pcm" not in codec and codec != "flac":
            stream.bit_rate = 192_000
        for frame in audio_frames(channels, layout, rate, stream.codec_context.format.name, delay):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def audio_frames(
    channels: list[NDArray[np.float32]], layout: str, rate: int, sample_format: str, delay: float = 0.0
) -> list[av.AudioFrame]:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(np.stack(channels)), "fltp", layout)
    frame.sample_rate = rate
    frame.time_base = Fraction(1, rate)
    frame.pts = round(delay * rate)
    resampler = av.AudioResampler(format=sample_format, layout=layout, rate=rate, frame_size=1024)
    return [*resampler.resample(frame), *resampler.resample(None)]


def onsets(samples: NDArray[np.float32], *, silence: float = 0.02) -> list[float]:
    """Return when sounds begin after at least ``silence`` seconds of quiet, in seconds."""
    level = np.abs(samples if samples.ndim == 1 else samples[:, 0])
    loud = np.flatnonzero(level > 0.4 * max(float(level.max()), 1e-6))
    begins = [int(loud[0])] if len(loud) else []
    begins += [int(after) for before, after in pairwise(loud) if after - before > silence * RATE]
    return [begin / RATE for begin in begins]


def pitch(samples: NDArray[np.float32]) -> float:
    """Return the strongest frequency in Hz."""
    wave = samples[:, 0] * np.hanning(len(samples))
    return float(np.argmax(np.abs(np.fft.rfft(wave))) * RATE / len(wave))


def level_db(samples: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2) + 1e-20))


def gathered(path: Path, *, seconds: float | None = None, has_audio: bool = True) -> MediaFile:
    duration = None if seconds is None else Fraction(seconds).limit_denominator(RATE)
    return MediaFile(path=path, sha256="0" * 64, probe=Probe(kind="audio", duration=duration, has_audio=has_audio))


def clip(
    source: str | AudioMix, *, start: Fraction | int = 0, duration: Fraction | int = 1, **more: object
) -> AudioClip:
    return AudioClip(
        id="a", path="audio.clips[0]", source=source, start=Fraction(start), duration=Fraction(duration), **more
    )


def mix_of(*clips: AudioClip, duration: Fraction | int | None = None, **more: object) -> AudioMix:
    length = Fraction(duration) if duration is not None else max(each.start + each.duration for each in clips)
    return AudioMix(**{"duration": length, "clips": clips, "true_peak": 20.0, **more})


def render(mix: AudioMix, media: dict[str, MediaFile], scratch: Path) -> NDArray[np.float32]:
    """Render within a new folder in ``scratch`` and return all samples."""
    return samples_of(rendered(mix, media, scratch))


def rendered(mix: AudioMix, media: dict[str, MediaFile], scratch: Path) -> RenderedAudio:
    folder = scratch / f"render-{len(list(scratch.glob('render-*')))}"
    folder.mkdir()
    return render_audio(mix, media, scratch=folder)


def samples_of(audio: RenderedAudio) -> NDArray[np.float32]:
    return np.concatenate([np.zeros((0, 2), np.float32), *audio.blocks()])
