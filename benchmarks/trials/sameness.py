"""Sameness: which frames of two videos are the same packets, and single frames to look at."""

import hashlib
from fractions import Fraction
from pathlib import Path

import av

from benchmarks.verify import Planes, planes


def differing_frames(one: Path, other: Path, fps: int) -> frozenset[int]:
    """Return the frames whose packets are not the same in both files, or are in one of them alone.

    Files of different headers have no frame in common: the same packets may then be other pictures.
    """
    (header, mine), (other_header, theirs) = _pictures(one), _pictures(other)
    return frozenset(
        round(time * fps)
        for time in mine.keys() | theirs.keys()
        if header != other_header or mine.get(time) != theirs.get(time)
    )


def is_same_sound(one: Path, other: Path) -> bool:
    """Tell whether two files have the same sound, packet by packet."""
    return _sound(one) == _sound(other)


def frames_of(path: Path) -> int:
    """Count the frames of a video."""
    return len(_pictures(path)[1])


def picture_at(path: Path, frame: int, fps: int) -> Planes:
    """Decode the frame of a number; raise ``LookupError`` when it is not there."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None, "files have a time base"
        container.seek(round(frame / fps / stream.time_base), stream=stream)
        for decoded in container.decode(stream):
            if decoded.time is not None and round(decoded.time * fps) == frame:
                return planes(decoded)
    raise LookupError(f"{path.name} has no frame {frame}")


def _pictures(path: Path) -> tuple[bytes, dict[Fraction, bytes]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return bytes(stream.codec_context.extradata or b""), _packets(container, stream)


def _sound(path: Path) -> dict[Fraction, bytes]:
    with av.open(str(path)) as container:
        return {} if not container.streams.audio else _packets(container, container.streams.audio[0])


def _packets(container: av.container.InputContainer, stream: av.stream.Stream) -> dict[Fraction, bytes]:
    """Return the digests of a stream's packets by their times."""
    assert stream.time_base is not None, "files have a time base"
    return {
        packet.pts * stream.time_base: hashlib.sha256(bytes(packet)).digest()
        for packet in container.demux(stream)
        if packet.pts is not None and packet.size
    }
