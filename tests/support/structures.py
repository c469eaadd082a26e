"""The structure of files, as far as mutations need it: where lengths and counts stand, and checksums made right again.

Sources: ISO/IEC 14496-12 (boxes), RFC 8794 (EBML), the RIFF, PNG and OpenType specifications, RFC 3533 (Ogg), RFC 9639
(FLAC).
"""

import struct
import zlib
from collections.abc import Iterator

type Field = tuple[int, int]
"""Where a number stands in a file, and how many bytes it has."""

_BOX_FOLDERS = frozenset(b"moov trak mdia minf stbl edts dinf udta mvex moof traf mfra iprp ipco".split())
_BOX_HEADER, _FULL_BOX_HEADER, _META_HEADER = 8, 12, 12
_EBML_FOLDERS = frozenset(
    (
        *(b"\x1aE\xdf\xa3", b"\x18S\x80g", b"\x15I\xa9f", b"\x16T\xaek", b"\x1fC\xb6u", b"\x1cS\xbbk", b"\x11M\x9bt"),
        *(b"M\xbb", b"\x12T\xc3g", b"\xae", b"\xe0", b"\xe1", b"\xa0", b"\xbb", b"\xb7"),
    )
)
"""EBML, Segment, Info, Tracks, Cluster, Cues, SeekHead; Seek, Tags, TrackEntry, Video, Audio, BlockGroup, CuePoint and
CueTrackPositions."""
_RIFF_FOLDERS = (b"RIFF", b"LIST")
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_OGG_POLYNOMIAL = 0x04C11DB7


def fields(content: bytes) -> list[Field]:
    """Return where lengths, counts and sizes stand in a file, by what its first bytes say; none where it has none."""
    if content[4:8] == b"ftyp":
        return list(_box_fields(content, 0, len(content)))
    if content.startswith(b"\x1aE\xdf\xa3"):
        return list(_ebml_fields(content, 0, len(content)))
    if content.startswith(b"RIFF"):
        return list(_riff_fields(content, 0, len(content)))
    if content.startswith(_PNG_SIGNATURE):
        return [field for at, size in _png_chunks(content) for field in ((at, 4), *_numbers(at + 8, size))]
    if content.startswith(b"OggS"):
        return [
            field for at, _ in _ogg_pages(content) for field in ((at + 5, 1), (at + 6, 8), (at + 18, 4), (at + 26, 1))
        ]
    if content.startswith(b"fLaC"):
        return [(5, 3), (8, 2), (10, 2), (12, 3), (15, 3), (18, 4), (22, 4)]
    if content.startswith(b"\0\1\0\0"):
        tables = int.from_bytes(content[4:6])
        return [(4, 2), *((12 + 16 * table + part, 4) for table in range(tables) for part in (8, 12))]
    return []


def mended(content: bytes) -> bytes:
    """Return a PNG or Ogg file with its checksums made right, so that what is wrong in it is read; others unchanged."""
    whole = bytearray(content)
    if content.startswith(_PNG_SIGNATURE):
        for at, size in _png_chunks(content):
            struct.pack_into(">I", whole, at + 8 + size, zlib.crc32(content[at + 4 : at + 8 + size]))
    if content.startswith(b"OggS"):
        for at, size in _ogg_pages(content):
            whole[at + 22 : at + 26] = bytes(4)
            struct.pack_into("<I", whole, at + 22, _ogg_checksum(whole[at : at + size]))
    return bytes(whole)


def _numbers(at: int, size: int) -> list[Field]:
    return [(place, 4) for place in range(at, at + min(size, 28) - 3, 4)]


def _box_fields(content: bytes, start: int, end: int) -> Iterator[Field]:
    at = start
    while at + _BOX_HEADER <= end:
        size, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        if size < _BOX_HEADER:
            return
        yield at, 4
        inside = min(at + size, end)
        if kind in _BOX_FOLDERS:
            yield from _box_fields(content, at + _BOX_HEADER, inside)
        elif kind == b"meta":
            yield from _box_fields(content, at + _META_HEADER, inside)
        elif kind != b"mdat":
            yield from _numbers(at + _FULL_BOX_HEADER, inside - at - _FULL_BOX_HEADER)
        at += size


def _ebml_fields(content: bytes, start: int, end: int) -> Iterator[Field]:
    at = start
    while at + 2 <= end and content[at]:
        name = content[at : at + 9 - content[at].bit_length()]
        at += len(name)
        if at >= end or not content[at]:
            return
        width = 9 - content[at].bit_length()
        size = int.from_bytes(content[at : at + width]) & (1 << 7 * width) - 1
        yield at, width
        inside = at + width
        if name in _EBML_FOLDERS:
            yield from _ebml_fields(content, inside, min(inside + size, end))
        elif size <= 8:
            yield inside, size
        at = inside + size


def _riff_fields(content: bytes, start: int, end: int) -> Iterator[Field]:
    at = start
    while at + 8 <= end:
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        yield at + 4, 4
        if content[at : at + 4] in _RIFF_FOLDERS:
            yield from _riff_fields(content, at + 12, min(at + 8 + size, end))
        else:
            yield from _numbers(at + 8, min(size, end - at - 8))
        at += 8 + size + size % 2


def _png_chunks(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each whole chunk begins, and how many bytes are in it."""
    at = len(_PNG_SIGNATURE)
    while at + 12 <= len(content) and at + 12 + (size := int.from_bytes(content[at : at + 4])) <= len(content):
        yield at, size
        at += 12 + size


def _ogg_pages(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each whole page begins, and how long it is."""
    at = 0
    while content[at : at + 4] == b"OggS" and at + 27 <= len(content):
        segments = content[at + 27 : at + 27 + content[at + 26]]
        size = 27 + len(segments) + sum(segments)
        if at + size > len(content):
            return
        yield at, size
        at += size


def _ogg_checksum(page: bytes) -> int:
    checksum = 0
    for byte in page:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = (checksum << 1 ^ (_OGG_POLYNOMIAL if checksum >> 31 else 0)) & 0xFFFF_FFFF
    return checksum
