"""Sessions of declared encoders: frames and samples become packets, packets one file."""

import os
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from core.api import AudioCodec, EncodeJob, Encoder, EncodeSession, MediaError, Samples, VideoCodec
from core.media.encode.soft_captions import SoftCaptions
from core.media.frames import BT709, EXACT
from core.timeline.plan import CaptionTrack

type Packet = av.Packet[av.VideoStream] | av.Packet[av.AudioStream]

UNFINISHED = ".part"
NO_PICTURE_TYPE = 0
FULL_RANGE_FORMATS = ("rgb", "gbr", "bgr", "yuvj", "pal")


def open_session(encoder: Encoder, job: EncodeJob, *, captions: Sequence[CaptionTrack] = ()) -> EncodeSession:
    """Open a file for writing with an encoder. Soft ``captions`` are muxed where the container can hold them.

    Raise ``MediaError`` when the file can't be written or the codec refuses its settings.
    """
    if encoder.open is not None:
        return encoder.open(job)
    try:
        return ContainerSession(encoder, job, tuple(track for track in captions if track.is_soft))
    except (av.FFmpegError, OSError) as err:
        raise MediaError(f"{job.path}: can't be written: {err.strerror or err}") from err


class ContainerSession:
    """One container file. It is written under a name of its own and renamed when it is finished."""

    def __init__(self, encoder: Encoder, job: EncodeJob, captions: tuple[CaptionTrack, ...]) -> None:
        self._job = job
        self._part = job.path.with_name(f".{job.path.name}{UNFINISHED}")
        self._is_open = True
        self._container = av.open(
            str(self._part), "w", format=encoder.container, options=dict(encoder.container_options)
        )
        try:
            self._video = _VideoWriter(self._container, encoder.video, job) if encoder.video and job.fps else None
            self._audio = _AudioWriter(self._container, encoder.audio, job) if encoder.audio and job.has_audio else None
            self._captions = SoftCaptions(self._container, encoder.container, captions)
            self._container.start_encoding()
        except BaseException:
            self.abort()
            raise

    def write_video(self, frame: av.VideoFrame) -> None:
        assert self._video is not None, "only encoders with a video codec are given frames"
        with self._writing():
            packets = self._video.encode(frame)
            self._captions.mux_until(frame.pts / self._job.fps if frame.pts and self._job.fps else Fraction(0))
            self._container.mux(packets)

    def write_audio(self, samples: Samples) -> None:
        assert self._audio is not None, "only encoders with an audio codec are given samples"
        with self._writing():
            self._container.mux(self._audio.encode(samples))

    def close(self) -> None:
        if not self._is_open:
            return
        with self._writing():
            if self._video:
                self._container.mux(self._video.flush())
            if self._audio:
                self._container.mux(self._audio.flush())
            self._captions.mux_rest()
            self._container.close()
            _replace(self._part, self._job.path)
        self._is_open = False

    def abort(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        with suppress(av.FFmpegError, OSError, ValueError):
            # The trailer may not be writable any more; the file is removed all the same.
            self._container.close()
        with suppress(OSError):  # it may not be there
            self._part.unlink()

    def _writing(self) -> "_Translated":
        return _Translated(self._job.path)


class _Translated:
    """Turns FFmpeg's and the system's errors into ``MediaError`` with the file's name."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, av.FFmpegError | OSError):
            raise MediaError(f"{self._path}: can't be written: {error.strerror or error}") from error


class _VideoWriter:
    def __init__(self, container: av.container.OutputContainer, codec: VideoCodec, job: EncodeJob) -> None:
        assert job.fps is not None
        self._stream = cast(av.VideoStream, container.add_stream(codec.name, rate=job.fps))
        self._pixel_format = codec.pixel_format
        self._is_full_range = codec.pixel_format.startswith(FULL_RANGE_FORMATS)
        self._reformatter = VideoReformatter()
        self._time_base = 1 / job.fps
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = job.width, job.height, codec.pixel_format
        context.time_base = self._time_base
        context.sample_aspect_ratio = Fraction(1)
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = ColorRange.JPEG if self._is_full_range else ColorRange.MPEG
        context.options = dict(codec.options(job.values))
        context.thread_count = 0
        if codec.tag:
            context.codec_tag = codec.tag

    def encode(self, frame: av.VideoFrame) -> list[Packet]:
        sent = self._converted(frame)
        sent.pts, sent.time_base = frame.pts, self._time_base
        sent.pict_type = NO_PICTURE_TYPE  # a decoder's mark would force key frames
        return self._stream.encode(sent)

    def flush(self) -> list[Packet]:
        return self._stream.encode(None)

    def _converted(self, frame: av.VideoFrame) -> av.VideoFrame:
        if frame.format.name == self._pixel_format:
            return frame
        is_rgb = frame.format.is_rgb
        return self._reformatter.reformat(
            frame,
            format=self._pixel_format,
            src_colorspace=None if is_rgb else Colorspace.ITU709,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG if is_rgb else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG if self._is_full_range else ColorRange.MPEG,
            interpolation=EXACT,
            threads=1,
        )


class _AudioWriter:
    def __init__(self, container: av.container.OutputContainer, codec: AudioCodec, job: EncodeJob) -> None:
        self._stream = cast(av.AudioStream, container.add_stream(codec.name, rate=codec.sample_rate))
        context = self._stream.codec_context
        context.format, context.layout = codec.sample_format, "stereo"
        context.time_base = Fraction(1, codec.sample_rate)
        if bit_rate := codec.bit_rate(job.values):
            context.bit_rate = bit_rate
        self._resampler = av.AudioResampler(format=codec.sample_format, layout="stereo", rate=codec.sample_rate)
        self._sample_rate = job.sample_rate
        self._fifo = av.AudioFifo()
        self._given = 0

    def encode(self, samples: Samples) -> list[Packet]:
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples, np.float32).reshape(1, -1), format="flt", layout="stereo"
        )
        frame.sample_rate, frame.time_base = self._sample_rate, Fraction(1, self._sample_rate)
        frame.pts = self._given
        self._given += len(samples)
        return self._encode_resampled(self._resampler.resample(frame))

    def flush(self) -> list[Packet]:
        packets = self._encode_resampled(self._resampler.resample(None))
        rest = self._fifo.read(0, partial=True)
        if rest is not None:
            packets += self._stream.encode(rest)
        return packets + self._stream.encode(None)

    def _encode_resampled(self, frames: list[av.AudioFrame]) -> list[Packet]:
        packets: list[Packet] = []
        size = self._stream.codec_context.frame_size or 1024
        for frame in frames:
            self._fifo.write(frame)
            while (whole := self._fifo.read(size)) is not None:
                packets += self._stream.encode(whole)
        return packets


def _replace(part: Path, path: Path) -> None:
    """Give a finished file its name, surely: its content reaches the disk before its name does."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
