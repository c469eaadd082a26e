"""The pipeline: frames are drawn on one thread and encoded on another, with sound fed in step."""

import queue
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction

import av

from core.api import EncodeSession, Samples

FRAMES_AHEAD = 8
"""How many drawn frames may wait for the encoder: memory is bounded by this, not by the video's length.

As many as are drawn while an encoder hands out the last of a segment."""
AUDIO_AHEAD = Fraction(1, 2)
"""How far sound is written ahead of the picture, in seconds, so that the muxer need not hold either back."""


class AudioFeed:
    """Hands sound to a session in step with its picture."""

    def __init__(self, session: EncodeSession, blocks: Iterator[Samples], sample_rate: int) -> None:
        self._session = session
        self._blocks = blocks
        self._sample_rate = sample_rate
        self._written = 0
        self._is_done = False

    def up_to(self, time: Fraction) -> None:
        """Write sound until it reaches ``time`` seconds."""
        while not self._is_done and Fraction(self._written, self._sample_rate) < time:
            self._write_block()

    def rest(self) -> None:
        """Write what is left."""
        while not self._is_done:
            self._write_block()

    def _write_block(self) -> None:
        block = next(self._blocks, None)
        if block is None:
            self._is_done = True
            return
        self._session.write_audio(block)
        self._written += len(block)


def encode(
    write: Callable[[av.VideoFrame], None],
    frames: Iterator[av.VideoFrame],
    *,
    fps: Fraction,
    audio: AudioFeed | None,
    on_encoded: Callable[[int], None],
) -> None:
    """Draw ``frames`` on this thread while another gives them to ``write``; return when all are written.

    ``on_encoded`` is called on the encoder's thread with the number of frames written so far. An error on either
    side stops both and is raised here.
    """
    drawn: queue.Queue[av.VideoFrame | None] = queue.Queue(FRAMES_AHEAD)
    failed: list[BaseException] = []

    def write_all() -> None:
        written = 0
        try:
            while (frame := drawn.get()) is not None:
                frame.pts = written
                write(frame)
                written += 1
                if audio:
                    audio.up_to(written / fps + AUDIO_AHEAD)
                on_encoded(written)
            if audio:
                audio.rest()
        except BaseException as err:  # noqa: BLE001 - whatever it is, it is raised again on the drawing thread
            failed.append(err)
            while drawn.get() is not None:  # let the drawing side go on to where it sees the failure
                pass

    encoder = threading.Thread(target=write_all, name="encode")
    encoder.start()
    try:
        for frame in frames:
            if failed:
                break
            drawn.put(frame)
    finally:
        drawn.put(None)
        encoder.join()
    if failed:
        raise failed[0]
