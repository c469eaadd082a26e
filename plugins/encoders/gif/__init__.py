"""The GIF encoder: a looping picture with a palette made from all its frames."""

from collections.abc import Iterable

from core.api import Encoder, Parameter, ParameterType, hookimpl
from plugins.encoders.gif.session import DITHERS, GifSession

GIF = Encoder(
    id="gif",
    title="GIF",
    description="A short loop that shows anywhere, without sound.",
    extension="gif",
    mime_type="image/gif",
    params=(
        Parameter(
            name="max_fps",
            title="Frames a second at most",
            default=15.0,
            minimum=1.0,
            maximum=50.0,
            unit="fps",
            help="Each second, third … frame is kept, so that motion stays even.",
        ),
        Parameter(
            name="colors", title="Colours", type=ParameterType.INT, default=256, minimum=2, maximum=256, widget="slider"
        ),
        Parameter(name="dither", title="Dithering", type=ParameterType.CHOICE, default="sierra2_4a", choices=DITHERS),
        Parameter(
            name="loops",
            title="Repeats",
            type=ParameterType.INT,
            default=0,
            minimum=-1,
            maximum=65535,
            help="0 repeats for ever, -1 shows it once.",
        ),
    ),
    presets={
        "draft": {"max_fps": 10, "dither": "bayer"},
        "standard": {"max_fps": 15},
        "high": {"max_fps": 25},
    },
    has_alpha=True,
    open=GifSession,
)


@hookimpl
def reelhouse_encoders() -> Iterable[Encoder]:
    yield GIF
