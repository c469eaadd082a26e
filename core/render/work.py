"""Work: what is given to a worker, as plain values that can be sent to another process.

A worker writes each thing it makes under the key that the thing will be kept by.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

from core.api import JsonValue, Values
from core.render.copying.taking import TakenPiece
from core.render.ingredients import Ingredients
from core.timeline.plan import CaptionTrack, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One encoding of the same pictures: the encoder, its values, the size they are scaled to."""

    encoder: str
    values: Values
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The frames ``[first, end)`` of a run, with the key of the piece that each target wants; None for none."""

    first: int
    end: int
    keys: tuple[str | None, ...]

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return self.end - self.first


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """What all work has in common that draws a plan, or mixes its sound."""

    plan: Plan
    ingredients: Ingredients

    @property
    def paths(self) -> tuple[Path, ...]:
        """What has to be readable."""
        return self.ingredients.paths


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRun(_Drawn):
    """Neighbouring segments, drawn by one compositor and encoded for every target; ``plan`` is the largest of them.

    ``strip`` is the target whose pieces get a strip of thumbnails, if any.
    """

    targets: tuple[Target, ...]
    cuts: tuple[Cut, ...]
    strip: int | None = None

    @property
    def frames(self) -> int:
        """How many frames are drawn."""
        return sum(cut.frames for cut in self.cuts)

    def keys_of(self, cut: Cut) -> Iterator[str]:
        """Yield the keys of all that is made for a cut."""
        yield from (key for key in cut.keys if key is not None)
        if self.strip is not None and (key := cut.keys[self.strip]) is not None:
            yield strip_key(key)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all that is made."""
        return tuple(key for cut in self.cuts for key in self.keys_of(cut))


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundRun(_Drawn):
    """The sound of the seconds ``[first, end)`` of a plan, encoded for each target under a key of its own.

    ``key`` is that of the sound itself, under which its loudness and waveform are kept.
    """

    key: str
    first: Fraction
    end: Fraction | None
    targets: tuple[tuple[Target, str], ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all that is made."""
        return self.key, *(key for _, key in self.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeRun(_Drawn):
    """A file that its encoder makes in one go, from the frames ``[first, end)`` and their sound."""

    key: str
    first: int
    end: int
    has_sound: bool
    has_strip: bool

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all that is made."""
        return (self.key, strip_key(self.key)) if self.has_strip else (self.key,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Still(_Drawn):
    """One frame of a plan as a picture: a JPEG, or a PNG with its transparency."""

    key: str
    frame: int
    is_png: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all that is made."""
        return (self.key,)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What all work has in common that reads one media file and writes down what it is."""

    path: Path
    key: str

    @property
    def paths(self) -> tuple[Path, ...]:
        """What has to be readable."""
        return (self.path,)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all that is made."""
        return (self.key,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection(_Read):
    """A media file to be probed or, if ``is_heard``, listened to: how loud it is."""

    is_heard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexing(_Read):
    """A media file whose packets are to be listed, to see what of it can be copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripRun:
    """The strip of thumbnails of a piece that is taken over: what is drawn gets its own as it is drawn."""

    plan: Plan
    piece: TakenPiece
    key: str

    @property
    def paths(self) -> tuple[Path, ...]:
        """What has to be readable."""
        return (self.piece.path,)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all that is made."""
        return (self.key,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A finished piece of a file's picture, or a strip of its thumbnails: it holds the frames from ``first`` on."""

    path: Path
    first: int
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyboard:
    """Thumbnails of the frames ``[first, end)``, to be put together from strips; ``name`` is the sprite's file name."""

    plan: Plan
    strips: tuple[Piece, ...]
    name: str
    key: str
    first: int
    end: int

    @property
    def paths(self) -> tuple[Path, ...]:
        """What has to be readable."""
        return tuple(strip.path for strip in self.strips)

    @property
    def keys(self) -> tuple[str, str]:
        """The keys of the sprite and of its index."""
        return self.key, index_key(self.key)


type Message = dict[str, JsonValue]
"""What a worker tells or returns: plain values, for they come from a process that is not trusted."""

type Work = PictureRun | SoundRun | WholeRun | Still | Inspection | Indexing | StripRun | Storyboard
"""Work whose products are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """A file to be put together from pieces, finished or taken over, and a finished sound."""

    target: Target
    fps: Fraction
    frames: int
    pieces: tuple[Piece | TakenPiece, ...]
    sound: Path | None
    captions: tuple[CaptionTrack, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """What has to be readable."""
        sound = () if self.sound is None else (self.sound,)
        return (*(piece.path for piece in self.pieces), *sound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """A finished file to be looked at once more before anybody is given it."""

    path: Path
    width: int
    height: int
    fps: Fraction
    frames: int
    has_sound: bool

    @property
    def paths(self) -> tuple[Path, ...]:
        """What has to be readable."""
        return (self.path,)


type Finishing = Assembly | Examination
"""Work whose products go to the output's place."""


def strip_key(key: str) -> str:
    """Return the key of the strip of thumbnails beside a piece."""
    return sha256(f"strip {key}".encode()).hexdigest()


def index_key(key: str) -> str:
    """Return the key of the index beside a storyboard's sprite."""
    return sha256(f"index {key}".encode()).hexdigest()
