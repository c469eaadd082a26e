"""What a clip may show: the asset types of the document."""

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from core.api import Color
from core.timeline.document.base import (
    ColorField,
    Flag,
    Length,
    Model,
    Name,
    Share,
    Src,
    Time,
    Whole,
    between,
    number_schema,
)
from core.timeline.sources import RevealUnit, TextAlign

if TYPE_CHECKING:
    from core.timeline.document.timeline import Timeline

Speed = Annotated[float, between(0.01, 100), number_schema("1 is the source's own speed.", minimum=0.01, maximum=100)]
FontSize = Annotated[
    float, between(0.001, 1), number_schema("A fraction of the frame's height.", minimum=0.001, maximum=1)
]
Softness = Annotated[float, between(0, 0.2), number_schema("A fraction of the frame's height.", minimum=0, maximum=0.2)]
Offset = Annotated[float, between(-1, 1), number_schema("A fraction of the frame's height.", minimum=-1, maximum=1)]
LineHeight = Annotated[float, between(0.1, 10), number_schema("Times the font size.", minimum=0.1, maximum=10)]
Spacing = Annotated[float, between(-1, 10), number_schema("In em.", minimum=-1, maximum=10)]
Degrees = Annotated[float, between(-3600, 3600), number_schema("Degrees.", minimum=-3600, maximum=3600)]
Weight = Annotated[float, between(100, 900), number_schema("Font weight.", minimum=100, maximum=900)]
MAX_TEXT = 5_000
MAX_PATH = 20_000
MAX_TEXT_SPANS = 500


class Played(Model):
    """How source time runs: the in-point, the speed, the direction."""

    in_: Time = Field(default=Fraction(0), alias="in")
    speed: Speed = 1.0
    reverse: Flag = False
    loop: Flag = False


class VideoAsset(Played):
    """A moving picture with its sound."""

    type: Literal["video"]
    src: Src


class AudioAsset(Played):
    """A sound."""

    type: Literal["audio"]
    src: Src


class ImageAsset(Model):
    """A still picture."""

    type: Literal["image"]
    src: Src


class ColorAsset(Model):
    """One colour over the clip's box."""

    type: Literal["color"]
    color: ColorField


class GradientAsset(Model):
    """A gradient over the clip's box; ``angle`` as in CSS, ``stops`` are [offset, colour]."""

    type: Literal["gradient"]
    kind: Literal["linear", "radial"] = "linear"
    angle: Degrees = 180.0
    stops: list[tuple[Share, ColorField]] = Field(min_length=2, max_length=32)


class Stroke(Model):
    """A line around letters or a shape; ``width`` is a fraction of the frame's height."""

    color: ColorField
    width: Softness = 0.004


class ShapeAsset(Model):
    """A shape over the clip's box; ``path`` is SVG path data in a 1×1 box."""

    type: Literal["shape"]
    shape: Literal["rectangle", "ellipse", "path"] = "rectangle"
    path: str = Field(default="", max_length=MAX_PATH)
    fill: ColorField | None = Color(255, 255, 255)
    stroke: Stroke | None = None
    radius: Share = 0.0


class LetterStyle(Model):
    """How letters look; what is left out is taken from the text around."""

    font: Name | None = None
    weight: Weight | None = None
    italic: Flag | None = None
    size: FontSize | None = None
    color: ColorField | None = None
    letter_spacing: Spacing | None = None
    underline: Flag | None = None
    stroke: Stroke | None = None


class TextSpan(LetterStyle):
    """A styled range of a text: the characters ``[start, end)``, counted in Unicode code points."""

    start: Whole
    end: Whole


class Shadow(Model):
    """A soft copy behind the letters; lengths are fractions of the frame's height."""

    color: ColorField = Color(0, 0, 0, 160)
    x: Offset = 0.0
    y: Offset = 0.004
    blur: Softness = 0.006


class Background(Model):
    """A box behind a text; lengths are fractions of the frame's height."""

    color: ColorField
    padding: Share = 0.0
    radius: Share = 0.0


class Reveal(Model):
    """A text that appears unit by unit, all within ``duration`` seconds."""

    by: RevealUnit
    duration: Length = Fraction(1)


class TextLook(LetterStyle):
    """How a whole text looks."""

    align: TextAlign = TextAlign.CENTER
    line_height: LineHeight = 1.2
    max_width: Share | None = None
    shadow: Shadow | None = None
    background: Background | None = None


def _reveal_form(value: object) -> str:
    return "#unit" if isinstance(value, str) else "#reveal"


class TextAsset(TextLook):
    """A text."""

    type: Literal["text"]
    text: str = Field(min_length=1, max_length=MAX_TEXT)
    spans: list[TextSpan] = Field(default=[], max_length=MAX_TEXT_SPANS)
    animate: (
        Annotated[
            Annotated[RevealUnit, Tag("#unit")] | Annotated[Reveal, Tag("#reveal")],
            Discriminator(_reveal_form),
        ]
        | None
    ) = None


class TimelineAsset(Played):
    """A nested timeline: a whole document, or a project's reference."""

    type: Literal["timeline"]
    timeline: "Timeline | None" = None
    src: Src | None = None


ASSETS: dict[str, Any] = {
    "video": VideoAsset,
    "image": ImageAsset,
    "audio": AudioAsset,
    "text": TextAsset,
    "color": ColorAsset,
    "gradient": GradientAsset,
    "shape": ShapeAsset,
    "timeline": TimelineAsset,
}


def asset_type(value: object) -> str | None:
    """Return the tag of an asset's model; None when it names no type that there is."""
    kind = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return f"#{kind}" if isinstance(kind, str) and kind in ASSETS else None


Asset = Annotated[
    Annotated[VideoAsset, Tag("#video")]
    | Annotated[ImageAsset, Tag("#image")]
    | Annotated[AudioAsset, Tag("#audio")]
    | Annotated[TextAsset, Tag("#text")]
    | Annotated[ColorAsset, Tag("#color")]
    | Annotated[GradientAsset, Tag("#gradient")]
    | Annotated[ShapeAsset, Tag("#shape")]
    | Annotated[TimelineAsset, Tag("#timeline")],
    Discriminator(asset_type),
]
