"""Encoders for sound alone: MP3, M4A (AAC) and WAV."""

from collections.abc import Iterable

from core.api import AudioCodec, Encoder, Parameter, ParameterType, Values, hookimpl


def _kbit(default: int, most: int) -> Parameter:
    return Parameter(
        name="kbit", title="Bit rate", type=ParameterType.INT, default=default, minimum=32, maximum=most, unit="kbit/s"
    )


def _bit_rate(values: Values) -> int:
    return int(values.number("kbit")) * 1000


MP3 = Encoder(
    id="mp3",
    title="MP3",
    description="Sound that plays everywhere.",
    extension="mp3",
    mime_type="audio/mpeg",
    container="mp3",
    audio=AudioCodec(name="libmp3lame", bit_rate=_bit_rate),
    params=(_kbit(192, 320),),
    presets={"draft": {"kbit": 96}, "standard": {"kbit": 192}, "high": {"kbit": 320}},
)
M4A = Encoder(
    id="m4a",
    title="M4A (AAC)",
    description="Smaller than MP3 at the same quality.",
    extension="m4a",
    mime_type="audio/mp4",
    container="ipod",
    container_options={"movflags": "+faststart"},
    audio=AudioCodec(name="aac", bit_rate=_bit_rate),
    params=(_kbit(192, 512),),
    presets={"draft": {"kbit": 96}, "standard": {"kbit": 192}, "high": {"kbit": 320}},
)
WAV = Encoder(
    id="wav",
    title="WAV",
    description="Sound without loss: 24 bit, 48 kHz.",
    extension="wav",
    mime_type="audio/wav",
    container="wav",
    audio=AudioCodec(name="pcm_s24le", sample_format="s32", bit_rate=lambda _values: 0),
    presets={"draft": {}, "standard": {}, "high": {}},
)


@hookimpl
def reelhouse_encoders() -> Iterable[Encoder]:
    yield MP3
    yield M4A
    yield WAV
