"""Encoders for WebM: VP9 and AV1 with Opus."""

import os
from collections.abc import Iterable, Mapping

from core.api import AudioCodec, Encoder, Parameter, ParameterType, Values, VideoCodec, hookimpl

AUDIO_KBIT = Parameter(
    name="audio_kbit", title="Sound", type=ParameterType.INT, default=128, minimum=32, maximum=510, unit="kbit/s"
)
KEYFRAMES = Parameter(
    name="keyframe_interval", title="Key frame every", default=4.0, minimum=0.1, maximum=20.0, unit="s"
)

# SVT-AV1 writes its settings to stderr unless told to keep to errors; it reads this when an encoder is opened.
os.environ.setdefault("SVT_LOG", "1")


def _crf(default: int) -> Parameter:
    return Parameter(
        name="crf", title="Rate factor", type=ParameterType.INT, default=default, minimum=0, maximum=63, widget="slider"
    )


def _speed(default: int, most: int) -> Parameter:
    return Parameter(
        name="speed",
        title="Speed",
        type=ParameterType.INT,
        default=default,
        minimum=0,
        maximum=most,
        widget="slider",
        help="More is faster and larger.",
    )


def _keyframe_interval(values: Values) -> float:
    return values.number("keyframe_interval")


def _bit_rate(values: Values) -> int:
    return int(values.number("audio_kbit")) * 1000


def _vp9_options(values: Values) -> Mapping[str, str]:
    return {
        "crf": f"{values.number('crf'):g}",
        "b": "0",
        # Beyond 5, libvpx knows speeds for its real-time mode alone.
        "deadline": "good" if values.number("speed") <= 5 else "realtime",
        "cpu-used": f"{values.number('speed'):g}",
        "row-mt": "1",
    }


def _av1_options(values: Values) -> Mapping[str, str]:
    return {"crf": f"{values.number('crf'):g}", "preset": f"{values.number('speed'):g}"}


VP9 = Encoder(
    id="webm-vp9",
    title="WebM (VP9)",
    description="Free of licence fees; all browsers of today play it.",
    extension="webm",
    mime_type="video/webm",
    container="webm",
    video=VideoCodec(name="libvpx-vp9", options=_vp9_options, keyframe_interval=_keyframe_interval),
    audio=AudioCodec(name="libopus", sample_format="flt", bit_rate=_bit_rate),
    params=(_crf(32), _speed(4, 8), KEYFRAMES, AUDIO_KBIT),
    presets={
        "draft": {"crf": 42, "speed": 8, "audio_kbit": 64},
        "standard": {"crf": 32, "speed": 4},
        "high": {"crf": 24, "speed": 2, "audio_kbit": 192},
    },
)
AV1 = Encoder(
    id="webm-av1",
    title="WebM (AV1)",
    description="The smallest files, for browsers of the last years.",
    extension="webm",
    mime_type="video/webm",
    container="webm",
    video=VideoCodec(name="libsvtav1", options=_av1_options, keyframe_interval=_keyframe_interval),
    audio=AudioCodec(name="libopus", sample_format="flt", bit_rate=_bit_rate),
    params=(_crf(35), _speed(8, 13), KEYFRAMES, AUDIO_KBIT),
    presets={
        "draft": {"crf": 45, "speed": 12, "audio_kbit": 64},
        "standard": {"crf": 35, "speed": 8},
        "high": {"crf": 27, "speed": 6, "audio_kbit": 192},
    },
)


@hookimpl
def reelhouse_encoders() -> Iterable[Encoder]:
    yield VP9
    yield AV1
