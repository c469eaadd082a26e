"""Signatures: what a file is, told by its first bytes. Its name counts for nothing.

Sources: ISO/IEC 14496-12 (boxes), RFC 8794 (EBML), RFC 9639 (FLAC), RFC 3533 (Ogg), the PNG, GIF, WebP, TIFF and BMP
specifications, ISO/IEC 13818-1 (transport streams), id3.org (tags).
"""

import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.api import MediaError
from core.media.intake.failures import reading
from core.media.intake.limits import LIMITS, Limits
from core.media.intake.mpeg_audio import has_adts_frames, has_mpeg_frames

HEAD_BYTES = 64 * 1024
TEXT_BYTES = 4 * 1024
TAKEN = "MP4, MOV, MKV, WebM, AVI, MPEG-TS, MP3, M4A, AAC, WAV, Ogg, FLAC, PNG, JPEG, WebP, GIF, AVIF, TIFF and BMP"
_BOXES = frozenset(
    b"ftyp styp moov mdat free skip wide pnot udta uuid junk moof sidx ssix emsg prft pict PICT meta".split()
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_TAG = re.compile(rb"ID3[\x02-\x04][^\xff][\x00-\xff]([\x00-\x7f]{4})", re.DOTALL)
_MOST_TAGS = 8
_TS_PACKETS = (188, 192, 204)
_TS_SYNC = 0x47
_TS_IN_A_ROW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What can read a content: FFmpeg's ``demuxer``, Pillow's format ``picture``, or either; empty where none can."""

    demuxer: str = ""
    picture: str = ""


def _element(names: str) -> re.Pattern[bytes]:
    """Return a pattern for an XML document that begins with one of these elements."""
    before = r"(?>\s+|<!--.*?-->|<[?!][^>]*>)*+"
    return re.compile(rf"{before}<(?:\w+:)?(?:{names})[\s/>]".encode(), re.IGNORECASE | re.DOTALL)


_AVIF = Signature(picture="AVIF", demuxer="mov")
_MOV = Signature(demuxer="mov")
_SIGNATURES: tuple[tuple[Callable[[bytes], bool], Signature], ...] = (
    (lambda head: head[4:8] == b"ftyp" and not _AVIF_BRANDS.isdisjoint(_brands(head)), _AVIF),
    (lambda head: head[4:8] in _BOXES, _MOV),
    (lambda head: head.startswith(b"\x1aE\xdf\xa3"), Signature(demuxer="matroska")),
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), Signature(picture="PNG", demuxer="apng")),
    (lambda head: head.startswith(b"\xff\xd8\xff"), Signature(picture="JPEG")),
    (lambda head: head.startswith((b"GIF87a", b"GIF89a")), Signature(picture="GIF", demuxer="gif")),
    (lambda head: _riff(head) == b"WEBP", Signature(picture="WEBP", demuxer="webp_anim")),
    (lambda head: _riff(head) == b"WAVE", Signature(demuxer="wav")),
    (lambda head: _riff(head) == b"AVI ", Signature(demuxer="avi")),
    (lambda head: head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")), Signature(picture="TIFF")),
    (lambda head: head.startswith(b"BM") and head[6:10] == bytes(4), Signature(picture="BMP")),
    (lambda head: head.startswith(b"OggS"), Signature(demuxer="ogg")),
    (lambda head: head.startswith(b"fLaC"), Signature(demuxer="flac")),
    (lambda head: _is_transport_stream(head), Signature(demuxer="mpegts")),
    (has_adts_frames, Signature(demuxer="aac")),
    (has_mpeg_frames, Signature(demuxer="mp3")),
)

_PLAYLISTS = _element("MPD|SmoothStreamingMedia|smil|asx").pattern
_REFUSALS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (_element("svg"), "is a drawing (SVG)", "export it as PNG"),
    (
        re.compile(rb"#EXTM3U|ffconcat version|\[playlist\]|" + _PLAYLISTS, re.IGNORECASE | re.DOTALL),
        "is a playlist, which names other files",
        "give the media themselves",
    ),
    (re.compile(rb"v=0\r?\n"), "describes a network session (SDP)", "give the media themselves"),
)
"""What is refused under its own name, by how its text begins."""


def recognise(path: Path, limits: Limits = LIMITS) -> Signature:
    """Return what can read a file. Raise ``MediaError`` when it is of no kind that is taken, or can't be read."""
    with reading(path):
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise MediaError(f"{path.name}: is no file")
        if not status.st_size:
            raise MediaError(f"{path.name}: is empty")
        if status.st_size > limits.file_bytes:
            raise MediaError(f"{path.name}: is larger than {limits.file_bytes // 2**30} GiB")
        with path.open("rb") as file:
            head = _after_tags(file)
    for is_it, signature in _SIGNATURES:
        if is_it(head):
            return signature
    text = head[:TEXT_BYTES].removeprefix(b"\xef\xbb\xbf")
    for pattern, what, hint in _REFUSALS:
        if pattern.match(text):
            raise MediaError(f"{path.name}: {what}, which is not taken", hint=hint)
    raise MediaError(f"{path.name}: is no video, picture or sound of a kind that is taken", hint=f"taken are {TAKEN}")


def _after_tags(file: BinaryIO) -> bytes:
    """Return a file's first bytes, those of ID3 tags left out: these stand before sound of several kinds."""
    head = file.read(HEAD_BYTES)
    start = 0
    for _ in range(_MOST_TAGS):
        tag = _TAG.match(head)
        if tag is None:
            break
        size = 0
        for byte in tag[1]:
            size = size << 7 | byte
        start += tag.end() + size
        file.seek(start)
        head = file.read(HEAD_BYTES)
    return head


def _riff(head: bytes) -> bytes:
    return head[8:12] if head.startswith((b"RIFF", b"RF64", b"BW64")) else b""


def _brands(head: bytes) -> set[bytes]:
    """Return the brands of a ``ftyp`` box: the major one and those that it is compatible with."""
    end = min(int.from_bytes(head[:4]), 256)
    return {head[at : at + 4] for at in (8, *range(16, end, 4))}


def _is_transport_stream(head: bytes) -> bool:
    """Tell whether sync bytes come at the distance of packets; recorders put 4 bytes before each, or 16 behind."""
    for size in _TS_PACKETS:
        for start in range(min(size, len(head))):
            row = head[start::size][:_TS_IN_A_ROW]
            if len(row) == _TS_IN_A_ROW and all(byte == _TS_SYNC for byte in row):
                return True
    return False
