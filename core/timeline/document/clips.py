"""Clips and tracks: what lies where and when."""

from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from core.timeline.document.assets import MAX_TEXT, Asset, AudioAsset, Background, LetterStyle, TextLook
from core.timeline.document.base import (
    LONGEST,
    AnimatedField,
    Flag,
    Length,
    Model,
    Name,
    Point,
    Range,
    Share,
    Src,
    Time,
    between,
    number_schema,
    parse_length,
    parse_number,
    wrong,
)
from core.timeline.plan import AudioRole, Blend, Fit

MAX_CLIPS = 5000
MAX_CUES = 20_000
MAX_WORDS = 500
MAX_LAYOUTS = 20


def parse_duration(value: object) -> Fraction | str:
    """Read seconds, ``auto`` or ``end``."""
    if isinstance(value, str):
        if value not in ("auto", "end"):
            raise wrong(f'must be seconds, "auto" or "end", not "{value}"')
        return value
    return parse_length(value)


Duration = Annotated[
    Fraction | Literal["auto", "end"],
    BeforeValidator(parse_duration),
    WithJsonSchema(
        {"anyOf": [{"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST}, {"enum": ["auto", "end"]}]}
    ),
]
LessThanOne = Annotated[float, between(0, 0.99), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 0.99})]


def parse_side(value: object) -> float:
    """Read a side of a box: more than 0, at most 10."""
    side = parse_number(value)
    if not 0 < side <= 10:
        raise wrong(f"must be more than 0 and at most 10, not {side:g}")
    return max(side, 1e-6)


BoxSide = Annotated[
    float, BeforeValidator(parse_side), number_schema("A fraction of the frame.", exclusiveMinimum=0, maximum=10)
]
Position = Annotated[AnimatedField, Range(-10, 10)]
Scale = Annotated[AnimatedField, Range(0, 100)]
Rotation = Annotated[AnimatedField, Range(-36_000, 36_000)]
Opacity = Annotated[AnimatedField, Range(0, 1)]
Volume = Annotated[AnimatedField, Range(0, 16)]
Pan = Annotated[AnimatedField, Range(-1, 1)]


class CropPart(Model):
    """What is cut away from each side, as fractions of the source."""

    left: LessThanOne = 0.0
    top: LessThanOne = 0.0
    right: LessThanOne = 0.0
    bottom: LessThanOne = 0.0


class PlacementPart(Model):
    """Where a picture lies; a rendition's layout may override any of it."""

    fit: Fit = Fit.COVER
    x: Position = 0.5
    y: Position = 0.5
    width: BoxSide = 1.0
    height: BoxSide = 1.0
    scale: Scale = 1.0
    rotate: Rotation = 0.0
    anchor: Point = (0.5, 0.5)
    crop: CropPart = CropPart()
    radius: Share = 0.0
    opacity: Opacity = 1.0
    blend: Blend = Blend.NORMAL
    mask: Src | None = None


class UsePart(Model):
    """A plugin's contribution with its parameters."""

    use: Name
    params: dict[str, Any] = {}


class EffectPart(UsePart):
    """An effect; ``start`` and ``duration`` limit it to a part of the clip."""

    start: Time = Fraction(0)
    duration: Length | None = None


class TimedPart(UsePart):
    """A transition, enter or exit."""

    duration: Length
    ease: Name = "linear"


class SoundPart(Model):
    """How a sound is mixed; ``volume`` is linear, ``pan`` runs from -1 (left) to 1 (right)."""

    volume: Volume = 1.0
    fade_in: Time = Fraction(0)
    fade_out: Time = Fraction(0)
    pan: Pan = 0.0
    mute: Flag = False
    role: AudioRole | None = None


class Clip(PlacementPart):
    """One thing on a track, for a while."""

    id: Name = ""
    start: Time
    duration: Duration = "auto"
    asset: Asset
    effects: list[EffectPart] = Field(default=[], max_length=50)
    transition: TimedPart | None = None
    enter: TimedPart | None = None
    exit: TimedPart | None = None
    audio: SoundPart | None = None
    layouts: dict[str, PlacementPart] = Field(default={}, max_length=MAX_LAYOUTS)


class Track(Model):
    """Clips that follow each other; later tracks lie above earlier ones."""

    name: Name = ""
    clips: list[Clip] = Field(default=[], max_length=MAX_CLIPS)


class AudioClipPart(SoundPart):
    """A sound on the timeline."""

    id: Name = ""
    start: Time
    duration: Duration = "auto"
    asset: AudioAsset


class DuckPart(Model):
    """While ``under`` sounds, ``what`` is lowered."""

    under: AudioRole = AudioRole.VOICE
    what: AudioRole = AudioRole.MUSIC
    by_db: Annotated[float, between(0, 100), number_schema("Decibels.", minimum=0, maximum=100)] = 12.0


Loudness = Annotated[float, between(-70, 0), WithJsonSchema({"type": "number", "minimum": -70, "maximum": 0})]


class AudioPart(Model):
    """The sounds beside the clips' own, and how the whole mix is mastered."""

    clips: list[AudioClipPart] = Field(default=[], max_length=MAX_CLIPS)
    loudness: Loudness | None = None
    true_peak: Annotated[
        float, between(-20, 0), WithJsonSchema({"type": "number", "minimum": -20, "maximum": 0})
    ] = -1.0
    duck: DuckPart | None = None


class WordPart(Model):
    """One word of a caption."""

    start: Time
    end: Time
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class CuePart(Model):
    """One caption."""

    start: Time
    end: Time
    text: Annotated[str, Field(max_length=MAX_TEXT)]
    words: list[WordPart] = Field(default=[], max_length=MAX_WORDS)


class CaptionPreset(StrEnum):
    """The looks that captions come with."""

    PLAIN = "plain"
    BOXED = "boxed"
    KARAOKE = "karaoke"
    POP = "pop"


class HighlightPart(LetterStyle):
    """How the spoken word looks; what is left out is taken from the caption."""

    background: Background | None = None


class CaptionStyle(TextLook):
    """How burned captions look; ``preset`` is the ground that the rest is laid on."""

    preset: CaptionPreset = CaptionPreset.PLAIN
    highlight: HighlightPart | None = None
    x: Share | None = None
    y: Share | None = None


def _style_form(value: object) -> str:
    return "#style" if isinstance(value, dict | CaptionStyle) else "#preset"


class CaptionsPart(Model):
    """Captions of one language."""

    src: Src | None = None
    cues: Annotated[list[CuePart], Field(max_length=MAX_CUES)] | None = None
    language: str = Field(default="und", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    mode: list[Literal["burn", "sidecar", "soft"]] = Field(default=["burn"], min_length=1, max_length=3)
    style: Annotated[
        Annotated[CaptionPreset, Tag("#preset")] | Annotated[CaptionStyle, Tag("#style")],
        Discriminator(_style_form),
    ] = CaptionPreset.PLAIN
