"""Strips of thumbnails of what is taken over: of its key frames alone, for no other is decoded."""

from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import av

from core.api import MediaError
from core.media.normalize import Normalizer, Shape
from core.render.copying.taking import TakenPiece
from core.render.strips import Picture, StripTap, thumbnail_frames
from core.render.work import StripRun


def draw_strip(run: StripRun, folder: Path) -> None:
    """Write the strip of a piece; a frame between two key frames is shown as the one before it."""
    piece, plan = run.piece, run.plan
    tap, wanted = StripTap(plan), deque(thumbnail_frames(plan, piece.frames))
    normalizer = Normalizer(Shape.of(plan.width, plan.height))
    latest: Picture | None = None
    with closing(normalizer):
        for frame in _key_frames(piece):
            while latest is not None and wanted and wanted[0] < (frame.pts or 0):
                tap.add(latest)
                wanted.popleft()
            latest = tap.thumbnail(normalizer.normalize(frame))
    if latest is None:
        raise MediaError(f"{piece.path.name}: no key frame could be decoded")
    for _ in wanted:
        tap.add(latest)
    tap.write(folder / run.key)


def _key_frames(piece: TakenPiece) -> Iterator[av.VideoFrame]:
    """Decode the key frames of a piece; their times are the piece's frames."""
    decoder = av.CodecContext.create(piece.codec, "r")
    assert isinstance(decoder, av.VideoCodecContext), "a picture's codec"
    decoder.extradata = piece.header
    try:
        for number, packet in piece.packets():
            if packet.is_keyframe:
                packet.pts = packet.dts = number
                yield from decoder.decode(packet)
        yield from decoder.decode(None)
    except av.FFmpegError as err:
        raise MediaError(f"{piece.path.name}: can't be decoded: {err.strerror or err}") from err
