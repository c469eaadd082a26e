"""H.264 as far as copying needs it: what its headers say, where decoding may begin, and ids of parameter sets.

Clauses are those of Rec. ITU-T H.264; the container's form of headers is that of ISO/IEC 14496-15, 5.3.3.
"""

from collections.abc import Sequence

from core.render.copying.coding import Coding, Configuration, Renaming, Role
from core.render.copying.messages import kept_messages
from core.render.copying.nal import BitRange, BitReader, DamagedUnit, replaced, respelled, unescape, units
from core.render.copying.numbering import as_easily_written, free_id
from core.render.copying.usability import Usability, read_usability

SLICE, IDR, SEI, SPS, PPS, DELIMITER, SEQUENCE_END, STREAM_END, FILLER = 1, 5, 6, 7, 8, 9, 10, 11, 12
ROLES = {
    SLICE: Role.PICTURE,
    IDR: Role.START,
    SEI: Role.EXTRA,
    SPS: Role.PARAMETERS,
    PPS: Role.PARAMETERS,
    DELIMITER: Role.IDLE,
    SEQUENCE_END: Role.IDLE,
    STREAM_END: Role.IDLE,
    FILLER: Role.IDLE,
}
MOST_SPS, MOST_PPS = 31, 255
"""How many the container's form of headers can count."""
HEAD_BYTES = 24
"""Enough of a unit to read the numbers at its beginning."""
CONSTRAINED_BASELINE = "Constrained Baseline"
PROFILES = {66: "Baseline", 77: "Main", 100: "High"}
RICH_PROFILES = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)
PIXEL_FORMATS = {(0, 8): "gray", (1, 8): "yuv420p", (1, 10): "yuv420p10le", (2, 8): "yuv422p", (3, 8): "yuv444p"}


class H264:
    """The codec of ``avc1`` streams."""

    def read(self, extradata: bytes) -> Configuration:
        """Read a decoder configuration record or Annex B headers. Raise ``DamagedUnit`` when they are neither."""
        if extradata[:1] != b"\1":
            found = tuple(bytes(unit) for unit in units(memoryview(extradata), 0))
            return Configuration(length_size=0, sets=tuple(unit for unit in found if _type(unit) in (SPS, PPS)))
        try:
            sets, place = [], 5
            for mask in (0x1F, 0xFF):
                count, place = extradata[place] & mask, place + 1
                for _ in range(count):
                    end = place + 2 + int.from_bytes(extradata[place : place + 2])
                    sets.append(extradata[place + 2 : end])
                    place = end
            return Configuration(length_size=(extradata[4] & 3) + 1, sets=tuple(sets))
        except IndexError as err:
            raise DamagedUnit("the stream's header ends too early") from err

    def write(self, sets: Sequence[bytes]) -> bytes:
        """Return a decoder configuration record for ``sets``; profile and level are the highest of all."""
        sequences = [unit for unit in sets if _type(unit) == SPS]
        pictures = [unit for unit in sets if _type(unit) == PPS]
        profile = max((unit[1] for unit in sequences), key=lambda number: (number in RICH_PROFILES, number))
        constraints = 0xFF
        for unit in sequences:
            constraints &= unit[2] if unit[1] == profile else 0
        level = max(unit[3] for unit in sequences)
        record = bytes((1, profile, constraints, level, 0xFC | 3, 0xE0 | len(sequences)))
        record += b"".join(map(_sized, sequences)) + bytes((len(pictures),)) + b"".join(map(_sized, pictures))
        if profile in RICH_PROFILES:  # chroma format 4:2:0, 8 bits of luma and chroma, no extensions
            record += bytes((0xFC | 1, 0xF8, 0xF8, 0))
        return record

    def codings(self, sets: Sequence[bytes]) -> tuple[Coding, ...]:
        """Tell what each sequence is like; see ``UnitCodec``."""
        if {_type(unit) for unit in sets} != {SPS, PPS}:
            raise DamagedUnit("the stream's parameter sets are not all there")
        return tuple(_coding(unit) for unit in sets if _type(unit) == SPS)

    def role(self, unit: memoryview) -> Role:
        """Tell what a unit is; only an instantaneous decoding refresh is a start."""
        return ROLES.get(unit[0] & 0x1F, Role.FOREIGN)

    def kept(self, unit: memoryview) -> bytes | None:
        """Return the messages that decoding may need, if there are any."""
        return kept_messages(bytes(unit), header=1)

    def opened(self, unit: memoryview) -> bytes:
        """Return the unit: this codec has no open starts."""
        return bytes(unit)

    def renamed(self, sets: Sequence[bytes], taken: Sequence[bytes]) -> Renaming:
        """Give parameter sets ids that ``taken`` ones do not have; see ``UnitCodec``."""
        used = {kind: {_id(unit).value for unit in taken if _type(unit) == kind} for kind in (SPS, PPS)}
        sequences: dict[int, int] = {}
        pictures: dict[int, int] = {}
        named: list[bytes] = []
        for unit in sorted(sets, key=_type):
            place = _id(unit)
            if _type(unit) == SPS:
                sequences[place.value] = free_id((place.value, *range(MOST_SPS)), used[SPS])
                named.append(replaced(unit, place, sequences[place.value]))
            else:
                pictures[place.value] = free_id((place.value, *as_easily_written(place.value, MOST_PPS)), used[PPS])
                of = _sequence_of(unit)
                if of.value not in sequences:
                    raise DamagedUnit("a picture parameter set names a sequence that is not there")
                # The later number first: the place of the other one stays.
                moved = replaced(unit, of, sequences[of.value])
                named.append(replaced(moved, place, pictures[place.value]))
        return Renaming(sets=tuple(named), pictures=pictures)

    def respelled(self, unit: memoryview, renaming: Renaming) -> bytes | memoryview:
        """Return a slice that names its parameter set by the new id; other units as they are."""
        if ROLES.get(unit[0] & 0x1F) not in (Role.PICTURE, Role.START):
            return unit
        place = _picture_set_of(unit)
        if place.value not in renaming.pictures:
            raise DamagedUnit("a picture names a parameter set that is not there")
        wanted = renaming.pictures[place.value]
        return unit if wanted == place.value else respelled(unit, place, wanted)


