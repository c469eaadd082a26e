"""The video stream of a container: frames to packets."""

from typing import cast

import av
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from core.api import EncodeJob, VideoCodec
from core.media.frames import BT709, EXACT

NO_PICTURE_TYPE = 0
FULL_RANGE_FORMATS = ("rgb", "gbr", "bgr", "yuvj", "pal")


class VideoEncoder:
    """Encodes frames with a declared codec, tagged BT.709, at exactly the job's rate. One thread at a time."""

    def __init__(self, container: av.container.OutputContainer, codec: VideoCodec, job: EncodeJob) -> None:
        assert job.fps is not None, "a job with pictures has a frame rate"
        self._stream = cast(av.VideoStream, container.add_stream(codec.name, rate=job.fps))
        self._pixel_format = codec.pixel_format
        self._is_full_range = codec.pixel_format.startswith(FULL_RANGE_FORMATS)
        self._reformatter = VideoReformatter()
        self._time_base = 1 / job.fps
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = job.width, job.height, codec.pixel_format
        context.time_base = self._time_base
        context.sample_aspect_ratio = 1
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = ColorRange.JPEG if self._is_full_range else ColorRange.MPEG
        if seconds := codec.keyframe_interval(job.values):
            context.gop_size = max(1, round(seconds * job.fps))
        context.options = dict(codec.options(job.values))
        context.thread_count = job.threads
        context.thread_type = "AUTO"  # frames side by side where the codec can: slices cost quality
        if codec.tag:
            context.codec_tag = codec.tag

    def encode(self, frame: av.VideoFrame) -> "list[av.Packet[av.VideoStream]]":
        """Encode a frame; return the packets that are ready."""
        sent = self._converted(frame)
        sent.pts, sent.time_base = frame.pts, self._time_base
        sent.pict_type = NO_PICTURE_TYPE  # a decoder's mark would force key frames
        return self._stream.encode(sent)

    def flush(self) -> "list[av.Packet[av.VideoStream]]":
        """Return the packets that the codec still holds."""
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
