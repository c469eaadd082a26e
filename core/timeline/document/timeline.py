"""The document as a whole: output and timeline."""

import re
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from core.timeline.document.assets import TimelineAsset
from core.timeline.document.base import ColorField, Flag, Model, Name, Time, parse_whole, shown, wrong
from core.timeline.document.clips import AudioPart, CaptionsPart, Track

LARGEST = 8192
FASTEST = 240
_RATIO = re.compile(r"(\d{1,7})/(\d{1,7})")


def parse_size(value: object) -> int:
    """Read a width or height in pixels."""
    pixels = parse_whole(value)
    if not 2 <= pixels <= LARGEST:
        raise wrong(f"must lie between 2 and {LARGEST} pixels, not {pixels}")
    return pixels


def parse_fps(value: object) -> Fraction:
    """Read frames per second: a whole number, or a ratio like "30000/1001"."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, str) and (ratio := _RATIO.fullmatch(value)) and int(ratio[2]):
        fps = Fraction(int(ratio[1]), int(ratio[2]))
    elif isinstance(value, int) and not isinstance(value, bool):
        fps = Fraction(value)
    else:
        raise wrong(f'must be a whole number or a ratio like "30000/1001", not {shown(value)}')
    if not 1 <= fps <= FASTEST:
        raise wrong(f"must lie between 1 and {FASTEST} frames per second, not {shown(value)}")
    return fps


Size = Annotated[
    int, BeforeValidator(parse_size), WithJsonSchema({"type": "integer", "minimum": 2, "maximum": LARGEST})
]
Fps = Annotated[
    Fraction,
    BeforeValidator(parse_fps),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": FASTEST}, {"type": "string"}]}),
]
Quality = Literal["draft", "standard", "high"] | dict[str, Any]


def parse_quality(value: object) -> object:
    """Read a quality's name or the encoder's own parameters."""
    if isinstance(value, dict) or value in ("draft", "standard", "high"):
        return value
    raise wrong(f'must be "draft", "standard", "high" or the encoder\'s parameters, not {shown(value)}')


QualityField = Annotated[Quality, BeforeValidator(parse_quality)]


class Poster(Model):
    """A picture of the video, taken at a second."""

    at: Time = Fraction(0)


class Rendition(Model):
    """A further size or encoder made from the same render; what is left out is the output's."""

    width: Size | None = None
    height: Size | None = None
    encoder: Name | None = None
    quality: QualityField | None = None


class Output(Model):
    """What is made of the timeline."""

    width: Size = 1920
    height: Size = 1080
    fps: Fps = Fraction(30)
    background: ColorField | None = None
    encoder: Name = "mp4-h264"
    quality: QualityField = "standard"
    renditions: list[Rendition] = Field(default=[], max_length=20)
    poster: Poster | None = None
    storyboard: Flag = False
    waveform: Flag = False


class Timeline(Model):
    """One video, described."""

    version: Literal[1]
    name: Name = ""
    output: Output = Output()
    variables: dict[str, Any] = {}
    tracks: list[Track] = Field(default=[], max_length=200)
    audio: AudioPart = AudioPart()
    captions: list[CaptionsPart] = Field(default=[], max_length=50)


TimelineAsset.model_rebuild(_types_namespace={"Timeline": Timeline})


def frame_rate(output: Output, around: Fraction | None) -> Fraction:
    """Return a timeline's frame rate: a nested one takes that ``around`` it unless it names its own."""
    return output.fps if around is None or "fps" in output.model_fields_set else around


def rendition_quality(rendition: Rendition, output: Output) -> Quality:
    """Return a rendition's quality: its own, else the output's, save where that is written for another encoder."""
    if rendition.quality is not None:
        return rendition.quality
    is_shared = isinstance(output.quality, str) or rendition.encoder in (None, output.encoder)
    return output.quality if is_shared else "standard"
