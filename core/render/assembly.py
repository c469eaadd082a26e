"""Assembly: pieces, sound and captions become one file by copying their packets; nothing is decoded."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Self, cast

import av

from core.api import Encoder, MediaError
from core.media.encode.soft_captions import SoftCaptions
from core.media.intake import open_media
from core.media.rational import fraction
from core.render.copying.joining import Joint
from core.render.copying.nal import DamagedUnit
from core.render.copying.numbering import Crowded
from core.render.work import Assembly, Piece

AUDIO_AHEAD = Fraction(1, 2)
"""How far sound is written ahead of the picture, in seconds, so that the muxer need not hold either back."""
NO_TAG = "\0\0\0\0"


def assemble(assembly: Assembly, encoder: Encoder, output: Path) -> None:
    """Write ``output`` from finished parts. Raise ``MediaError`` when one of them is not what it should be."""
    try:
        with av.open(str(output), "w", format=encoder.container, options=dict(encoder.container_options)) as container:
            _fill(container, assembly, encoder)
        _sync(output)
    except (av.FFmpegError, OSError) as err:
        output.unlink(missing_ok=True)
        raise MediaError(f"{output.name}: can't be put together: {err.strerror or err}") from err
    except (Crowded, DamagedUnit) as err:
        output.unlink(missing_ok=True)
        raise MediaError(f"{output.name}: its pieces don't fit together: {err}") from err
    except BaseException:
        output.unlink(missing_ok=True)
        raise


def _fill(container: av.container.OutputContainer, assembly: Assembly, encoder: Encoder) -> None:
    pictures = _Pictures(container, assembly.pieces, assembly.fps, encoder)
    sound = _Sound(container, assembly.sound) if assembly.sound is not None else None
    captions = SoftCaptions(container, encoder.container, assembly.captions, end=assembly.frames / assembly.fps)
    container.start_encoding()
    for time, packet in pictures.packets():
        captions.mux_until(time)
        container.mux(packet)
        if sound is not None:
            sound.mux_until(time + AUDIO_AHEAD)
    if sound is not None:
        sound.mux_rest()
    captions.mux_rest()
    if pictures.frames != assembly.frames:
        raise MediaError(f"the pieces hold {pictures.frames} frames instead of {assembly.frames}")


class _Pictures:
    """The picture's stream, fed from piece after piece."""

    def __init__(
        self, container: av.container.OutputContainer, pieces: Sequence[Piece], fps: Fraction, encoder: Encoder
    ) -> None:
        assert encoder.video is not None, "pieces are pictures"
        self._pieces = pieces
        self._fps = fps
        self.frames = 0
        heads = [_Head.read(piece.path, fps) for piece in pieces]
        self._headers = [head.header for head in heads]
        self._delay = max(head.delay for head in heads)
        with closing(open_media(pieces[0].path)) as first:
            template = first.streams.video[0]
            self._joint = Joint(template.codec_context.codec.canonical_name, self._headers)
            self._stream = container.add_stream_from_template(template, opaque=True)
        context = self._stream.codec_context
        if self._joint.header:
            context.extradata = self._joint.header
        if encoder.video.tag:
            context.codec_tag = encoder.video.tag
        self._stream.time_base = 1 / fps

    def packets(self) -> "Iterator[tuple[Fraction, av.Packet[av.VideoStream]]]":
        """Yield all packets with the second at which each is decoded, stamped in frames of the whole file."""
        for piece, header in zip(self._pieces, self._headers, strict=True):
            with closing(open_media(piece.path)) as source:
                stream = source.streams.video[0]
                for packet in source.demux(stream):
                    if packet.size:
                        yield self._stamp(packet, piece, header)

    def _stamp(
        self, packet: "av.Packet[av.VideoStream]", piece: Piece, header: bytes
    ) -> "tuple[Fraction, av.Packet[av.VideoStream]]":
        if packet.pts is None or packet.time_base is None:
            raise MediaError(f"{piece.path.name}: a frame has no time")
        content = self._joint.packet(header, memoryview(packet))
        stamped = packet if content is None else cast("av.Packet[av.VideoStream]", av.Packet(content))
        stamped.is_keyframe = packet.is_keyframe
        # Containers that count milliseconds are off by a part of a frame; every frame is one of a constant rate.
        stamped.pts = piece.first + _frames(packet.pts, packet, self._fps)
        # Pieces hold back as many pictures as their own B-frames need; the file holds back as many as any of them.
        stamped.dts = self.frames - self._delay
        if stamped.dts > stamped.pts:
            raise MediaError(f"{piece.path.name}: a frame is decoded after it is shown")
        stamped.time_base, stamped.duration = 1 / self._fps, 1
        stamped.stream = self._stream
        self.frames += 1
        return stamped.dts / self._fps, stamped


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What the beginning of a piece tells: its codec's header, and how many frames its pictures are held back."""

    header: bytes
    delay: int

    @classmethod
    def read(cls, path: Path, fps: Fraction) -> Self:
        with closing(open_media(path)) as source:
            stream = source.streams.video[0]
            packets = (packet for packet in source.demux(stream) if packet.size)
            first = next(packets, None)
            if first is None or first.pts is None:
                raise MediaError(f"{path.name}: a piece without pictures")
            if first.dts is not None:
                delay = _frames(first.pts, first, fps) - _frames(first.dts, first, fps)
            else:  # the container has no decoding times: its packets' order tells
                shown = (_frames(packet.pts or 0, packet, fps) for packet in chain((first,), packets))
                delay = max(place - frame for place, frame in enumerate(shown))
            return cls(header=stream.codec_context.extradata or b"", delay=delay)


def _frames(stamp: int, packet: "av.Packet[av.VideoStream]", fps: Fraction) -> int:
    return round(stamp * (fraction(packet.time_base) or Fraction(0)) * fps)


class _Sound:
    """The sound's stream, copied in step with the picture."""

    def __init__(self, container: av.container.OutputContainer, path: Path) -> None:
        self._container = container
        self._source = open_media(path)
        template = self._source.streams.audio[0]
        self._stream = container.add_stream_from_template(template, opaque=True)
        self._packets = self._source.demux(template)
        self._next = next(self._packets, None)

    def mux_until(self, time: Fraction) -> None:
        """Copy what begins before ``time`` seconds."""
        while self._next is not None and self._next.size and self._starts(self._next) < time:
            self._mux(self._next)
            self._next = next(self._packets, None)

    def mux_rest(self) -> None:
        """Copy all that is left."""
        while self._next is not None:
            if self._next.size:
                self._mux(self._next)
            self._next = next(self._packets, None)
        self._source.close()

    def _mux(self, packet: "av.Packet[av.AudioStream]") -> None:
        packet.stream = self._stream
        self._container.mux_one(packet)

    @staticmethod
    def _starts(packet: "av.Packet[av.AudioStream]") -> Fraction:
        base = packet.time_base
        return Fraction(packet.dts or 0) * Fraction(base.numerator, base.denominator)


def _sync(path: Path) -> None:
    """Let a file's content reach the disk: before it gets its name."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
