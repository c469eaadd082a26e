"""An encoder for Reelhouse: Matroska files with H.264 and Opus."""

from collections.abc import Iterable, Mapping

from core.api import AudioCodec, Encoder, Parameter, ParameterType, Values, VideoCodec, hookimpl


def options(values: Values) -> Mapping[str, str]:
    """Give libx264's options for the values."""
    return {"crf": f"{values.number('crf'):g}", "preset": values.text("preset")}


MKV = Encoder(
    id="my.plugin.mkv",
    title="Matroska",
    description="H.264 and Opus in a Matroska file.",
    extension="mkv",
    mime_type="video/matroska",
    container="matroska",
    video=VideoCodec(name="libx264", pixel_format="yuv420p", options=options),
    audio=AudioCodec(name="libopus", sample_format="flt"),
    params=(
        Parameter(
            name="crf",
            title="Quality",
            type=ParameterType.INT,
            default=20,
            minimum=0,
            maximum=51,
            help="libx264's constant rate factor: less is better and larger.",
        ),
        Parameter(
            name="preset",
            title="Speed",
            type=ParameterType.CHOICE,
            default="veryfast",
            choices=("ultrafast", "veryfast", "medium", "slow"),
        ),
    ),
    presets={
        "draft": {"crf": 28, "preset": "ultrafast"},
        "standard": {"crf": 20, "preset": "veryfast"},
        "high": {"crf": 16, "preset": "medium"},
    },
)


@hookimpl
def reelhouse_encoders() -> Iterable[Encoder]:
    """Declare the encoder."""
    yield MKV
