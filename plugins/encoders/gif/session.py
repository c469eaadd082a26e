"""A session that writes a GIF in two passes: one to learn the palette, one to draw with it.

Frames are kept on disk without loss between the passes, so that memory does not grow with the length.
"""

import gc
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from math import ceil
from pathlib import Path

import av
from av.filter.context import FilterContext

from core.api import EncodeJob, MediaError, Samples

DITHERS = ("sierra2_4a", "floyd_steinberg", "bayer", "none")
CENTISECOND = Fraction(1, 100)
"""The unit of a GIF's frame delays."""


class GifSession:
    """One GIF being made. Frames come as straight ``rgba``; more than half transparent pixels become transparent."""

    def __init__(self, job: EncodeJob) -> None:
        assert job.fps is not None, "the engine gives frames to encoders that draw"
        self._job = job
        self._fps = job.fps
        self._step = max(1, ceil(job.fps / Fraction(str(job.values.number("max_fps")))))
        """Each how manieth frame is kept."""
        self._is_open = True
        self._spool_folder = tempfile.TemporaryDirectory(prefix="reelhouse-gif-")
        self._spool_path = Path(self._spool_folder.name) / "frames.nut"
        self._spool = av.open(str(self._spool_path), "w", format="nut")
        self._stream = self._spool.add_stream("ffv1", rate=self._kept_fps)
        self._stream.width, self._stream.height, self._stream.pix_fmt = job.width, job.height, "bgra"
        self._count = self._drawn = 0

    @property
    def _kept_fps(self) -> Fraction:
        return self._fps / self._step

    def write_video(self, frame: av.VideoFrame) -> None:
        if (frame.pts or 0) % self._step:
            return
        kept = frame.reformat(format="bgra")
        kept.pts, kept.time_base = self._count, 1 / self._kept_fps
        self._count += 1
        self._spool.mux(self._stream.encode(kept))

    def write_audio(self, samples: Samples) -> None:
        """Leave sound out: a GIF has none."""

    def close(self) -> None:
        if not self._is_open:
            return
        self._spool.mux(self._stream.encode(None))
        self._spool.close()
        part = self._job.path.with_name(f".{self._job.path.name}.part")
        try:
            self._draw(self._learn_palette(), part)
            part.replace(self._job.path)
        except (av.FFmpegError, OSError) as err:
            with suppress(OSError):  # it may not be there
                part.unlink()
            raise MediaError(f"{self._job.path}: can't be written: {err.strerror or err}") from err
        finally:
            self._release()

    def abort(self) -> None:
        if self._is_open:
            self._spool.close()
            self._release()

    def _release(self) -> None:
        self._is_open = False
        self._spool_folder.cleanup()
        gc.collect()  # filter graphs are reference cycles that hold frames

    def _frames(self) -> Iterator[av.VideoFrame]:
        with av.open(str(self._spool_path)) as spool:
            for number, frame in enumerate(spool.decode(video=0)):
                frame.pts, frame.time_base = number, 1 / self._kept_fps
                yield frame

    def _source(self, graph: av.filter.Graph, size: str, pixel_format: str = "bgra") -> FilterContext:
        fps = self._kept_fps
        return graph.add(
            "buffer",
            f"video_size={size}:pix_fmt={pixel_format}:time_base={fps.denominator}/{fps.numerator}"
            f":pixel_aspect=1/1:frame_rate={fps.numerator}/{fps.denominator}",
        )

    def _learn_palette(self) -> av.VideoFrame:
        graph = av.filter.Graph()
        colors = int(self._job.values.number("colors"))
        maker = graph.add("palettegen", f"max_colors={colors}:stats_mode=full:reserve_transparent=1")
        graph.link_nodes(self._source(graph, self._size), maker, graph.add("buffersink")).configure()
        for frame in self._frames():
            graph.vpush(frame)
        graph.vpush(None)
        return graph.vpull()

    @property
    def _size(self) -> str:
        return f"{self._job.width}x{self._job.height}"

    def _draw(self, palette: av.VideoFrame, part: Path) -> None:
        graph = av.filter.Graph()
        frames, colours = self._source(graph, self._size), self._source(graph, "16x16", palette.format.name)
        dither = self._job.values.text("dither")
        user = graph.add("paletteuse", f"dither={dither}:diff_mode=rectangle")
        sink = graph.add("buffersink")
        frames.link_to(user, 0, 0)
        colours.link_to(user, 0, 1)
        user.link_to(sink)
        graph.configure()
        loops = int(self._job.values.number("loops"))
        with av.open(str(part), "w", format="gif", options={"loop": str(loops)}) as container:
            stream = container.add_stream("gif", rate=self._kept_fps)
            stream.width, stream.height, stream.pix_fmt = self._job.width, self._job.height, "pal8"
            stream.codec_context.time_base = CENTISECOND
            palette.pts = 0
            colours.push(palette)
            colours.push(None)
            for frame in self._frames():
                frames.push(frame)
                self._mux_ready(sink, container, stream)
            frames.push(None)
            self._mux_ready(sink, container, stream)
            container.mux(stream.encode(None))

    def _mux_ready(self, sink: FilterContext, container: av.container.OutputContainer, stream: av.VideoStream) -> None:
        while True:
            try:
                drawn = sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            assert isinstance(drawn, av.VideoFrame)
            drawn.pts, drawn.time_base = round(self._drawn / self._kept_fps / CENTISECOND), CENTISECOND
            self._drawn += 1
            container.mux(stream.encode(drawn))
