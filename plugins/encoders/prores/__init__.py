"""QuickTime with ProRes 4444: transparency kept, made for editing further."""

from collections.abc import Iterable, Mapping

from core.api import AudioCodec, Encoder, Parameter, ParameterType, Values, VideoCodec, hookimpl

ALPHA_BITS = Parameter(
    name="alpha_bits",
    title="Transparency",
    type=ParameterType.CHOICE,
    default="16",
    choices=("0", "8", "16"),
    unit="bit",
)
BITS = Parameter(
    name="bits_per_macroblock",
    title="Bits a macroblock",
    type=ParameterType.INT,
    default=1350,
    minimum=128,
    maximum=8192,
)


def _options(values: Values) -> Mapping[str, str]:
    return {
        "profile": "4444",
        "vendor": "apl0",
        "alpha_bits": values.text("alpha_bits"),
        "bits_per_mb": f"{values.number('bits_per_macroblock'):g}",
    }


PRORES = Encoder(
    id="mov-prores4444",
    title="QuickTime (ProRes 4444)",
    description="Large files with transparency, without visible loss.",
    extension="mov",
    mime_type="video/quicktime",
    container="mov",
    container_options={"movflags": "+faststart"},
    video=VideoCodec(name="prores_ks", pixel_format="yuva444p10le", options=_options),
    audio=AudioCodec(name="pcm_s24le", sample_format="s32", bit_rate=lambda _values: 0),
    params=(ALPHA_BITS, BITS),
    presets={"draft": {"bits_per_macroblock": 400}, "standard": {}, "high": {"bits_per_macroblock": 2600}},
    has_alpha=True,
)


@hookimpl
def reelhouse_encoders() -> Iterable[Encoder]:
    yield PRORES
