"""MP4 with H.264: the file that plays everywhere."""

from collections.abc import Mapping

from core.api import AudioCodec, CopyLimits, Encoder, Parameter, ParameterType, Values, VideoCodec
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

TUNES = ("none", "film", "animation", "grain", "stillimage", "fastdecode", "zerolatency")
PROFILES = ("auto", "baseline", "main", "high")
COPIED_PROFILES = {
    "baseline": ("Constrained Baseline", "Baseline"),
    "main": ("Constrained Baseline", "Baseline", "Main"),
    "high": ("Constrained Baseline", "Baseline", "Main", "High"),
}
HIGHEST_LEVEL = 52
PLAYER_TUNES = ("fastdecode", "zerolatency")
"""These are asked for players that other footage would be too much for."""


def _options(values: Values) -> Mapping[str, str]:
    options = rate_options(values)
    if values.text("tune") != "none":
        options["tune"] = values.text("tune")
    if values.text("profile") != "auto":
        options["profile"] = values.text("profile")
    return options


def _copying(values: Values) -> CopyLimits | None:
    if values.text("tune") in PLAYER_TUNES:
        return None
    profiles = COPIED_PROFILES.get(values.text("profile"), COPIED_PROFILES["high"])
    return copy_limits(values, codec="h264", profiles=profiles, level=HIGHEST_LEVEL)


H264 = Encoder(
    id="mp4-h264",
    title="MP4 (H.264)",
    description="Plays everywhere: browsers, phones, televisions.",
    extension="mp4",
    mime_type="video/mp4",
    container="mp4",
    container_options={"movflags": "+faststart"},
    video=VideoCodec(name="libx264", options=_options, keyframe_interval=keyframe_interval, copying=_copying),
    audio=AudioCodec(name="aac", bit_rate=audio_bit_rate),
    params=(
        crf(21),
        preset("veryfast"),
        Parameter(name="tune", title="Tune for", type=ParameterType.CHOICE, default="none", choices=TUNES),
        Parameter(
            name="profile",
            title="Profile",
            type=ParameterType.CHOICE,
            default="auto",
            choices=PROFILES,
            help="What old players can decode: baseline is the least.",
        ),
        KEYFRAMES,
        MAX_KBIT,
        COPY,
        AUDIO_KBIT,
    ),
    presets={
        "draft": {"crf": 30, "preset": "ultrafast", "audio_kbit": 128},
        "standard": {"crf": 21, "preset": "veryfast"},
        "high": {"crf": 17, "preset": "slow", "audio_kbit": 256},
    },
)
