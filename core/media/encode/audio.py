"""The audio stream of a container: blocks of samples to packets."""

from fractions import Fraction
from typing import cast

import av
import numpy as np

from core.api import AudioCodec, EncodeJob, Samples

PACKET_SAMPLES = 1024
"""How many samples codecs without a frame size of their own are given at once."""


class AudioEncoder:
    """Encodes stereo samples, in blocks of any length, with a declared codec. One thread at a time."""

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

    def encode(self, samples: Samples) -> "list[av.Packet[av.AudioStream]]":
        """Encode samples, shape (count, 2), at the job's rate; return the packets that are ready."""
        if not len(samples):
            return []
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples, np.float32).reshape(1, -1), format="flt", layout="stereo"
        )
        frame.sample_rate, frame.time_base = self._sample_rate, Fraction(1, self._sample_rate)
        frame.pts = self._given
        self._given += len(samples)
        return self._encode_resampled(self._resampler.resample(frame))

    def flush(self) -> "list[av.Packet[av.AudioStream]]":
        """Return the packets of what is left."""
        packets = self._encode_resampled(self._resampler.resample(None)) if self._given else []
        rest = self._fifo.read(0, partial=True)
        if rest is not None:
            packets += self._stream.encode(rest)
        return packets + self._stream.encode(None)

    def _encode_resampled(self, frames: list[av.AudioFrame]) -> "list[av.Packet[av.AudioStream]]":
        packets: list[av.Packet[av.AudioStream]] = []
        size = self._stream.codec_context.frame_size or PACKET_SAMPLES
        for frame in frames:
            self._fifo.write(frame)
            while (whole := self._fifo.read(size)) is not None:
                packets += self._stream.encode(whole)
        return packets
