"""H.265 as far as copying needs it: what its headers say, where decoding may begin, and ids of parameter sets.

Clauses are those of Rec. ITU-T H.265; the container's form of headers is that of ISO/IEC 14496-15, 8.3.3.
"""

from collections.abc import Sequence

from core.render.copying.coding import Coding, Configuration, Renaming, Role
from core.render.copying.messages import kept_messages
from core.render.copying.nal import BitRange, BitReader, DamagedUnit, escape, replaced, respelled, unescape, units
from core.render.copying.numbering import as_easily_written, free_id
from core.render.copying.usability import Usability, read_usability

LAST_TRAILING, RADL, RASL = 5, (6, 7), (8, 9)
BLA_WITH_DECODABLE_LEADING, IDR, CRA = 17, (19, 20), 21
VPS, SPS, PPS, DELIMITER, FILLER, SEI = 32, 33, 34, 35, 38, (39, 40)
RANDOM_ACCESS = range(16, 24)
ROLES = (
    dict.fromkeys((*range(LAST_TRAILING + 1), *RADL), Role.PICTURE)
    | dict.fromkeys(RASL, Role.LEADING)
    | dict.fromkeys(IDR, Role.START)
    | {CRA: Role.OPEN_START}
    | dict.fromkeys((VPS, SPS, PPS), Role.PARAMETERS)
    | dict.fromkeys((DELIMITER, FILLER), Role.IDLE)
    | dict.fromkeys(SEI, Role.EXTRA)
)
MOST_VPS, MOST_SPS, MOST_PPS = 16, 16, 64
HEAD_BYTES = 16
"""Enough of a slice to read the numbers at its beginning."""
HEADER = 2
"""Bytes of a unit's own header."""
GENERAL_PROFILE = 12
"""Bytes of profile, tier, constraints and level."""
PROFILES = {1: "Main", 2: "Main 10", 3: "Main Still Picture", 4: "Rext"}
PIXEL_FORMATS = {(1, 8): "yuv420p", (1, 10): "yuv420p10le"}
MOST_LISTED = 64
"""Reference picture sets and pictures in them that a stream may have at most."""


