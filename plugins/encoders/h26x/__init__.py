"""Encoders for MP4: H.264 and H.265 with AAC."""

from collections.abc import Iterable

from core.api import Encoder, hookimpl
from plugins.encoders.h26x.h264 import H264
from plugins.encoders.h26x.h265 import H265


@hookimpl
def reelhouse_encoders() -> Iterable[Encoder]:
    yield H264
    yield H265
