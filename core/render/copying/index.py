"""Packet indexes: what lies where in a source's picture stream, read without decoding; kept by the source's content."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import av
from pydantic import TypeAdapter, ValidationError

from core.api import MediaError
from core.media.intake import MICROSECONDS, is_cover, open_media
from core.media.rational import fraction
from core.render.copying.codecs import codec_of
from core.render.copying.coding import Coding, Role, UnitCodec
from core.render.copying.nal import DamagedUnit, units

INDEX_VERSION = 1
"""Changed when the same file would be described in another way."""
PICTURES = (Role.START, Role.OPEN_START, Role.LEADING, Role.PICTURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketIndex:
    """The packets of a file's first picture stream, in decoding order.

    ``times`` (in ``time_base`` seconds, None for what is not shown) and ``sizes`` (bytes) have one entry a packet.
    ``starts``, ``open_starts`` and ``leading`` number those packets that are one, ``keys`` those that players can
    seek to, ``barred`` those that can't be copied. ``origin`` is the second that the file's times count from.
    ``codings`` tell what the stream's sequences are like, ``sets`` are its parameter sets (hex); ``length_size`` is 0
    where units have start codes.
    """

    codec: str
    codings: tuple[Coding, ...]
    sets: tuple[str, ...]
    length_size: int
    origin: Fraction
    time_base: Fraction
    times: tuple[int | None, ...]
    sizes: tuple[int, ...]
    keys: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()
    open_starts: tuple[int, ...] = ()
    leading: tuple[int, ...] = ()
    barred: tuple[int, ...] = ()

    @property
    def parameter_sets(self) -> tuple[bytes, ...]:
        """The stream's parameter sets."""
        return tuple(bytes.fromhex(text) for text in self.sets)

    def to_json(self) -> bytes:
        """Write the index as JSON."""
        return json.dumps(asdict(self), default=str, separators=(",", ":")).encode()


_INDEX: TypeAdapter[PacketIndex | None] = TypeAdapter(PacketIndex | None)
NOTHING = b"null"
"""What is kept for a file of which nothing can be copied."""


def read_index(text: bytes) -> PacketIndex | None:
    """Read what a worker wrote. Raise ``MediaError`` when it is no index: workers are not trusted."""
    try:
        index = _INDEX.validate_json(text)
    except (ValidationError, ZeroDivisionError) as err:
        raise MediaError("a worker described a file's packets in a way that can't be read") from err
    if index is not None and not _is_sound(index):
        raise MediaError("a worker described a file's packets in a way that contradicts itself")
    return index


def index_source(path: Path) -> PacketIndex | None:
    """Read the packets of a file's picture stream; None where its codec or its headers rule out any copy.

    Nothing is decoded. Raise ``MediaError`` when the file can't be read.
    """
    try:
        with closing(open_media(path)) as container:
            return _index(container)
    except (av.FFmpegError, OSError) as err:
        raise MediaError(f"{path.name}: can't be read: {err.strerror or err}") from err


def picture_stream(container: av.container.InputContainer) -> av.VideoStream:
    """Return the stream that is drawn from a file: its first one that is no cover picture."""
    return next(each for each in container.streams.video if not is_cover(each))


def _index(container: av.container.InputContainer) -> PacketIndex | None:
    stream = picture_stream(container)
    name = stream.codec_context.codec.canonical_name
    codec, time_base = codec_of(name), fraction(stream.time_base)
    if codec is None or time_base is None:
        return None
    try:
        headers = codec.read(stream.codec_context.extradata or b"")
        codings = codec.codings(headers.sets)
    except DamagedUnit:
        return None
    known = frozenset(headers.sets)
    times: list[int | None] = []
    sizes: list[int] = []
    keys: list[int] = []
    marked: dict[Role, list[int]] = {role: [] for role in Role}
    for packet in container.demux(stream):
        if not packet.size:
            continue
        number = len(times)
        is_shown = packet.pts is not None and not packet.is_discard and not packet.is_corrupt
        marked[_role(packet, codec, headers.length_size, known) if is_shown else Role.FOREIGN].append(number)
        times.append(packet.pts if is_shown else None)
        sizes.append(packet.size)
        if packet.is_keyframe:
            keys.append(number)
    return PacketIndex(
        codec=name,
        codings=codings,
        sets=tuple(unit.hex() for unit in headers.sets),
        length_size=headers.length_size,
        origin=Fraction(container.start_time or 0, MICROSECONDS),
        time_base=time_base,
        times=tuple(times),
        sizes=tuple(sizes),
        keys=tuple(keys),
        starts=tuple(marked[Role.START]),
        open_starts=tuple(marked[Role.OPEN_START]),
        leading=tuple(marked[Role.LEADING]),
        barred=tuple(marked[Role.FOREIGN]),
    )


def _role(packet: "av.Packet[av.VideoStream]", codec: UnitCodec, length_size: int, known: frozenset[bytes]) -> Role:
    """Return what a packet's picture is; foreign unless it is one picture that needs the stream's own headers."""
    found: set[Role] = set()
    try:
        for unit in units(memoryview(packet), length_size):
            role = codec.role(unit)
            if role is Role.FOREIGN or (role is Role.PARAMETERS and bytes(unit) not in known):
                return Role.FOREIGN
            if role in PICTURES:
                found.add(role)
    except DamagedUnit:
        return Role.FOREIGN
    return found.pop() if len(found) == 1 else Role.FOREIGN


def _is_sound(index: PacketIndex) -> bool:
    count = len(index.times)
    listed: Sequence[tuple[int, ...]] = (index.keys, index.starts, index.open_starts, index.leading, index.barred)
    try:
        bytes.fromhex("".join(index.sets))
    except ValueError:
        return False
    return (
        len(index.sizes) == count
        and index.time_base > 0
        and codec_of(index.codec) is not None
        and all(0 <= number < count for numbers in listed for number in numbers)
    )
