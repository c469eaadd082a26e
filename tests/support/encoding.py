"""Encoding short moving pictures with sound through sessions, for tests of encoders."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from core.api import EncodeJob, Encoder, EncodeSession, JsonValue, parse_values
from core.media.encode import open_session
from core.media.frames import new_frame, plane_view
from core.timeline.plan import CaptionTrack
from tests.support.sync import BEEP_HZ, BEEP_SECONDS

WIDTH, HEIGHT = 160, 90
SECOND = 48_000
BLACK, WHITE, NEUTRAL = 16, 235, 128


def luma_at(number: int) -> np.ndarray:
    """Return the luma of a test frame: a soft slope with a bright square that moves two pixels a frame."""
    luma = np.tile(np.linspace(40, 180, WIDTH).astype(np.uint8), (HEIGHT, 1))
    left = 10 + 2 * number % 120
    luma[30:60, left : left + 30] = 220
    return luma


def frame_at(number: int, *, is_rgba: bool) -> av.VideoFrame:
    """Return a test frame as an encoder gets it; an ``rgba`` one is transparent in its left half."""
    if is_rgba:
        grey = luma_at(number)
        alpha = np.zeros_like(grey)
        alpha[:, WIDTH // 2 :] = 255
        frame = av.VideoFrame.from_ndarray(np.dstack((grey, grey, grey, alpha)), "rgba")
    else:
        frame = new_frame(WIDTH, HEIGHT)
        plane_view(frame, 0)[:] = luma_at(number)
        plane_view(frame, 1)[:] = plane_view(frame, 2)[:] = NEUTRAL
    frame.pts = number
    return frame


def flat_frame(number: int, luma: int) -> av.VideoFrame:
    """Return a grey ``yuv420p`` frame."""
    frame = new_frame(WIDTH, HEIGHT)
    plane_view(frame, 0)[:] = luma
    plane_view(frame, 1)[:] = plane_view(frame, 2)[:] = NEUTRAL
    frame.pts = number
    return frame


def tone(start: int, end: int) -> np.ndarray:
    """Return the samples ``[start, end)`` of an endless 440 Hz tone, stereo."""
    wave = (0.3 * np.sin(2 * np.pi * 440 * np.arange(start, end) / SECOND)).astype(np.float32)
    return np.column_stack((wave, wave))


def open_clip(
    encoder: Encoder,
    path: Path,
    *,
    frames: int = 30,
    fps: Fraction = Fraction(30),
    quality: dict[str, JsonValue] | None = None,
    captions: Sequence[CaptionTrack] = (),
    has_audio: bool | None = None,
    sample_rate: int = SECOND,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> EncodeSession:
    """Open a session for a test clip; with sound where the encoder has it, in the quality of a draft."""
    values, complaints = parse_values(encoder.params, encoder.presets.get("draft", {}) if quality is None else quality)
    assert not complaints
    draws = encoder.video is not None or encoder.open is not None
    job = EncodeJob(
        path=path,
        width=size[0],
        height=size[1],
        fps=fps if draws else None,
        frames=frames if draws else 0,
        has_audio=encoder.audio is not None if has_audio is None else has_audio,
        values=values,
        sample_rate=sample_rate,
    )
    return open_session(encoder, job, captions=captions)


def encode_clip(
    encoder: Encoder,
    path: Path,
    *,
    frames: int = 30,
    fps: Fraction = Fraction(30),
    quality: dict[str, JsonValue] | None = None,
    captions: Sequence[CaptionTrack] = (),
) -> Path:
    """Encode a test clip with a second of 440 Hz for each second of picture."""
    session = open_clip(encoder, path, frames=frames, fps=fps, quality=quality, captions=captions)
    draws = encoder.video is not None or encoder.open is not None
    per_frame = SECOND / fps
    for number in range(frames):
        if draws:
            session.write_video(frame_at(number, is_rgba=encoder.has_alpha))
        if encoder.audio is not None:
            session.write_audio(tone(round(number * per_frame), round((number + 1) * per_frame)))
    session.close()
    return path


def encode_frames(
    encoder: Encoder, path: Path, frames: Sequence[av.VideoFrame], *, quality: dict[str, JsonValue] | None = None
) -> Path:
    """Encode pictures without sound, 30 a second."""
    size = (frames[0].width, frames[0].height)
    session = open_clip(encoder, path, frames=len(frames), quality=quality, has_audio=False, size=size)
    for number, frame in enumerate(frames):
        frame.pts = number
        session.write_video(frame)
    session.close()
    return path


def encode_flashes(
    encoder: Encoder,
    path: Path,
    *,
    fps: Fraction,
    seconds: int = 3,
    quality: dict[str, JsonValue] | None = None,
    block: int = 777,
) -> Path:
    """Encode black with a white frame every second, and a beep that begins with it; sound comes in odd blocks."""
    frames = round(seconds * fps)
    flashes = {round(second * fps) for second in range(seconds)}
    samples = np.zeros((seconds * SECOND, 2), np.float32)
    beep = 0.5 * np.sin(2 * np.pi * BEEP_HZ * np.arange(int(BEEP_SECONDS * SECOND)) / SECOND)
    for number in flashes:
        start = round(number / fps * SECOND)
        samples[start : start + len(beep)] = beep[:, np.newaxis]
    session = open_clip(encoder, path, frames=frames, fps=fps, quality=quality)
    for number in range(frames):
        session.write_video(flat_frame(number, WHITE if number in flashes else BLACK))
    for start in range(0, len(samples), block):
        session.write_audio(samples[start : start + block])
    session.close()
    return path


def psnr(first: np.ndarray, second: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio of two 8-bit pictures in dB."""
    error = float(((first.astype(float) - second.astype(float)) ** 2).mean())
    return float("inf") if error == 0 else 10 * np.log10(255**2 / error)
