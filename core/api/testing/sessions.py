"""Encode sessions for encoders that are declared as data: their container and codecs, run plainly with PyAV."""

from fractions import Fraction

import av
import numpy as np
from av.audio.resampler import AudioResampler

from core.api.encoders import EncodeJob, Encoder, Samples


class DeclaredSession:
    """One file being written by an encoder's declared codecs."""

    def __init__(self, encoder: Encoder, job: EncodeJob) -> None:
        self._container = av.open(
            str(job.path), "w", format=encoder.container, container_options=dict(encoder.container_options)
        )
        self._video: av.VideoStream | None = None
        self._audio: av.AudioStream | None = None
        self._resampler: AudioResampler | None = None
        self._written = 0
        if encoder.video is not None and job.fps is not None:
            codec = encoder.video
            options = dict(codec.options(job.values))
            stream = self._container.add_stream(codec.name, rate=job.fps, options=options)
            assert isinstance(stream, av.VideoStream), f"{codec.name} encodes no pictures"
            self._video = stream
            self._video.width, self._video.height = job.width, job.height
            self._video.pix_fmt = codec.pixel_format
            self._video.codec_context.time_base = 1 / job.fps
            if seconds := codec.keyframe_interval(job.values):
                self._video.codec_context.gop_size = max(1, round(seconds * job.fps))
            if codec.tag:
                self._video.codec_context.codec_tag = codec.tag
        if encoder.audio is not None and job.has_audio:
            sound = encoder.audio
            track = self._container.add_stream(sound.name, rate=sound.sample_rate)
            assert isinstance(track, av.AudioStream), f"{sound.name} encodes no sound"
            self._audio = track
            self._audio.layout, self._audio.format = "stereo", sound.sample_format
            if bit_rate := sound.bit_rate(job.values):
                self._audio.bit_rate = bit_rate
            self._rate = job.sample_rate
            self._resampler = AudioResampler(sound.sample_format, "stereo", sound.sample_rate)

    def write_video(self, frame: av.VideoFrame) -> None:
        """Encode a frame."""
        assert self._video is not None
        pixel_format = self._video.pix_fmt
        converted = frame.reformat(format=pixel_format, src_colorspace="itu709", dst_colorspace="itu709")
        converted.pts, converted.time_base = frame.pts, frame.time_base
        self._container.mux(self._video.encode(converted))

    def write_audio(self, samples: Samples) -> None:
        """Encode samples."""
        assert self._audio is not None
        assert self._resampler is not None
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), "flt", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._written, Fraction(1, self._rate)
        self._written += len(samples)
        for resampled in self._resampler.resample(frame):
            self._container.mux(self._audio.encode(resampled))

    def close(self) -> None:
        """Flush and finish the file."""
        if self._audio is not None and self._resampler is not None:
            for resampled in self._resampler.resample(None):
                self._container.mux(self._audio.encode(resampled))
            self._container.mux(self._audio.encode(None))
        if self._video is not None:
            self._container.mux(self._video.encode(None))
        self._container.close()

    def abort(self) -> None:
        """Let go of the file."""
        self._container.close()


def open_declared(encoder: Encoder, job: EncodeJob) -> DeclaredSession:
    """Open a session for an encoder that has no ``open`` of its own."""
    return DeclaredSession(encoder, job)
