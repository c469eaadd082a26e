"""The plan: a timeline compiled, frame-exact. A pure value that the engine draws from and the ledger is keyed by."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from math import floor
from pathlib import Path

from core.api import Color, JsonValue, ParameterValue, Values
from core.timeline.curves import Animated, Curve, value_at
from core.timeline.sources import Playback, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What is known of a media file. Sizes in pixels as it is shown (rotated, square pixels); times in seconds.

    ``duration`` is None for stills. ``codec`` is libavcodec's name of the first video (else audio) stream.
    """

    kind: str
    """``video``, ``image`` or ``audio``; ``data`` for what only a plugin reads, of which nothing else is known."""
    duration: Fraction | None = None
    width: int = 0
    height: int = 0
    fps: Fraction | None = None
    has_audio: bool = False
    has_alpha: bool = False
    codec: str = ""
    rotation: int = 0
    is_interlaced: bool = False
    sample_rate: int = 0
    channels: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A gathered asset: its local file, content hash (SHA-256, hex) and probe."""

    path: Path
    sha256: str
    probe: Probe


class Fit(StrEnum):
    """How a picture fills its box."""

    COVER = "cover"
    CONTAIN = "contain"
    STRETCH = "stretch"
    NONE = "none"


class Blend(StrEnum):
    """How a layer mixes with what lies below, on 8-bit gamma-coded RGB."""

    NORMAL = "normal"
    MULTIPLY = "multiply"
    SCREEN = "screen"
    OVERLAY = "overlay"
    DARKEN = "darken"
    LIGHTEN = "lighten"
    ADD = "add"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """What is cut away from each side, as fractions of the source's width or height."""

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a picture lies. ``x``, ``y``, ``width``, ``height`` are fractions of the frame's width and height.

    The box is centred on (x, y), the picture fitted into it; then scaled and rotated (degrees clockwise) about
    ``anchor`` (fractions of the box, (.5, .5) its centre). ``radius`` rounds the corners, a fraction of the frame's
    height. ``mask`` names a gathered image or video whose luma is the alpha. ``pixel_scale`` is how long a source's own
    pixel is in those of the output, for ``Fit.NONE``: less than 1 where the output is smaller than the document says.
    """

    fit: Fit = Fit.COVER
    pixel_scale: Fraction = Fraction(1)
    x: Animated = 0.5
    y: Animated = 0.5
    width: float = 1.0
    height: float = 1.0
    scale: Animated = 1.0
    rotate: Animated = 0.0
    anchor: tuple[float, float] = (0.5, 0.5)
    crop: Crop = Crop()
    radius: float = 0.0
    opacity: Animated = 1.0
    blend: Blend = Blend.NORMAL
    mask: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A contribution with its parameters; those that are curves run on seconds from the use's own start."""

    id: str
    params: Mapping[str, ParameterValue | Curve] = field(default_factory=dict)

    @property
    def is_animated(self) -> bool:
        """Tell whether a parameter changes over time."""
        return any(isinstance(value, Curve) for value in self.params.values())

    def values_at(self, time: Fraction) -> Values:
        """Return the parameters' values at ``time``."""
        return Values(
            {name: value_at(value, time) if isinstance(value, Curve) else value for name, value in self.params.items()}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectUse(Use):
    """An effect on a clip for the frames ``[first, end)``, counted from the clip's first frame."""

    first: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedUse(Use):
    """A transition, enter or exit of ``frames`` frames, shaped by ``ease``."""

    frames: int
    ease: str = "linear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A clip, resolved: what it shows in the frames ``[first, end)`` of the output and how.

    ``path`` is its place in the document. ``start`` is the exact second that its time counts from. Its transition
    lies at its head and mixes it with ``mixes_with``, the index of the layer before on its track.
    """

    id: str
    path: str
    first: int
    end: int
    start: Fraction
    source: Source
    placement: Placement = Placement()
    effects: tuple[EffectUse, ...] = ()
    transition: TimedUse | None = None
    mixes_with: int | None = None
    enter: TimedUse | None = None
    exit: TimedUse | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of frames ``[first, end)`` in which the same layers are seen, in paint order (``layers`` indexes).

    ``mixes`` are the (before, after) pairs of layers that a transition mixes throughout. ``key`` is the SHA-256 (hex)
    of everything that can change the span's pixels before encoding, and nothing else.
    """

    first: int
    end: int
    layers: tuple[int, ...]
    mixes: tuple[tuple[int, int], ...] = ()
    key: str = ""

    def cut(self, first: int, end: int) -> "Span":
        """Return the part of the span that lies in the frames ``[first, end)``."""
        return replace(self, first=max(self.first, first), end=min(self.end, end))


class AudioRole(StrEnum):
    """What a sound is, for ducking."""

    VOICE = "voice"
    MUSIC = "music"
    EFFECTS = "effects"


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioClip:
    """A sound on the timeline; times in seconds, ``volume`` linear (1 unchanged), ``pan`` −1 left to 1 right.

    ``source`` is a gathered ``src`` or, for a nested timeline, its mix.
    """

    id: str
    path: str
    start: Fraction
    duration: Fraction
    source: "str | AudioMix"
    playback: Playback = Playback()
    volume: Animated = 1.0
    pan: Animated = 0.0
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(0)
    role: AudioRole | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duck:
    """While a clip of role ``under`` sounds, clips of role ``what`` are lowered by ``by_db`` decibels."""

    under: AudioRole = AudioRole.VOICE
    what: AudioRole = AudioRole.MUSIC
    by_db: float = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioMix:
    """All sound of a timeline. ``loudness`` in LUFS (None leaves it as mixed), ``true_peak`` in dBTP."""

    duration: Fraction
    clips: tuple[AudioClip, ...] = ()
    loudness: float | None = None
    true_peak: float = -1.0
    duck: Duck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One caption; times in seconds of the timeline, ``words`` (may be empty) with times of their own."""

    start: Fraction
    end: Fraction
    text: str
    words: tuple["CueWord", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CueWord:
    """One word of a cue; times in seconds of the timeline."""

    start: Fraction
    end: Fraction
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionTrack:
    """Captions that are delivered as text. Burned ones are layers already."""

    language: str
    cues: tuple[Cue, ...]
    is_sidecar: bool
    is_soft: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How a plan is encoded: the encoder's id and values; ``quality`` values are already merged into ``values``."""

    encoder: str
    extension: str
    """The file name's ending, with its dot."""
    values: Values
    poster_at: Fraction | None = None
    storyboard: bool = False
    waveform: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A timeline, compiled. ``spans`` tile ``[0, frames)`` exactly; ``background`` is None for transparent."""

    name: str
    width: int
    height: int
    fps: Fraction
    frames: int
    background: Color | None
    layers: tuple[Layer, ...]
    spans: tuple[Span, ...]
    audio: AudioMix
    captions: tuple[CaptionTrack, ...] = ()
    output: Output
    renditions: tuple["Plan", ...] = ()
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)

    def instant(self, frame: int) -> Fraction:
        """Return the second that output frame ``frame`` shows: ``(frame + 1/2) / fps``."""
        return (frame + Fraction(1, 2)) / self.fps

    @property
    def duration(self) -> Fraction:
        """Length of the picture in seconds."""
        return self.frames / self.fps


def frame_at(time: Fraction, fps: Fraction) -> int:
    """Return the frame boundary nearest to ``time``, halves rounded up."""
    return floor(time * fps + Fraction(1, 2))
