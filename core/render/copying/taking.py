"""Taking over: the packets of a take, read from its source and made ready for another file."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import av

from core.api import MediaError
from core.media.intake import open_media
from core.render.copying.codecs import codec_of
from core.render.copying.coding import Role
from core.render.copying.cuts import Cuts, Take
from core.render.copying.index import PICTURES, PacketIndex, picture_stream
from core.render.copying.nal import DamagedUnit, joined, units


class SourceChanged(ValueError):
    """A file is not the one that was indexed."""


@dataclass(frozen=True, kw_only=True)
class TakenPiece:
    """A piece of a file's picture, from the frame ``first`` on, that is packets of the file ``path`` as they are.

    ``index`` is that of the file.
    """

    path: Path
    first: int
    index: PacketIndex
    take: Take

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return self.take.end - self.take.first

    @property
    def codec(self) -> str:
        """The codec, by libavcodec's name."""
        return self.index.codec

    @property
    def header(self) -> bytes:
        """The header (extradata) that the packets need: the source's parameter sets."""
        codec = codec_of(self.index.codec)
        assert codec is not None, "an index is of a known codec"
        return codec.write(self.index.parameter_sets)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its pictures, in pixels."""
        return self.index.codings[0].width, self.index.codings[0].height

    @property
    def delay(self) -> int:
        """How many frames pictures are held back, so that none is shown before it is decoded."""
        return max(place - frame for place, frame in enumerate(self._frames.values()))

    @property
    def room(self) -> int:
        """How many bytes the packets have in the source."""
        return sum(self.index.sizes[number] for number in self._frames)

    @cached_property
    def _frames(self) -> dict[int, int]:
        return dict(Cuts(self.index).packets(self.take))

    def packets(self) -> "Iterator[tuple[int, av.Packet[av.VideoStream]]]":
        """Yield the packets in the order of decoding, each with its frame, counted from the take's first.

        The times they bear are the source's. Raise ``MediaError`` when the file is not what the index says.
        """
        try:
            with closing(_packets_from(self.path, self.index, self.take.start)) as packets:
                yield from self._kept(packets)
        except (av.FFmpegError, OSError, DamagedUnit, SourceChanged) as err:
            raise MediaError(f"{self.path.name}: can't be copied from: {err}") from err

    def _kept(
        self, packets: "Iterator[av.Packet[av.VideoStream]]"
    ) -> "Iterator[tuple[int, av.Packet[av.VideoStream]]]":
        frames, place = self._frames, 0
        for number, packet in zip(range(self.take.start, self.take.stop), packets, strict=False):
            if (packet.pts, packet.size) != (self.index.times[number], self.index.sizes[number]):
                raise SourceChanged("its pictures are not those that were found before")
            if number not in frames:
                continue
            content = joined(self._units(packet, is_first=place == 0))
            kept = cast("av.Packet[av.VideoStream]", av.Packet(content))
            kept.is_keyframe = packet.is_keyframe or place == 0
            yield frames[number], kept
            place += 1
        if place != self.frames:
            raise SourceChanged("it holds fewer pictures than were found before")

    def _units(self, packet: "av.Packet[av.VideoStream]", *, is_first: bool) -> Iterator[bytes | memoryview]:
        """Yield a packet's units as they are kept: its parameter sets are in the header, and fillers serve nobody."""
        codec = codec_of(self.index.codec)
        assert codec is not None, "an index is of a known codec"
        for unit in units(memoryview(packet), self.index.length_size):
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
