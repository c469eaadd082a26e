"""One size of the video: its frames scaled, encoded and cut at the same frames as all other sizes."""

from fractions import Fraction
from pathlib import Path

import av
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from core.api import EncodeJob
from plugins.encoders.hls.playlist import Variant, bandwidth
from plugins.encoders.hls.segments import open_segments

BT709 = 1
NO_PICTURE_TYPE = 0
PARAMETER_SET = b"\x67"
"""The first byte of H.264's sequence parameter set, as libx264 writes it."""


class Rung:
    """One size being written."""

    def __init__(self, job: EncodeJob, fps: Fraction, folder: Path, width: int, height: int) -> None:
        self._playlist = folder / f"{min(width, height)}p.m3u8"
        self._size = (width, height)
        self._time_base = 1 / fps
        self._codec = ""
        self._scaler = VideoReformatter()
        interval = max(1, round(Fraction(str(job.values.number("segment"))) * fps))
        # The muxer cuts at the first key frame after this time: half a frame early, it is the one that is meant.
        self._container = open_segments(folder, self._playlist.stem, (interval - Fraction(1, 2)) / fps)
        self._stream = self._container.add_stream("libx264", rate=fps)
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.time_base = self._time_base
        context.sample_aspect_ratio = 1
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = ColorRange.MPEG
        context.gop_size = interval
        context.options = {
            "crf": f"{job.values.number('crf'):g}",
            "preset": job.values.text("preset"),
            "keyint_min": str(interval),
            "sc_threshold": "0",
        }
        self._container.start_encoding()

    def write(self, frame: av.VideoFrame) -> None:
        """Take the next frame, of the whole video's size."""
        width, height = self._size
        sized = self._scaler.reformat(frame, width=width, height=height, interpolation=Interpolation.BICUBIC, threads=1)
        sized.pts, sized.time_base, sized.pict_type = frame.pts, self._time_base, NO_PICTURE_TYPE
        self._container.mux(self._stream.encode(sized))

    def close(self) -> None:
        """Finish the size's playlist."""
        self._container.mux(self._stream.encode(None))
        extradata = self._stream.codec_context.extradata or b""
        start = extradata.index(PARAMETER_SET) + 1  # profile, constraints and level: RFC 6381's name of the codec
        self._codec = f"avc1.{extradata[start : start + 3].hex()}"
        self._container.close()

    def release(self) -> None:
        """Let go of the files as they are."""
        self._container.close()

    def variant(self) -> Variant:
        """Return what the master playlist says of this size, once it is closed."""
        return Variant(
            name=self._playlist.stem,
            width=self._size[0],
            height=self._size[1],
            codec=self._codec,
            bandwidth=bandwidth(self._playlist),
        )
