"""A session that writes an HLS folder: one rung a size, one sound, one master playlist (RFC 8216, fMP4 segments)."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import av

from core.api import EncodeJob, MediaError, Samples
from plugins.encoders.hls.playlist import bandwidth, master_playlist
from plugins.encoders.hls.rung import Rung
from plugins.encoders.hls.sizes import ladder
from plugins.encoders.hls.sound import SOUND, Sound


class HlsSession:
    """One folder being written: frames are scaled for every rung, key frames lie at the same frames in all."""

    def __init__(self, job: EncodeJob) -> None:
        assert job.fps is not None, "the engine gives frames to encoders that draw"
        self._job = job
        self._fps = job.fps
        # The muxer takes %d in a path for the number of a segment.
        self._part = job.path.with_name(f".{job.path.name.replace('%', '_')}.part")
        self._streams: list[Rung | Sound] = []
        self._is_open = True
        sizes = ladder(job.values.text("heights"), job.width, job.height)
        try:
            with self._named_errors():
                shutil.rmtree(self._part, ignore_errors=True)
                self._part.mkdir()
                self._rungs = [self._opened(Rung(job, self._fps, self._part, *size)) for size in sizes]
                self._sound = self._opened(Sound(job, self._part)) if job.has_audio else None
        except BaseException:
            self.abort()
            raise

    def write_video(self, frame: av.VideoFrame) -> None:
        with self._named_errors():
            for rung in self._rungs:
                rung.write(frame)

    def write_audio(self, samples: Samples) -> None:
        if self._sound is not None:
            with self._named_errors():
                self._sound.write(samples)

    def close(self) -> None:
        if not self._is_open:
            return
        try:
            with self._named_errors():
                for stream in self._streams:
                    stream.close()
                variants = [rung.variant() for rung in self._rungs]
                sound = bandwidth(self._part / f"{SOUND}.m3u8") if self._sound else None
                (self._part / "master.m3u8").write_text(master_playlist(variants, sound, fps=self._fps))
                self._publish()
        except BaseException:
            self.abort()
            raise
        self._is_open = False

    def abort(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        for stream in self._streams:
            # An open muxer would write into the folder when it is collected, be it another session's by then.
            with suppress(av.FFmpegError, OSError, ValueError):
                stream.release()
        shutil.rmtree(self._part, ignore_errors=True)

    def _opened[Stream: (Rung, Sound)](self, stream: Stream) -> Stream:
        self._streams.append(stream)
        return stream

    def _publish(self) -> None:
        """Give the folder its name; one that has it already is removed once the new one stands in its place."""
        path = self._job.path
        old = path.with_name(f".{path.name}.old")
        if path.is_dir():
            shutil.rmtree(old, ignore_errors=True)
            path.replace(old)
        self._part.replace(path)
        shutil.rmtree(old, ignore_errors=True)

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except (av.FFmpegError, OSError) as err:
            raise MediaError(f"{self._job.path}: can't be written: {err.strerror or err}") from err
