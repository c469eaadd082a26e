"""What a clip shows: the resolved forms of a timeline's assets.

``src`` is the reference as written in the document (``file:…``, ``provider:…``); the file behind it is looked up in
the media that was gathered for the plan. Lengths are fractions of the output's height unless said otherwise.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from core.api import Color

if TYPE_CHECKING:
    from core.timeline.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Playback:
    """How source time runs. Source time = ``start + speed * t``; reversed, it runs back from the part's end.

    ``start`` (the document's ``in``) and ``length`` (what is left of the source from there, None for endless ones)
    are in source seconds. Past its end a source holds its last frame, or begins again at ``start`` when it loops.
    """

    start: Fraction = Fraction(0)
    length: Fraction | None = None
    speed: Fraction = Fraction(1)
    reverse: bool = False
    loop: bool = False

    def source_time(self, time: Fraction) -> Fraction:
        """Map ``time`` (seconds from the clip's start) to seconds of the source."""
        played = time * self.speed
        if self.length is not None and self.length > 0:
            if self.loop:
                played %= self.length
            elif played > self.length:
                played = self.length
            if self.reverse:
                played = self.length - played
        return self.start + played


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSource:
    """A moving picture of a file."""

    src: str
    playback: Playback = Playback()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSource:
    """A still picture of a file."""

    src: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorSource:
    """One colour over the clip's whole box."""

    color: Color


class GradientKind(StrEnum):
    """The form of a gradient."""

    LINEAR = "linear"
    RADIAL = "radial"


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientSource:
    """A gradient over the clip's whole box, as CSS draws it.

    ``angle`` in degrees: 0 runs upwards, 90 to the right. ``stops`` are (offset 0–1, colour), in rising order.
    A radial one runs from the box's centre to its farthest corner.
    """

    kind: GradientKind
    angle: float
    stops: tuple[tuple[float, Color], ...]


class ShapeKind(StrEnum):
    """The form of a shape."""

    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    PATH = "path"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeSource:
    """A filled and stroked shape over the clip's whole box.

    ``path`` is SVG path data in a 1×1 box (x to the right, y down), for ``ShapeKind.PATH`` alone.
    """

    kind: ShapeKind
    fill: Color | None
    stroke_color: Color | None = None
    stroke_width: float = 0.0
    radius: float = 0.0
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """How letters look. ``size`` is the font size, ``stroke_width`` lies around the letter.

    ``letter_spacing`` in em. ``font`` is a family name; ``weight`` 100 to 900.
    """

    font: str = "Inter"
    weight: int = 400
    italic: bool = False
    size: float = 0.05
    color: Color = Color(255, 255, 255)
    letter_spacing: float = 0.0
    stroke_color: Color | None = None
    stroke_width: float = 0.0
    underline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRun:
    """A stretch of text in one style."""

    text: str
    style: TextStyle


class TextAlign(StrEnum):
    """How lines lie in the text's box; ``start`` and ``end`` follow the writing direction."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"
    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextShadow:
    """A soft copy of the letters behind them; ``x``, ``y`` its offset, ``blur`` the standard deviation."""

    color: Color
    x: float = 0.0
    y: float = 0.004
    blur: float = 0.006


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBackground:
    """A box behind the text."""

    color: Color
    padding: float = 0.0
    radius: float = 0.0


class RevealUnit(StrEnum):
    """What appears one after another when a text is animated."""

    LETTERS = "typewriter"
    WORDS = "words"
    LINES = "lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReveal:
    """The units of a text appear one after another, all within ``duration`` seconds of the clip's start.

    Letters appear at once; words and lines fade in and rise by a quarter of the font size.
    """

    by: RevealUnit
    duration: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a caption with its time, in seconds from the clip's start."""

    start: Fraction
    end: Fraction
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSource:
    """A laid-out text: a box as large as its lines (plus the background's padding).

    ``max_width`` is a fraction of the output's width; longer lines wrap, None never wraps. ``line_height`` is a
    multiple of the font size. With ``words`` the text is a caption whose spoken word is drawn in ``highlight``
    (``pop`` also enlarges it); ``words`` cover the text's words in order. With ``keeps_highlight`` the words already
    spoken stay in ``highlight`` (without its background and pop), as in karaoke.
    """

    runs: tuple[TextRun, ...]
    align: TextAlign = TextAlign.CENTER
    line_height: float = 1.2
    max_width: float | None = None
    shadow: TextShadow | None = None
    background: TextBackground | None = None
    reveal: TextReveal | None = None
    words: tuple[Word, ...] = ()
    highlight: TextStyle | None = None
    highlight_background: TextBackground | None = None
    keeps_highlight: bool = False
    pop: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineSource:
    """A nested timeline, compiled; its own background is transparent unless the document set one."""

    plan: "Plan"
    playback: Playback = Playback()


type Source = VideoSource | ImageSource | ColorSource | GradientSource | ShapeSource | TextSource | TimelineSource
