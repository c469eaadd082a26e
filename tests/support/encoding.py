"""Encoding a short moving picture with sound through a session, for tests of encoders."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from core.api import EncodeJob, Encoder, JsonValue, parse_values
from core.media.encode import open_session
from core.media.frames import new_frame, plane_view
from core.timeline.plan import CaptionTrack

WIDTH, HEIGHT = 160, 90
SECOND = 48_000


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
        plane_view(frame, 1)[:] = plane_view(frame, 2)[:] = 128
    frame.pts = number
    return frame


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
    values, complaints = parse_values(encoder.params, quality or encoder.presets.get("draft", {}))
    assert not complaints
    has_audio = encoder.audio is not None
    draws = encoder.video is not None or encoder.open is not None
    job = EncodeJob(
        path=path,
        width=WIDTH,
        height=HEIGHT,
        fps=fps if draws else None,
        frames=frames,
        has_audio=has_audio,
        values=values,
    )
    session = open_session(encoder, job, captions=captions)
    per_frame = SECOND / fps
    for number in range(frames):
        if draws:
            session.write_video(frame_at(number, is_rgba=encoder.has_alpha))
        if has_audio:
            at = np.arange(round(number * per_frame), round((number + 1) * per_frame))
            tone = (0.3 * np.sin(2 * np.pi * 440 * at / SECOND)).astype(np.float32)
            session.write_audio(np.column_stack((tone, tone)))
    session.close()
    return path


def psnr(first: np.ndarray, second: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio of two 8-bit pictures in dB."""
    error = float(((first.astype(float) - second.astype(float)) ** 2).mean())
    return float("inf") if error == 0 else 10 * np.log10(255**2 / error)