class H265:
    """The codec of ``hvc1`` streams."""

    def read(self, extradata: bytes) -> Configuration:
        """Read a decoder configuration record or Annex B headers. Raise ``DamagedUnit`` when they are neither."""
        if extradata[:1] != b"\1":
            found = tuple(bytes(unit) for unit in units(memoryview(extradata), 0))
            return Configuration(length_size=0, sets=tuple(unit for unit in found if _type(unit) in (VPS, SPS, PPS)))
        try:
            sets, place = [], 23
            for _ in range(extradata[22]):
                count, place = int.from_bytes(extradata[place + 1 : place + 3]), place + 3
                for _ in range(count):
                    end = place + 2 + int.from_bytes(extradata[place : place + 2])
                    sets.append(extradata[place + 2 : end])
                    place = end
            kept = tuple(unit for unit in sets if _type(unit) in (VPS, SPS, PPS))
            return Configuration(length_size=(extradata[21] & 3) + 1, sets=kept)
        except IndexError as err:
            raise DamagedUnit("the stream's header ends too early") from err

    def write(self, sets: Sequence[bytes]) -> bytes:
        """Return a decoder configuration record for ``sets``: what all keep to, and the highest level."""
        generals = [unescape(unit)[HEADER + 1 : HEADER + 1 + GENERAL_PROFILE] for unit in sets if _type(unit) == SPS]
        highest = max(generals, key=lambda general: general[-1])
        common = bytearray(highest)
        for general in generals:
            for place in range(1, GENERAL_PROFILE - 1):
                common[place] &= general[place]
        # No hint on slices and threads, 4:2:0, 8 bits, no constant frame rate told, one layer, lengths of four bytes.
        record = b"\1" + bytes(common) + bytes((0xF0, 0, 0xFC, 0xFC | 1, 0xF8, 0xF8, 0, 0, 1 << 3 | 3, 3))
        for kind in (VPS, SPS, PPS):
            listed = [unit for unit in sets if _type(unit) == kind]
            record += bytes((0x80 | kind,)) + len(listed).to_bytes(2)
            record += b"".join(len(unit).to_bytes(2) + unit for unit in listed)
        return record

    def codings(self, sets: Sequence[bytes]) -> tuple[Coding, ...]:
        """Tell what each sequence is like; see ``UnitCodec``."""
        if {_type(unit) for unit in sets} != {VPS, SPS, PPS}:
            raise DamagedUnit("the stream's parameter sets are not all there")
        return tuple(_coding(unit) for unit in sets if _type(unit) == SPS)

    def role(self, unit: memoryview) -> Role:
        """Tell what a unit is. Of other layers and of spliced streams nothing is copied."""
        if len(unit) <= HEADER or unit[0] & 1 or unit[1] >> 3:
            return Role.FOREIGN
        kind = _type(unit)
        drops_what_waits = kind in RANDOM_ACCESS and unit[HEADER] & 0x40
        return Role.FOREIGN if drops_what_waits else ROLES.get(kind, Role.FOREIGN)

    def kept(self, unit: memoryview) -> bytes | None:
        """Return the messages that decoding may need, if there are any."""
        return kept_messages(bytes(unit), header=HEADER)

    def opened(self, unit: memoryview) -> bytes:
        """Return a clean random access picture as one at which a stream was joined: its count begins anew (8.1.3)."""
        return bytes((BLA_WITH_DECODABLE_LEADING << 1, unit[1])) + unit[HEADER:]

    def renamed(self, sets: Sequence[bytes], taken: Sequence[bytes]) -> Renaming:
        """Give parameter sets ids that ``taken`` ones do not have; see ``UnitCodec``."""
        used = {kind: {_id(unit).value for unit in taken if _type(unit) == kind} for kind in (VPS, SPS, PPS)}
        videos: dict[int, int] = {}
        sequences: dict[int, int] = {}
        pictures: dict[int, int] = {}
        named: list[bytes] = []
        try:
            for unit in sorted(sets, key=_type):
                place, kind = _id(unit), _type(unit)
                if kind == VPS:
                    videos[place.value] = free_id((place.value, *range(MOST_VPS)), used[VPS])
                    named.append(_of_video(unit, videos[place.value]))
                elif kind == SPS:
                    sequences[place.value] = free_id((place.value, *range(MOST_SPS)), used[SPS])
                    moved = replaced(unit, place, sequences[place.value])
                    named.append(_of_video(moved, videos[unit[HEADER] >> 4]))
                else:
                    pictures[place.value] = free_id((place.value, *as_easily_written(place.value, MOST_PPS)), used[PPS])
                    of = BitRange.read(BitReader(unescape(unit), place.end))
                    # The later number first: the place of the other one stays.
                    moved = replaced(unit, of, sequences[of.value])
                    named.append(replaced(moved, place, pictures[place.value]))
        except KeyError as err:
            raise DamagedUnit("a parameter set names one that is not there") from err
        return Renaming(sets=tuple(named), pictures=pictures)

    def respelled(self, unit: memoryview, renaming: Renaming) -> bytes | memoryview:
        """Return a slice that names its parameter set by the new id; other units as they are."""
        if _type(unit) > RANDOM_ACCESS.stop:
            return unit
        place = _picture_set_of(unit)
        if place.value not in renaming.pictures:
            raise DamagedUnit("a picture names a parameter set that is not there")
        wanted = renaming.pictures[place.value]
        return unit if wanted == place.value else respelled(unit, place, wanted)


def _type(unit: bytes | memoryview) -> int:
    return unit[0] >> 1 & 0x3F


def _of_video(unit: bytes, number: int) -> bytes:
    """Return a set with another id of a video parameter set, four bits at its beginning."""
    raw = bytearray(unescape(unit))
    raw[HEADER] = number << 4 | raw[HEADER] & 0xF
    return escape(bytes(raw))


def _id(unit: bytes) -> BitRange:
    """Return where a parameter set has its own id (7.3.2.1 to 7.3.2.3)."""
    kind, start = _type(unit), 8 * HEADER
    if kind == VPS:
        return BitRange(first=start, end=start + 4, value=unit[HEADER] >> 4)
    reader = BitReader(unescape(unit), start)
    if kind == SPS:
        _read_profile(reader)
    return BitRange.read(reader)