def _type(unit: bytes) -> int:
    return unit[0] & 0x1F


def _sized(unit: bytes) -> bytes:
    return len(unit).to_bytes(2) + unit


def _head(unit: bytes | memoryview) -> bytes:
    return unescape(bytes(unit[:HEAD_BYTES]))


def _id(unit: bytes) -> BitRange:
    """Return where a parameter set has its own id (7.3.2.1.1, 7.3.2.2)."""
    return BitRange.read(BitReader(_head(unit), 32 if _type(unit) == SPS else 8))


def _sequence_of(unit: bytes) -> BitRange:
    """Return where a picture parameter set names its sequence's."""
    return BitRange.read(BitReader(_head(unit), _id(unit).end))


def _picture_set_of(unit: bytes | memoryview) -> BitRange:
    """Return where a slice names its picture parameter set (7.3.3)."""
    reader = BitReader(_head(unit), 8)
    reader.number()  # first_mb_in_slice
    reader.number()  # slice_type
    return BitRange.read(reader)


def _coding(unit: bytes) -> Coding:
    """Read a sequence parameter set (7.3.2.1.1)."""
    reader = BitReader(unescape(unit), 8)
    profile, constraints, level = reader.take(8), reader.take(8), reader.take(8)
    reader.number()
    chroma, depth = 1, 8
    if profile in RICH_PROFILES:
        chroma = reader.number()
        if chroma == 3:
            reader.flag()
        depth = 8 + reader.number()
        if 8 + reader.number() != depth:
            depth = 0
        reader.flag()
        if reader.flag():
            for index in range(8 if chroma != 3 else 12):
                if reader.flag():
                    _skip_scaling_list(reader, 16 if index < 6 else 64)
    reader.number()
    _skip_picture_order(reader)
    reader.number()
    reader.flag()
    width, height = 16 * (reader.number() + 1), 16 * (reader.number() + 1)
    is_progressive = reader.flag()
    if not is_progressive:
        reader.flag()
        height *= 2
    reader.flag()
    if reader.flag():
        across = 2 if chroma in (1, 2) else 1
        down = (2 if chroma == 1 else 1) * (1 if is_progressive else 2)
        left, right, top, bottom = (reader.number() for _ in range(4))
        width, height = width - across * (left + right), height - down * (top + bottom)
    usability = read_usability(reader) if reader.flag() else Usability()
    return Coding(
        profile=CONSTRAINED_BASELINE if profile == 66 and constraints & 0x40 else PROFILES.get(profile, str(profile)),
        level=level,
        width=width,
        height=height,
        pixel_format=PIXEL_FORMATS.get((chroma, depth), ""),
        is_progressive=is_progressive,
        usability=usability,
    )


def _skip_scaling_list(reader: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + reader.signed()) % 256
        last = following or last


def _skip_picture_order(reader: BitReader) -> None:
    kind = reader.number()
    if kind == 0:
        reader.number()
    elif kind == 1:
        reader.flag()
        reader.signed()
        reader.signed()
        for _ in range(reader.number()):
            reader.signed()
