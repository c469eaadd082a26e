"""What both encoders let one choose."""

from core.api import CopyLimits, Parameter, ParameterType, Values

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


KEYFRAME_SECONDS = 2.0
KEYFRAMES = Parameter(
    name="keyframe_interval",
    title="Key frame every",
    default=KEYFRAME_SECONDS,
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
COPY = Parameter(
    name="copy",
    title="Untouched clips",
    type=ParameterType.CHOICE,
    default="auto",
    choices=("auto", "always", "never"),
    help="Footage that is in this format already is taken over as it is, except at its cuts; auto encodes it anew "
    "where it is much larger than the rate factor promises.",
)
LARGEST_COPY = 50_000_000
"""Bit/s of 1920x1080 at 30 frames a second that are no surprise at crf 21: what good cameras write."""
USUAL_CRF, HALVING = 21, 6
"""Six steps of the rate factor halve the size, as the encoders themselves hold it."""


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


def copy_limits(values: Values, *, codec: str, profiles: tuple[str, ...], level: int) -> CopyLimits | None:
    """Return what of a source is taken over, by what was asked of size and seeking.

    A key frame interval shorter than the default was asked for on purpose, so it holds for copies too.
    """
    choice, interval = values.text("copy"), values.number("keyframe_interval")
    if choice == "never":
        return None
    share = 2 ** ((USUAL_CRF - values.number("crf")) / HALVING)
    return CopyLimits(
        codec=codec,
        profiles=profiles,
        level=level,
        bit_rate=LARGEST_COPY * share if choice == "auto" else 0.0,
        peak_rate=int(values.number("max_kbit")) * 1000,
        keyframe_interval=interval if interval < KEYFRAME_SECONDS else 0.0,
    )
