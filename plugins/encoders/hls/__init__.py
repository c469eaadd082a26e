"""The HLS encoder: several sizes of one video, cut into segments, with a playlist that lets players choose."""

from collections.abc import Iterable

from core.api import AudioCodec, Encoder, Parameter, ParameterType, hookimpl
from plugins.encoders.hls.session import HlsSession

HLS = Encoder(
    id="hls",
    title="HLS ladder",
    description="For streaming: players take the size that their line can carry. The output is a folder.",
    extension="hls",
    mime_type="application/vnd.apple.mpegurl",
    audio=AudioCodec(name="aac", bit_rate=lambda values: int(values.number("audio_kbit")) * 1000),
    params=(
        Parameter(
            name="heights",
            title="Sizes",
            type=ParameterType.TEXT,
            default="1080 720 480 360",
            help="Heights in pixels (of an upright video: widths); what is larger than the video becomes its own size.",
        ),
        Parameter(name="segment", title="Segments of", default=4.0, minimum=1.0, maximum=20.0, unit="s"),
        Parameter(name="crf", title="Rate factor", type=ParameterType.INT, default=22, minimum=10, maximum=45),
        Parameter(
            name="preset",
            title="Speed",
            type=ParameterType.CHOICE,
            default="veryfast",
            choices=("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"),
        ),
        Parameter(
            name="audio_kbit",
            title="Sound",
            type=ParameterType.INT,
            default=128,
            minimum=32,
            maximum=320,
            unit="kbit/s",
        ),
    ),
    presets={
        "draft": {"heights": "360", "crf": 30, "preset": "ultrafast"},
        "standard": {},
        "high": {"crf": 19, "preset": "medium", "audio_kbit": 192},
    },
    open=HlsSession,
)


@hookimpl
def reelhouse_encoders() -> Iterable[Encoder]:
    yield HLS
