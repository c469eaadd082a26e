"""Joining: pieces with different parameter sets become one stream that every player understands.

An MP4 stream has one header at its beginning. Several sample descriptions, each with a header of its own, are known to
few players; parameter sets among the pictures are not allowed in ``avc1`` and ``hvc1``. So the header holds the sets of
all pieces, each under ids of its own, and pictures name the ones they need.
"""

from collections import Counter
from collections.abc import Sequence

from core.render.copying.codecs import codec_of
from core.render.copying.coding import Renaming
from core.render.copying.nal import LENGTH_SIZE, joined, units


class Joint:
    """The common header of a file's pieces, and their packets as they follow from it."""

    def __init__(self, codec: str, headers: Sequence[bytes], frames: Sequence[int]) -> None:
        """Take libavcodec's name of the codec, and the header (extradata) and number of frames of each piece.

        The header that most frames need keeps its ids, so that as few as can be are spelled anew. Raise
        ``DamagedUnit`` for a header that can't be read, ``Crowded`` for too many different ones.
        """
        self._codec = codec_of(codec)
        needed = Counter[bytes]()
        for header, count in zip(headers, frames, strict=True):
            needed[header] += count
        self._changes: dict[bytes, tuple[int, Renaming] | None] = dict.fromkeys(
            header for header, _ in needed.most_common()
        )
        self.header = next(iter(self._changes), b"")
        if self._codec is None or len(self._changes) < 2:
            return
        taken: list[bytes] = []
        for header in self._changes:
            read = self._codec.read(header)
            renaming = self._codec.renamed(read.sets, taken)
            taken += renaming.sets
            if read.length_size != LENGTH_SIZE or any(old != new for old, new in renaming.pictures.items()):
                self._changes[header] = (read.length_size, renaming)
        self.header = self._codec.write(taken)

    def packet(self, header: bytes, content: memoryview) -> bytes | None:
        """Return a packet of a piece as it is in the joined stream; None where it stays as it is."""
        change = self._changes[header]
        if self._codec is None or change is None:
            return None
        codec, (length_size, renaming) = self._codec, change
        return joined(codec.respelled(unit, renaming) for unit in units(content, length_size))
