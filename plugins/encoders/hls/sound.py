"""The sound that all sizes share."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from core.api import EncodeJob, Samples
from plugins.encoders.hls.segments import open_segments

SOUND = "sound"
SAMPLE_RATE = 48_000
FRAME_SIZE = 1024
"""AAC's, in samples."""


class Sound:
    """The sound being written."""

    def __init__(self, job: EncodeJob, folder: Path) -> None:
        self._container = open_segments(folder, SOUND, Fraction(str(job.values.number("segment"))))
        self._stream = self._container.add_stream("aac", rate=SAMPLE_RATE)
        context = self._stream.codec_context
        context.layout, context.format = "stereo", "fltp"
        context.bit_rate = int(job.values.number("audio_kbit")) * 1000
        self._resampler = av.AudioResampler("fltp", "stereo", SAMPLE_RATE, frame_size=FRAME_SIZE)
        self._sample_rate = job.sample_rate
        self._given = 0
        self._container.start_encoding()

    def write(self, samples: Samples) -> None:
        """Take the next samples."""
        if not len(samples):
            return
        packed = np.ascontiguousarray(samples, np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = self._sample_rate, self._given, Fraction(1, self._sample_rate)
        self._given += len(samples)
        self._encode(frame)

    def close(self) -> None:
        """Finish the sound's playlist."""
        if self._given:
            self._encode(None)
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def release(self) -> None:
        """Let go of the files as they are."""
        self._container.close()

    def _encode(self, frame: av.AudioFrame | None) -> None:
        for part in self._resampler.resample(frame):
            self._container.mux(self._stream.encode(part))
