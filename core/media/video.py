"""Reading video: the frame a source shows at an instant, whatever its frame rate, order and health."""

import os
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import av

from core.api import MediaError
from core.media.intake import LIMITS, MICROSECONDS, is_cover, open_media, reading
from core.media.rational import fraction

SEEK_AHEAD = Fraction(3)
"""Jumps ahead that are shorter are decoded through; longer ones seek (seconds)."""
SEEK_MARGIN = Fraction(1, 2)
BACKWARD_BYTES = 192 * 2**20
"""How much decoded picture is kept for playing backwards: a chunk is decoded forwards, then shown from its end."""
DECODER_THREADS = min(os.cpu_count() or 1, 4)
ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


class VideoReader:
    """The frames of a file's first video stream by time. One owner, one thread.

    Times are seconds from the file's own start (the earliest of its streams), so that picture and sound agree.
    Frames come as they are decoded, their size and pixel format may change from one to the next; they are shared:
    nobody may write into them.
    """

    def __init__(self, path: Path, *, has_alpha: bool = False, deinterlace: bool = False) -> None:
        """Open a file; ``has_alpha`` picks a decoder that reads WebM's alpha, ``deinterlace`` makes fields frames.

        Raise ``MediaError`` when it is not taken, can't be opened or holds no video.
        """
        self._path = path
        self._has_alpha = has_alpha
        self._deinterlace = deinterlace
        self._container = open_media(path)
        stream = next((s for s in self._container.streams.video if not is_cover(s)), None)
        if stream is None:
            self._container.close()
            raise MediaError(f"{path.name}: holds no video")
        self._stream = stream
        self._stream.codec_context.thread_type = "AUTO"
        self._stream.codec_context.thread_count = DECODER_THREADS
        self._time_base = fraction(self._stream.time_base) or Fraction(1, MICROSECONDS)
        self._origin = Fraction(self._container.start_time or 0, MICROSECONDS)
        self._frames = self._decode()
        self._is_fresh = True
        self._current: av.VideoFrame | None = None
        self._next: av.VideoFrame | None = None
        self._backward: deque[av.VideoFrame] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the decoder and its frames."""
        self._frames = iter(())
        self._current = self._next = None
        self._backward.clear()
        self._container.close()

    def frame_at(self, time: Fraction) -> av.VideoFrame:
        """Return the frame with the largest time stamp at or before ``time``; before the first, the first.

        After the last frame the last one is held. Raise ``MediaError`` when nothing can be decoded at all.
        """
        with reading(self._path):
            return self._frame_at(time)

    def frame_before(self, time: Fraction) -> av.VideoFrame:
        """Return the same as ``frame_at``, made for times that fall: each stretch is decoded once per chunk."""
        while self._backward and self._time(self._backward[-1]) > time:
            self._backward.pop()
        if not self._backward:
            with reading(self._path):
                self._fill_backward(time)
        return self._backward[-1]

    def _frame_at(self, time: Fraction) -> av.VideoFrame:
        if self._current is None:
            is_away = not self._is_fresh or time > SEEK_AHEAD
        else:
            is_ahead = self._next is not None and time - self._time(self._next) > SEEK_AHEAD
            is_away = is_ahead or time < self._time(self._current)
        if is_away:
            self._seek(time)
        return self._advance(time)

    def _advance(self, time: Fraction) -> av.VideoFrame:
        if self._current is None:
            self._current = next(self._frames, None)
            if self._current is None:
                raise MediaError(f"{self._path.name}: no picture could be decoded")
            self._next = next(self._frames, None)
        while self._next is not None and self._time(self._next) <= time:
            self._current, self._next = self._next, next(self._frames, None)
        return self._current

    def _seek(self, time: Fraction) -> None:
        """Place the decoder so that the next frame it gives is at or before ``time``, or the file's first."""
        self._is_fresh = False
        back = SEEK_MARGIN
        while True:
            target = max(time - back, Fraction(0)) + self._origin
            self._container.seek(int(target / self._time_base), stream=self._stream, backward=True)
            self._frames = self._decode()
            self._current = next(self._frames, None)
            if self._current is not None and self._time(self._current) <= time:
                self._next = next(self._frames, None)
                return
            if back > time:
                break
            back *= 4
        if self._current is None:  # some containers can't seek at all: begin again
            self._reopen()
            return
        self._next = next(self._frames, None)

    def _reopen(self) -> None:
        self._container.close()
        reopened = VideoReader(self._path, has_alpha=self._has_alpha, deinterlace=self._deinterlace)
        self._container, self._stream, self._frames = reopened._container, reopened._stream, reopened._frames
        self._current = self._next = None
        self._is_fresh = True

    def _fill_backward(self, time: Fraction) -> None:
        """Decode the stretch that ends at ``time``, as long as memory allows, ready to be shown from its end."""
        last = self._frame_at(time)
        rate = fraction(self._stream.average_rate) or Fraction(25)
        self._frame_at(max(time - max(2, BACKWARD_BYTES // _bytes(last)) / rate, Fraction(0)))
        self._backward = deque()
        room = BACKWARD_BYTES
        while self._current is not None and self._time(self._current) <= time:
            self._backward.append(self._current)
            room -= _bytes(self._current)
            while room < 0 and len(self._backward) > 2:
                room += _bytes(self._backward.popleft())
            self._current, self._next = self._next, next(self._frames, None)
        if not self._backward:
            self._backward.append(last)

    def _time(self, frame: av.VideoFrame) -> Fraction:
        if frame.pts is None:
            return Fraction(0)
        return frame.pts * (fraction(frame.time_base) or self._time_base) - self._origin

    def _decode(self) -> Iterator[av.VideoFrame]:
        """Yield whole frames in the order they are shown."""
        return _deinterlaced(self._coded()) if self._deinterlace else self._coded()

    def _coded(self) -> Iterator[av.VideoFrame]:
        """Yield frames as they are coded, passing over what is damaged."""
        last_pts: int | None = None
        context = self._alpha_decoder() or self._stream.codec_context
        try:
            context.open(strict=False)
        except av.error.MemoryError:
            raise
        except av.FFmpegError:
            return
        for packet in self._packets():
            try:
                frames = context.decode(packet)
            except av.error.EOFError:
                return
            except av.error.MemoryError:
                raise
            except av.FFmpegError:  # damaged, of a make that the decoder does not know, or beyond a limit
                continue
            for frame in frames:
                if frame.pts is None:  # raw streams: count on from the last one
                    step = fraction(self._stream.average_rate) or Fraction(25)
                    frame.pts = 0 if last_pts is None else last_pts + round(1 / step / self._time_base)
                last_pts = frame.pts
                yield frame

    def _packets(self) -> Iterator["av.Packet[av.VideoStream]"]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.MemoryError:
                raise
            except av.FFmpegError:
                return  # a truncated file ends here
            if packet is None:
                return
            if packet.size <= LIMITS.packet_bytes:
                yield packet

    def _alpha_decoder(self) -> av.VideoCodecContext | None:
        """Return a decoder of our own where FFmpeg's native one drops the alpha channel."""
        name = ALPHA_DECODERS.get(self._stream.codec_context.codec.canonical_name)
        if not self._has_alpha or name is None:
            return None
        context = cast(av.VideoCodecContext, av.CodecContext.create(name, "r"))
        context.extradata = self._stream.codec_context.extradata
        context.options = self._stream.codec_context.options
        return context


def _deinterlaced(frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Turn the interlaced ones among the frames into progressive ones, one for one.

    What looks at neighbouring frames needs them to be alike: where their size or format changes, it begins anew.
    """
    graph: av.filter.Graph | None = None
    form: tuple[int, int, str] | None = None
    for frame in frames:
        this_form = (frame.width, frame.height, frame.format.name)
        if graph is None or this_form != form:
            if graph is not None:
                graph.vpush(None)
                yield from _pulled(graph)
            graph, form = _deinterlacer(frame), this_form
        graph.vpush(frame)
        yield from _pulled(graph)
    if graph is not None:
        graph.vpush(None)
        yield from _pulled(graph)


def _deinterlacer(frame: av.VideoFrame) -> av.filter.Graph:
    base = fraction(frame.time_base) or Fraction(1, MICROSECONDS)
    graph = av.filter.Graph()
    source = graph.add(
        "buffer",
        f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}"
        f":time_base={base.numerator}/{base.denominator}:pixel_aspect=1/1:frame_rate=25/1",
    )
    graph.link_nodes(source, graph.add("bwdif", "mode=send_frame:deint=interlaced"), graph.add("buffersink"))
    graph.configure()
    return graph


def _bytes(frame: av.VideoFrame) -> int:
    return sum(plane.buffer_size for plane in frame.planes)


def _pulled(graph: av.filter.Graph) -> Iterator[av.VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
