"""Frames reach the encoder in order, sound in step, and an error on either side ends both."""

import threading
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
import pytest

from core.media.frames import new_frame
from core.render.pipeline import FRAMES_AHEAD, AudioFeed, encode

FPS = Fraction(30)


class Recorder:
    """An encode session that remembers what it was given."""

    def __init__(self, *, fail_at: int | None = None) -> None:
        self.calls: list[tuple[str, int]] = []
        self.fail_at = fail_at

    def write_video(self, frame: av.VideoFrame) -> None:
        if frame.pts == self.fail_at:
            raise OSError("disk full")
        self.calls.append(("video", frame.pts or 0))

    def write_audio(self, samples: np.ndarray) -> None:
        self.calls.append(("audio", len(samples)))

    def close(self) -> None: ...

    def abort(self) -> None: ...


def frames(count: int) -> Iterator[av.VideoFrame]:
    for _ in range(count):
        yield new_frame(16, 16)


def test_frames_are_numbered_and_written_in_order() -> None:
    session, done = Recorder(), []
    encode(session.write_video, frames(10), fps=FPS, audio=None, on_encoded=done.append)
    assert session.calls == [("video", number) for number in range(10)]
    assert done == list(range(1, 11))


def test_sound_runs_a_little_ahead_of_the_picture_and_all_of_it_is_written() -> None:
    session = Recorder()
    blocks = iter([np.zeros((4800, 2), np.float32)] * 20)
    encode(
        session.write_video,
        frames(30),
        fps=FPS,
        audio=AudioFeed(session, blocks, 48_000),
        on_encoded=lambda _done: None,
    )
    assert sum(count for kind, count in session.calls if kind == "audio") == 96_000
    heard = seen = 0
    for kind, count in session.calls[: session.calls.index(("video", 29))]:
        if kind == "video":
            seen = count + 1
        else:
            heard += count
            assert Fraction(heard, 48_000) < seen / FPS + Fraction(1, 2) + Fraction(1, 10)


def test_an_error_of_the_encoder_is_raised_and_drawing_stops() -> None:
    drawn = []

    def counted() -> Iterator[av.VideoFrame]:
        for frame in frames(1000):
            drawn.append(frame)
            yield frame

    session = Recorder(fail_at=3)
    with pytest.raises(OSError, match="disk full"):
        encode(session.write_video, counted(), fps=FPS, audio=None, on_encoded=lambda _done: None)
    assert session.calls == [("video", 0), ("video", 1), ("video", 2)]
    assert len(drawn) <= 3 + FRAMES_AHEAD + 3


def test_an_error_while_drawing_is_raised_and_the_encoder_ends() -> None:
    def broken() -> Iterator[av.VideoFrame]:
        yield from frames(2)
        raise ValueError("no such clip")

    before = threading.active_count()
    with pytest.raises(ValueError, match="no such clip"):
        encode(Recorder().write_video, broken(), fps=FPS, audio=None, on_encoded=lambda _done: None)
    assert threading.active_count() == before
