"""Pieces that are copied: packets of a source, cut out and stamped anew, in a file of the output's kind."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
from av.video.reformatter import ColorRange

from core.api import MediaError
from core.media.frames import BT709
from core.media.intake import open_media
from core.render.copying.codecs import codec_of
from core.render.copying.coding import Role
from core.render.copying.cuts import Cuts, Take
from core.render.copying.index import PICTURES, PacketIndex, picture_stream
from core.render.copying.nal import DamagedUnit, joined, units

NO_TAG = "\0\0\0\0"


class SourceChanged(ValueError):
    """A file is not the one that was indexed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceFormat:
    """What a copied piece is written as: FFmpeg's muxer, the codec tag if one matters, and frames a second."""

    container: str
    tag: str
    fps: Fraction


def copy_piece(source: Path, index: PacketIndex, take: Take, path: Path, form: PieceFormat) -> None:
    """Write the packets of a take as a piece: its first frame has time 0, one frame lasts 1/fps.

    ``index`` is that of ``source``. Raise ``MediaError`` when the file is not what the index says.
    """
    try:
        with (
            closing(_packets_from(source, index, take.start)) as packets,
            av.open(str(path), "w", format=form.container) as written,
        ):
            _copy(packets, index, take, written, form)
    except (av.FFmpegError, OSError, DamagedUnit, SourceChanged) as err:
        path.unlink(missing_ok=True)
        raise MediaError(f"{source.name}: can't be copied from: {err}") from err
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _copy(
    packets: "Iterator[av.Packet[av.VideoStream]]",
    index: PacketIndex,
    take: Take,
    written: av.container.OutputContainer,
    form: PieceFormat,
) -> None:
    frames = dict(Cuts(index).packets(take))
    delay = max(place - frame for place, frame in enumerate(frames.values()))
    first = next(packets)
    stream = _stream_like(first.stream, written, index, form)
    place = 0
    for number, packet in zip(range(take.start, take.stop), chain((first,), packets), strict=False):
        if (packet.pts, packet.size) != (index.times[number], index.sizes[number]):
            raise SourceChanged("its pictures are not those that were found before")
        if number not in frames:
            continue
        copied = av.Packet(joined(_kept(packet, index, is_first=place == 0)))
        copied.stream, copied.time_base = stream, 1 / form.fps
        copied.pts, copied.dts, copied.duration = frames[number], place - delay, 1
        copied.is_keyframe = packet.is_keyframe or place == 0
        written.mux_one(copied)
        place += 1
    if place != take.end - take.first:
        raise SourceChanged("it holds fewer pictures than were found before")


def _stream_like(
    source: av.VideoStream, written: av.container.OutputContainer, index: PacketIndex, form: PieceFormat
) -> av.VideoStream:
    """Add the piece's stream: the source's, with a header of the container's form and the house's colours."""
    codec = codec_of(index.codec)
    assert codec is not None, "an index is of a known codec"
    stream = written.add_stream_from_template(source, opaque=True)
    stream.time_base = 1 / form.fps
    context = stream.codec_context
    context.codec_tag = form.tag or NO_TAG
    context.extradata = codec.write(index.parameter_sets)
    # Untagged pictures are taken for this, too; the file says so.
    context.color_primaries = context.color_trc = context.colorspace = BT709
    context.color_range = ColorRange.MPEG
    written.start_encoding()
    return stream


def _kept(packet: "av.Packet[av.VideoStream]", index: PacketIndex, *, is_first: bool) -> Iterator[bytes | memoryview]:
    """Yield a packet's units as they are copied: its parameter sets are in the header, and fillers serve nobody."""
    codec = codec_of(index.codec)
    assert codec is not None, "an index is of a known codec"
    for unit in units(memoryview(packet), index.length_size):
        role = codec.role(unit)
        if role is Role.OPEN_START and is_first:
            yield codec.opened(unit)
        elif role in PICTURES:
            yield unit
        elif role is Role.EXTRA and (kept := codec.kept(unit)) is not None:
            yield kept


def _packets_from(path: Path, index: PacketIndex, start: int) -> "Generator[av.Packet[av.VideoStream]]":
    """Yield a source's packets from one on. Some containers seek past it: of these all is read."""
    wanted = (index.times[start], index.sizes[start])
    for is_sought in (True, False):
        with closing(open_media(path)) as opened:
            stream = picture_stream(opened)
            if is_sought:
                opened.seek(index.times[start] or 0, stream=stream, backward=True)
            packets = (packet for packet in opened.demux(stream) if packet.size)
            for packet in packets:
                if (packet.pts, packet.size) == wanted:
                    yield packet
                    yield from packets
                    return
    raise SourceChanged("a picture that was found before is not there")
