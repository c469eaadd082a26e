"""Flashes and beeps: clips in which both come at known times, and their measurement."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 48_000
BEEP_HZ = 1000
BEEP_SECONDS = 0.05


def write_flash_and_beep(
    path: Path,
    *,
    fps: Fraction,
    seconds: int,
    size: tuple[int, int] = (160, 90),
    sample_rate: int = RATE,
    layout: str = "stereo",
    video_codec: str = "libx264",
    audio_codec: str = "aac",
    flash_at: Callable[[int], Fraction] = Fraction,
) -> Path:
    """Write a black clip that flashes white for one frame, with a beep that begins with the flash, every second."""
    frames = int(seconds * fps)
    flashes = {round(flash_at(second) * fps) for second in range(seconds)}
    with av.open(str(path), "w") as container:
        video = container.add_stream(video_codec, rate=fps)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.options = {"crf": "18", "preset": "ultrafast", "g": "30"} if video_codec == "libx264" else {"crf": "20"}
        audio = container.add_stream(audio_codec, rate=sample_rate)
        audio.codec_context.layout = layout
        audio.codec_context.format = "flt" if audio_codec == "libopus" else "fltp"
        for number in range(frames):
            picture = np.full((size[1], size[0], 3), 255 if number in flashes else 0, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="yuv420p", dst_colorspace="itu709")
            frame.pts = number
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        samples = np.zeros(seconds * sample_rate, np.float32)
        beep = 0.5 * np.sin(2 * np.pi * BEEP_HZ * np.arange(int(BEEP_SECONDS * sample_rate)) / sample_rate)
        for number in sorted(flashes):
            start = round(number / fps * sample_rate)
            samples[start : start + len(beep)] = beep[: len(samples) - start]
        channels = 2 if layout == "stereo" else 1
        resampler = av.AudioResampler(audio.codec_context.format, layout, sample_rate, frame_size=960)
        packed = np.repeat(samples, channels).reshape(1, -1)
        whole = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        whole.sample_rate, whole.pts = sample_rate, 0
        for part in (*resampler.resample(whole), *resampler.resample(None)):
            container.mux(audio.encode(part))
        container.mux(audio.encode(None))
    return path


def flashes_of(path: Path) -> list[float]:
    """Return when each flash begins, in seconds."""
    times, was_bright = [], False
    with av.open(str(path)) as container:
        origin = (container.start_time or 0) / 1_000_000
        for frame in container.decode(video=0):
            is_bright = float(frame.to_ndarray(format="gray").mean()) > 100
            if is_bright and not was_bright:
                times.append(frame.time - origin)
            was_bright = is_bright
    return times


def beeps_of(path: Path) -> list[float]:
    """Return when each beep begins, in seconds: where the level passes a tenth of full scale after silence."""
    blocks = []
    with av.open(str(path)) as container:
        origin = (container.start_time or 0) / 1_000_000
        resampler = av.AudioResampler("flt", "mono", RATE)
        first = None
        for frame in container.decode(audio=0):
            first = frame.time if first is None else first
            blocks += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    samples = np.abs(np.concatenate(blocks))
    loud = np.flatnonzero(samples > 0.1)
    gaps = np.flatnonzero(np.diff(loud, prepend=-RATE) > RATE // 5)
    return [float(loud[gap]) / RATE + (first or 0.0) - origin for gap in gaps]
