"""The codecs whose packets can be copied, by libavcodec's names."""

from core.render.copying.coding import UnitCodec
from core.render.copying.h264 import H264
from core.render.copying.h265 import H265

_CODECS: dict[str, UnitCodec] = {"h264": H264(), "hevc": H265()}


def codec_of(name: str) -> UnitCodec | None:
    """Return what is known of a codec's packets, if anything."""
    return _CODECS.get(name)
