"""What is common to the codecs whose packets can be copied: the roles of their units, and what their headers say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from core.render.copying.usability import Usability


class Role(Enum):
    """What a unit of a packet is, to one who copies packets."""

    START = auto()
    """A picture that nothing before is needed for, nor for any that follows it."""
    OPEN_START = auto()
    """A picture like that, but some that follow it in the packets and are shown before it need what came before."""
    LEADING = auto()
    """A picture that can't be decoded when decoding begins at the open start before it."""
    PICTURE = auto()
    """Any other picture."""
    PARAMETERS = auto()
    """A parameter set."""
    EXTRA = auto()
    """Supplemental information, of which some is kept."""
    IDLE = auto()
    """What may be left out: delimiters, fillers."""
    FOREIGN = auto()
    """What is not known well enough to be copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """What the headers of a stream say. Sizes in pixels, without what is cropped away."""

    profile: str
    level: int
    width: int
    height: int
    pixel_format: str
    is_progressive: bool
    usability: Usability


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A stream's own headers: its parameter sets, and how many bytes tell a unit's length (0 for start codes)."""

    length_size: int
    sets: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renaming:
    """Parameter sets under ids that no others have, and the new ids of those that pictures name."""

    sets: tuple[bytes, ...]
    pictures: Mapping[int, int]


class UnitCodec(Protocol):
    """A codec whose packets are made of NAL units."""

    def read(self, extradata: bytes) -> Configuration:
        """Read a stream's headers, of the container's form or with start codes."""

    def write(self, sets: Sequence[bytes]) -> bytes:
        """Return headers of the container's form that hold these parameter sets, each under an id of its own."""

    def codings(self, sets: Sequence[bytes]) -> tuple[Coding, ...]:
        """Tell what each sequence of a stream is like; raise ``DamagedUnit`` when a parameter set can't be read."""

    def role(self, unit: memoryview) -> Role:
        """Tell what a unit is."""

    def kept(self, unit: memoryview) -> bytes | None:
        """Return what is kept of supplemental information, if anything."""

    def opened(self, unit: memoryview) -> bytes:
        """Return a picture of an open start as one at which a stream may begin."""

    def renamed(self, sets: Sequence[bytes], taken: Sequence[bytes]) -> Renaming:
        """Give parameter sets ids that ``taken`` ones do not have. Raise ``Crowded`` when there are not enough."""

    def respelled(self, unit: memoryview, renaming: Renaming) -> bytes | memoryview:
        """Return a unit that names parameter sets by their new ids."""
