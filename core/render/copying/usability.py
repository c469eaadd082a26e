"""Video usability information: the shape of pixels, and what their colours mean (annex E of both recommendations)."""

from dataclasses import dataclass
from fractions import Fraction

from core.render.copying.nal import BitReader

UNSPECIFIED, BT709 = 2, 1
"""Numbers of matrices, transfer functions and primaries in Rec. ITU-T H.273."""
EXTENDED_ASPECT = 255
# Table E-1
ASPECTS = (
    (0, 1), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11), (80, 33), (18, 11), (15, 11),
    (64, 33), (160, 99), (4, 3), (3, 2), (2, 1),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Usability:
    """How decoded pictures are to be shown; colours by their numbers in Rec. ITU-T H.273."""

    sample_aspect: Fraction = Fraction(1)
    is_full_range: bool = False
    primaries: int = UNSPECIFIED
    transfer: int = UNSPECIFIED
    matrix: int = UNSPECIFIED

    @property
    def is_house_colour(self) -> bool:
        """Whether the colours are BT.709 of limited range, or untagged, which the house takes for that."""
        tags = (self.primaries, self.transfer, self.matrix)
        return not self.is_full_range and all(tag in (BT709, UNSPECIFIED) for tag in tags)


def read_usability(reader: BitReader) -> Usability:
    """Read aspect, range and colours, with which the information begins, the same in H.264 and H.265."""
    aspect, is_full, colours = Fraction(1), False, (UNSPECIFIED, UNSPECIFIED, UNSPECIFIED)
    if reader.flag():
        number = reader.take(8)
        if number == EXTENDED_ASPECT:
            across, down = reader.take(16), reader.take(16)
        else:
            across, down = ASPECTS[number] if number < len(ASPECTS) else (0, 1)
        aspect = Fraction(across, down) if across and down else Fraction(1)
    if reader.flag():
        reader.flag()
    if reader.flag():
        reader.take(3)
        is_full = reader.flag()
        if reader.flag():
            colours = (reader.take(8), reader.take(8), reader.take(8))
    return Usability(
        sample_aspect=aspect, is_full_range=is_full, primaries=colours[0], transfer=colours[1], matrix=colours[2]
    )
