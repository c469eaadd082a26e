"""Sessions of declared encoders: frames and samples become packets, packets one file."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import av

from core.api import Catalogue, EncodeJob, Encoder, EncodeSession, MediaError, Samples
from core.media.encode.audio import AudioEncoder
from core.media.encode.blamed import PLACE, BlamedSession
from core.media.encode.soft_captions import SoftCaptions
from core.media.encode.video import VideoEncoder
from core.media.faults import blame
from core.timeline.plan import CaptionTrack

UNFINISHED = ".part"
NOBODY = Catalogue()


def open_session(
    encoder: Encoder, job: EncodeJob, *, captions: Sequence[CaptionTrack] = (), catalogue: Catalogue = NOBODY
) -> EncodeSession:
    """Open a file for writing with an encoder. Soft ``captions`` are muxed where the container can hold them.

    Raise ``MediaError`` when the file can't be written or the codec refuses its settings, ``PluginFailed`` when the
    encoder's own code fails; ``catalogue`` tells whose it is.
    """
    with blame(catalogue, encoder.id, PLACE):
        if encoder.open is not None:
            return BlamedSession(encoder.open(job), encoder.id, catalogue)
        return ContainerSession(encoder, job, tuple(track for track in captions if track.is_soft))


class ContainerSession:
    """One container file. It is written under a name of its own and renamed when it is finished.

    Pictures and sound may be encoded on two threads at once; only muxing takes turns.
    """

    def __init__(self, encoder: Encoder, job: EncodeJob, captions: tuple[CaptionTrack, ...]) -> None:
        self._path = job.path
        self._fps = job.fps
        self._part = job.path.with_name(f".{job.path.name}{UNFINISHED}")
        self._muxing = threading.Lock()
        self._is_open = True
        with self._named_errors():
            self._container = av.open(
                str(self._part), "w", format=encoder.container, options=dict(encoder.container_options)
            )
        try:
            with self._named_errors():
                draws, sounds = encoder.video and job.fps, encoder.audio and job.has_audio
                self._video = VideoEncoder(self._container, encoder.video, job) if encoder.video and draws else None
                self._audio = AudioEncoder(self._container, encoder.audio, job) if encoder.audio and sounds else None
                self._captions = SoftCaptions(
                    self._container, encoder.container, captions, end=job.frames / job.fps if job.fps else None
                )
                self._container.start_encoding()
        except BaseException:
            self.abort()
            raise

    def write_video(self, frame: av.VideoFrame) -> None:
        assert self._video is not None, "only encoders with a video codec are given frames"
        with self._named_errors():
            packets = self._video.encode(frame)
            with self._muxing:
                if self._fps:
                    self._captions.mux_until((frame.pts or 0) / self._fps)
                self._container.mux(packets)

    def write_audio(self, samples: Samples) -> None:
        assert self._audio is not None, "only encoders with an audio codec are given samples"
        with self._named_errors():
            packets = self._audio.encode(samples)
            with self._muxing:
                self._container.mux(packets)

    def close(self) -> None:
        if not self._is_open:
            return
        try:
            with self._named_errors(), self._muxing:
                for encoder in (self._video, self._audio):
                    if encoder:
                        self._container.mux(encoder.flush())
                self._captions.mux_rest()
                self._container.close()
                _sync(self._part)
                self._part.replace(self._path)
        except BaseException:
            self.abort()
            raise
        self._is_open = False

    def abort(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        with self._muxing, suppress(av.FFmpegError, OSError, ValueError):
            # The trailer may not be writable any more; the file is removed all the same.
            self._container.close()
        with suppress(OSError):  # it may not be there
            self._part.unlink()

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """Turn FFmpeg's and the system's errors into ``MediaError`` with the file's name."""
        try:
            yield
        except (av.FFmpegError, OSError) as err:
            raise MediaError(f"{self._path}: can't be written: {err.strerror or err}") from err


def _sync(path: Path) -> None:
    """Let a file's content reach the disk: before its name does."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
