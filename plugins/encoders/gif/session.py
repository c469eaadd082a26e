"""A session that writes a GIF in two passes: one to learn the palette, one to draw with it.

The palette is learnt while frames come; they are kept on disk without loss until they can be drawn, so that memory
does not grow with the length.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from math import ceil
from typing import cast

import av

from core.api import EncodeJob, MediaError, Samples
from plugins.encoders.gif.palette import PaletteMaker, PaletteUser

DITHERS = ("sierra2_4a", "floyd_steinberg", "bayer", "none")
CENTISECOND = Fraction(1, 100)
"""The unit of a GIF's frame delays."""
SPOOL_CODEC, SPOOL_FORMAT = "utvideo", "gbrap"
"""Without loss, and ten times as fast as FFV1."""


class GifSession:
    """One GIF being made. Frames come as straight ``rgba``; more than half transparent pixels become transparent."""

    def __init__(self, job: EncodeJob) -> None:
        assert job.fps is not None, "the engine gives frames to encoders that draw"
        self._job = job
        self._step = max(1, ceil(job.fps / Fraction(str(job.values.number("max_fps")))))
        """Each how manieth frame is kept."""
        self._fps = job.fps / self._step
        self._size = (job.width, job.height)
        self._spool_path = job.path.with_name(f".{job.path.name}.frames")
        self._part = job.path.with_name(f".{job.path.name}.part")
        self._is_open = True
        self._count = 0
        with self._named_errors():
            self._spool = av.open(str(self._spool_path), "w", format="nut")
        self._stream = cast(av.VideoStream, self._spool.add_stream(SPOOL_CODEC, rate=self._fps))
        self._stream.width, self._stream.height, self._stream.pix_fmt = job.width, job.height, SPOOL_FORMAT
        self._palette = PaletteMaker(self._size, self._fps, colors=int(job.values.number("colors")))

    def write_video(self, frame: av.VideoFrame) -> None:
        if (frame.pts or 0) % self._step:
            return
        with self._named_errors():
            kept = frame.reformat(format=SPOOL_FORMAT)
            kept.pts, kept.time_base = self._count, 1 / self._fps
            self._spool.mux(self._stream.encode(kept))
            self._palette.learn(frame.reformat(format="bgra"), self._count)
            self._count += 1

    def write_audio(self, samples: Samples) -> None:
        """Leave sound out: a GIF has none."""

    def close(self) -> None:
        if not self._is_open:
            return
        try:
            with self._named_errors():
                self._spool.mux(self._stream.encode(None))
                self._spool.close()
                if self._count:
                    self._draw()
                    self._part.replace(self._job.path)
        finally:
            self._release()

    def abort(self) -> None:
        if self._is_open:
            with suppress(av.FFmpegError, OSError):  # it is removed all the same
                self._spool.close()
            self._release()

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except (av.FFmpegError, OSError) as err:
            raise MediaError(f"{self._job.path}: can't be written: {err.strerror or err}") from err

    def _release(self) -> None:
        self._is_open = False
        del self._palette
        for path in (self._spool_path, self._part):
            with suppress(OSError):  # it may not be there
                path.unlink()
        gc.collect()  # filter graphs are reference cycles that hold frames

    def _draw(self) -> None:
        values = self._job.values
        user = PaletteUser(self._palette.palette(), self._size, self._fps, dither=values.text("dither"))
        options = {
            "loop": f"{values.number('loops'):g}",
            "final_delay": str(self._at(self._count) - self._at(self._count - 1)),
        }
        with av.open(str(self._part), "w", format="gif", options=options) as container:
            stream = container.add_stream("gif", rate=self._fps)
            stream.width, stream.height, stream.pix_fmt = self._job.width, self._job.height, "pal8"
            stream.codec_context.time_base = CENTISECOND
            for number, drawn in enumerate(user.drawn(self._spooled())):
                drawn.pts, drawn.time_base = self._at(number), CENTISECOND
                container.mux(stream.encode(drawn))
            container.mux(stream.encode(None))

    def _at(self, number: int) -> int:
        """Return when a frame is shown, in hundredths of a second."""
        return round(number / self._fps / CENTISECOND)

    def _spooled(self) -> Iterator[av.VideoFrame]:
        with av.open(str(self._spool_path)) as spool:
            for number, frame in enumerate(spool.decode(video=0)):
                frame = frame.reformat(format="bgra")
                frame.pts, frame.time_base = number, 1 / self._fps
                yield frame
