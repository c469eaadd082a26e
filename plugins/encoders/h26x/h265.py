"""MP4 with H.265 (HEVC): half the size of H.264 where players know it."""

from collections.abc import Mapping

from core.api import AudioCodec, CopyLimits, Encoder, Values, VideoCodec
from plugins.encoders.h26x.parameters import (
    AUDIO_KBIT,
    COPY,
    KEYFRAMES,
    MAX_KBIT,
    audio_bit_rate,
    copy_limits,
    crf,
    keyframe_interval,
    preset,
    rate_options,
)

HIGHEST_LEVEL = 156
"""Level 5.2: levels are written times thirty."""


def _options(values: Values) -> Mapping[str, str]:
    return rate_options(values) | {"x265-params": "log-level=none"}


def _copying(values: Values) -> CopyLimits | None:
    return copy_limits(values, codec="hevc", profiles=("Main",), level=HIGHEST_LEVEL)


H265 = Encoder(
    id="mp4-h265",
    title="MP4 (H.265)",
    description="Smaller files for newer players; tagged so that Apple's play it.",
    extension="mp4",
    mime_type="video/mp4",
    container="mp4",
    container_options={"movflags": "+faststart"},
    video=VideoCodec(
        name="libx265", options=_options, tag="hvc1", keyframe_interval=keyframe_interval, copying=_copying
    ),
    audio=AudioCodec(name="aac", bit_rate=audio_bit_rate),
    params=(crf(24), preset("fast"), KEYFRAMES, MAX_KBIT, COPY, AUDIO_KBIT),
    presets={
        "draft": {"crf": 32, "preset": "ultrafast", "audio_kbit": 128},
        "standard": {"crf": 24, "preset": "fast"},
        "high": {"crf": 20, "preset": "slow", "audio_kbit": 256},
    },
)
