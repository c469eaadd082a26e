"""Assembly: pieces, sound and captions become one file by copying their packets; nothing is decoded.

What is taken over from a source is read from the source itself: it is never written twice.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.video.reformatter import ColorRange

from core.api import Encoder, MediaError
from core.media.encode.soft_captions import SoftCaptions
from core.media.frames import BT709
from core.media.intake import MICROSECONDS, open_media
from core.media.rational import fraction
from core.render.copying.index import picture_stream
from core.render.copying.joining import Joint
from core.render.copying.nal import DamagedUnit
from core.render.copying.numbering import Crowded
from core.render.copying.taking import TakenPiece
from core.render.head_room import with_head_room
from core.render.pieces import ReadPiece, read_piece
from core.render.work import Assembly

AUDIO_AHEAD = Fraction(1, 2)
"""How far sound is written ahead of the picture, in seconds, so that the muxer need not hold either back."""
CLOSE = Fraction(1, 10)
"""Seconds by which a sound may end before its file says: codecs' frames are shorter."""
HEAD_ROOM_FROM = 2**26
"""Bytes of pictures from which room is left for the index: a small file is moved sooner than room is wasted in it."""
NO_TAG = "\0\0\0\0"
REPEATABLE = {"fflags": "+bitexact"}
"""The same parts give the same bytes: Matroska would be given random identifiers."""


def assemble(assembly: Assembly, encoder: Encoder, output: Path) -> None:
    """Write ``output`` from finished parts. Raise ``MediaError`` when one of them is not what it should be."""
    try:
        pieces = [read_piece(piece, assembly.fps) for piece in assembly.pieces]
        is_large = sum(piece.room for piece in pieces) >= HEAD_ROOM_FROM
        head_room = with_head_room(encoder.container_options, _most_packets(assembly) if is_large else None)
        with av.open(str(output), "w", format=encoder.container, options=head_room | REPEATABLE) as container:
            _fill(container, pieces, assembly, encoder)
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


def _most_packets(assembly: Assembly) -> int:
    """Return how many packets the file can have: of the picture, the sound, and the captions with the gaps between."""
    sound = 0
    if assembly.sound is not None:
        with closing(open_media(assembly.sound)) as source:
            sound = sum(1 for _ in source.demux(*source.streams.audio[:1]))
    captions = sum(2 * len(track.cues) + 1 for track in assembly.captions)
    return assembly.frames + sound + captions


def _fill(
    container: av.container.OutputContainer, pieces: Sequence[ReadPiece], assembly: Assembly, encoder: Encoder
) -> None:
    pictures = _Pictures(container, pieces, assembly, encoder)
    with ExitStack() as closings:
        sound = None
        if assembly.sound is not None:
            sound = closings.enter_context(closing(_Sound(container, assembly.sound)))
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
        self,
        container: av.container.OutputContainer,
        pieces: Sequence[ReadPiece],
        assembly: Assembly,
        encoder: Encoder,
    ) -> None:
        assert encoder.video is not None, "pieces are pictures"
        self._fps = assembly.fps
        self._pieces = pieces
        self.frames = 0
        head, size, first = pieces[0], (assembly.target.width, assembly.target.height), 0
        for piece in pieces:
            if (piece.codec, piece.size, piece.first) != (head.codec, size, first):
                raise MediaError(f"{piece.path.name}: is a piece of something else")
            first += piece.frames
        self._delay = max(piece.delay for piece in pieces)
        self._joint = Joint(head.codec, [piece.header for piece in pieces], [piece.frames for piece in pieces])
        with closing(open_media(head.path)) as source:
            template = picture_stream(source)
            self._stream = container.add_stream_from_template(template, opaque=True)
            # The tag of a source may be one of another container's.
            tag = encoder.video.tag or (NO_TAG if isinstance(head, TakenPiece) else template.codec_context.codec_tag)
        context = self._stream.codec_context
        context.sample_aspect_ratio = Fraction(1)
        if self._joint.header:
            context.extradata = self._joint.header
        if tag != NO_TAG:
            context.codec_tag = tag
        if isinstance(head, TakenPiece):
            # Untagged pictures are taken for this, too; the file says so.
            context.color_primaries = context.color_trc = context.colorspace = BT709
            context.color_range = ColorRange.MPEG
        self._stream.time_base = 1 / self._fps

    def packets(self) -> "Iterator[tuple[Fraction, av.Packet[av.VideoStream]]]":
        """Yield all packets with the second at which each is decoded, stamped in frames of the whole file."""
        for piece in self._pieces:
            header, shown = piece.header, set()
            for frame, packet in piece.packets():
                time, stamped = self._stamp(packet, piece.first + frame, header, piece.path)
                shown.add(frame)
                yield time, stamped
            if shown != set(range(piece.frames)):
                raise MediaError(f"{piece.path.name}: holds {len(shown)} frames instead of {piece.frames}")

    def _stamp(
        self, packet: "av.Packet[av.VideoStream]", frame: int, header: bytes, path: Path
    ) -> "tuple[Fraction, av.Packet[av.VideoStream]]":
        content = self._joint.packet(header, memoryview(packet))
        stamped = packet if content is None else cast("av.Packet[av.VideoStream]", av.Packet(content))
        stamped.is_keyframe = packet.is_keyframe
        stamped.pts = frame
        # Pieces hold back as many pictures as their own B-frames need; the file holds back as many as any of them.
        stamped.dts = self.frames - self._delay
        if stamped.dts > stamped.pts:
            raise MediaError(f"{path.name}: a frame is decoded after it is shown")
        stamped.time_base, stamped.duration = 1 / self._fps, 1
        stamped.stream = self._stream
        self.frames += 1
        return stamped.dts / self._fps, stamped


class _Sound:
    """The sound's stream, copied in step with the picture."""

    def __init__(self, container: av.container.OutputContainer, path: Path) -> None:
        self._container = container
        self._name = path.name
        self._source = open_media(path)
        if not self._source.streams.audio:
            raise MediaError(f"{path.name}: holds no sound")
        template = self._source.streams.audio[0]
        self._stream = container.add_stream_from_template(template, opaque=True)
        self._packets = (packet for packet in self._source.demux(template) if packet.size)
        self._next = next(self._packets, None)
        self._end = Fraction(0)

    def mux_until(self, time: Fraction) -> None:
        """Copy what begins before ``time`` seconds."""
        while self._next is not None and self._mux(self._next, before=time):
            self._next = next(self._packets, None)

    def mux_rest(self) -> None:
        """Copy all that is left."""
        while self._next is not None:
            self._mux(self._next)
            self._next = next(self._packets, None)
        if self._end < Fraction(self._source.duration or 0, MICROSECONDS) - CLOSE:
            raise MediaError(f"{self._name}: ends too early")

    def close(self) -> None:
        """Close the sound's file."""
        self._source.close()

    def _mux(self, packet: "av.Packet[av.AudioStream]", *, before: Fraction | None = None) -> bool:
        """Copy a packet if it begins ``before`` that; tell whether it does."""
        base = fraction(packet.time_base)
        if packet.dts is None or base is None or packet.is_corrupt:
            raise MediaError(f"{self._name}: a packet is damaged")
        start = packet.dts * base
        if before is not None and start >= before:
            return False
        self._end = max(self._end, start + (packet.duration or 0) * base)
        packet.stream = self._stream
        self._container.mux_one(packet)
        return True


def _sync(path: Path) -> None:
    """Let a file's content reach the disk: before it gets its name."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
