"""What both encoders let one choose."""

from core.api import Parameter, ParameterType, Values

PRESETS = (
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
)


def crf(default: int) -> Parameter:
    """Return the constant rate factor: less is better and larger."""
    return Parameter(
        name="crf",
        title="Rate factor",
        type=ParameterType.INT,
        default=default,
        minimum=0,
        maximum=51,
        widget="slider",
        help="0 is lossless; six more halve the size.",
    )


def preset(default: str) -> Parameter:
    """Return how much time is spent on a smaller file."""
    return Parameter(name="preset", title="Speed", type=ParameterType.CHOICE, default=default, choices=PRESETS)


KEYFRAMES = Parameter(
    name="keyframe_interval",
    title="Key frame every",
    default=2.0,
    minimum=0.1,
    maximum=20.0,
    unit="s",
    help="Players seek to key frames.",
)
AUDIO_KBIT = Parameter(
    name="audio_kbit", title="Sound", type=ParameterType.INT, default=192, minimum=32, maximum=512, unit="kbit/s"
)
MAX_KBIT = Parameter(
    name="max_kbit",
    title="At most",
    type=ParameterType.INT,
    default=0,
    minimum=0,
    maximum=400_000,
    unit="kbit/s",
    help="0 sets no limit.",
)


def rate_options(values: Values) -> dict[str, str]:
    """Return libx264's and libx265's common options for rate and speed."""
    options = {"crf": f"{values.number('crf'):g}", "preset": values.text("preset")}
    if limit := int(values.number("max_kbit")):
        options |= {"maxrate": f"{limit}k", "bufsize": f"{2 * limit}k"}
    return options


def keyframe_interval(values: Values) -> float:
    """Return the seconds between key frames."""
    return values.number("keyframe_interval")


def audio_bit_rate(values: Values) -> int:
    """Return the sound's bit rate in bit/s."""
    return int(values.number("audio_kbit")) * 1000
