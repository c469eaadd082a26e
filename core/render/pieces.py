"""Pieces as assembly reads them: packets with their frames, and what their heads tell."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Protocol, Self

import av

from core.api import MediaError
from core.media.intake import open_media
from core.media.rational import fraction
from core.render.copying.taking import TakenPiece
from core.render.work import Piece


class ReadPiece(Protocol):
    """A piece and what its head tells."""

    @property
    def path(self) -> Path:
        """The file that its packets lie in."""

    @property
    def first(self) -> int:
        """The frame of the whole that it begins with."""

    @property
    def frames(self) -> int:
        """How many frames it has."""

    @property
    def codec(self) -> str:
        """Its codec, by libavcodec's name."""

    @property
    def header(self) -> bytes:
        """The header (extradata) that its packets need."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its pictures, in pixels."""

    @property
    def delay(self) -> int:
        """How many frames its pictures are held back, so that none is shown before it is decoded."""

    @property
    def room(self) -> int:
        """How many bytes its packets have, about."""

    def packets(self) -> "Iterator[tuple[int, av.Packet[av.VideoStream]]]":
        """Yield its packets in the order of decoding, each with its frame, counted from the piece's first."""


def read_piece(piece: Piece | TakenPiece, fps: Fraction) -> ReadPiece:
    """Read a piece's head. Raise ``MediaError`` when it is none."""
    return piece if isinstance(piece, TakenPiece) else FinishedPiece.read(piece, fps)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedPiece:
    """A piece that a worker has written: all of its file."""

    path: Path
    first: int
    frames: int
    codec: str
    header: bytes
    size: tuple[int, int]
    delay: int
    fps: Fraction

    @classmethod
    def read(cls, piece: Piece, fps: Fraction) -> Self:
        """Read a piece's head; ``fps`` is the whole file's."""
        with closing(open_media(piece.path)) as source:
            stream = picture(source, piece.path)
            packets = (packet for packet in source.demux(stream) if packet.size)
            first = next(packets, None)
            if first is None or first.pts is None:
                raise MediaError(f"{piece.path.name}: a piece without pictures")
            if first.dts is not None:
                delay = _frames(first.pts, first, fps) - _frames(first.dts, first, fps)
            else:  # the container has no decoding times: its packets' order tells
                shown = (_frames(packet.pts or 0, packet, fps) for packet in chain((first,), packets))
                delay = max(place - frame for place, frame in enumerate(shown))
            context = stream.codec_context
            return cls(
                path=piece.path,
                first=piece.first,
                frames=piece.frames,
                codec=context.codec.canonical_name,
                header=context.extradata or b"",
                size=(context.width, context.height),
                delay=delay,
                fps=fps,
            )

    @property
    def room(self) -> int:
        """How many bytes it has."""
        return self.path.stat().st_size

    def packets(self) -> "Iterator[tuple[int, av.Packet[av.VideoStream]]]":
        """Yield its packets, each with its frame. Raise ``MediaError`` for a damaged one."""
        with closing(open_media(self.path)) as source:
            for packet in source.demux(picture(source, self.path)):
                if not packet.size:
                    continue
                if packet.pts is None or packet.is_corrupt:
                    raise MediaError(f"{self.path.name}: a frame is damaged")
                # Containers that count milliseconds are off by a part of a frame; the rate of a piece is constant.
                yield _frames(packet.pts, packet, self.fps), packet


def picture(source: av.container.InputContainer, path: Path) -> av.VideoStream:
    """Return a piece's stream; raise ``MediaError`` when there is none."""
    if not source.streams.video:
        raise MediaError(f"{path.name}: a piece without pictures")
    return source.streams.video[0]


def _frames(stamp: int, packet: "av.Packet[av.VideoStream]", fps: Fraction) -> int:
    return round(stamp * (fraction(packet.time_base) or Fraction(0)) * fps)