def _picture_set_of(unit: bytes | memoryview) -> BitRange:
    """Return where a slice names its picture parameter set (7.3.6.1)."""
    reader = BitReader(unescape(bytes(unit[:HEAD_BYTES])), 8 * HEADER)
    reader.take(2 if _type(unit) in RANDOM_ACCESS else 1)
    return BitRange.read(reader)


def _read_profile(reader: BitReader) -> tuple[int, int, int, bool]:
    """Read the head of a sequence parameter set up to its id: layers, profile, level, whether it is progressive."""
    reader.take(4)
    layers = reader.take(3) + 1
    reader.flag()
    reader.take(3)
    profile = reader.take(5)
    reader.take(32)
    is_progressive_source, is_interlaced_source = reader.flag(), reader.flag()
    reader.take(46)
    level = reader.take(8)
    parts = [(reader.flag(), reader.flag()) for _ in range(layers - 1)]
    if layers > 1:
        reader.take(2 * (9 - layers))
    for has_profile, has_level in parts:
        reader.take(88 * has_profile + 8 * has_level)
    return layers, profile, level, is_progressive_source or not is_interlaced_source


def _coding(unit: bytes) -> Coding:
    """Read a sequence parameter set (7.3.2.2.1)."""
    reader = BitReader(unescape(unit), 8 * HEADER)
    layers, profile, level, is_progressive = _read_profile(reader)
    reader.number()
    chroma = reader.number()
    if chroma == 3:
        reader.flag()
    width, height = reader.number(), reader.number()
    if reader.flag():
        across, down = (2 if chroma in (1, 2) else 1), (2 if chroma == 1 else 1)
        left, right, top, bottom = (reader.number() for _ in range(4))
        width, height = width - across * (left + right), height - down * (top + bottom)
    depth, chroma_depth = 8 + reader.number(), 8 + reader.number()
    count_bits = reader.number() + 4
    for _ in range(layers if reader.flag() else 1):
        reader.number(), reader.number(), reader.number()
    for _ in range(6):
        reader.number()
    if reader.flag() and reader.flag():
        _skip_scaling_lists(reader)
    reader.take(2)
    if reader.flag():
        reader.take(8)
        reader.number(), reader.number()
        reader.flag()
    _skip_reference_sets(reader)
    if reader.flag():
        for _ in range(_few(reader.number())):
            reader.take(count_bits + 1)
    reader.take(2)
    usability = Usability()
    if reader.flag():
        usability = read_usability(reader)
        if reader.flag():
            reader.number(), reader.number()
        reader.flag()
        is_progressive = not reader.flag() and is_progressive
    return Coding(
        profile=PROFILES.get(profile, str(profile)),
        level=level,
        width=width,
        height=height,
        pixel_format=PIXEL_FORMATS.get((chroma, depth), "") if depth == chroma_depth else "",
        is_progressive=is_progressive,
        usability=usability,
    )


def _few(count: int) -> int:
    if count > MOST_LISTED:
        raise DamagedUnit("a parameter set lists too much")
    return count


def _skip_scaling_lists(reader: BitReader) -> None:
    """Skip scaling list data (7.3.4)."""
    for size in range(4):
        for _ in range(2 if size == 3 else 6):
            if not reader.flag():
                reader.number()
                continue
            if size > 1:
                reader.signed()
            for _ in range(min(64, 1 << (4 + 2 * size))):
                reader.signed()


def _skip_reference_sets(reader: BitReader) -> None:
    """Skip short-term reference picture sets (7.3.7), whose lengths may build upon the set before."""
    before = 0
    for index in range(_few(reader.number())):
        if index and reader.flag():
            reader.flag()
            reader.number()
            listed = 0
            for _ in range(before + 1):
                is_used = reader.flag()
                listed += is_used or reader.flag()
            before = listed
        else:
            negative, positive = _few(reader.number()), _few(reader.number())
            before = negative + positive
            for _ in range(before):
                reader.number()
                reader.flag()
