"""Copies of a render: what can be taken over from which source, and how a worker does it."""

import hashlib
import json
from collections import deque
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from core.api import Encoder, MediaError
from core.media.intake import open_media
from core.media.normalize import Normalizer, Shape
from core.render.copying.finding import candidates
from core.render.copying.index import INDEX_VERSION, PacketIndex, picture_stream, read_index
from core.render.copying.piece import copy_piece
from core.render.segments import engine
from core.render.station import Station
from core.render.stopping import Stop
from core.render.strips import Picture, StripTap, thumbnail_frames
from core.render.work import CopyRun, Indexing, strip_key
from core.timeline.plan import MediaFile, Plan


class Indexer:
    """Has the packets of sources listed at a station, each content once."""

    def __init__(self, station: Station, media: Mapping[str, MediaFile], *, cancelled: Stop) -> None:
        self._station = station
        self._media = media
        self._cancelled = cancelled

    def indexes(self, plan: Plan, encoder: Encoder) -> dict[str, PacketIndex]:
        """Return the indexes of those sources from which a plan's encoder may copy."""
        found = {src: self._index(self._media[src]) for src in sorted(candidates(plan, self._media, encoder))}
        return {src: index for src, index in found.items() if index is not None}

    def _index(self, file: MediaFile) -> PacketIndex | None:
        key = hashlib.sha256(json.dumps(["index", INDEX_VERSION, engine(), file.sha256]).encode()).hexdigest()
        return self._station.read(Indexing(path=file.path, key=key), read_index, cancelled=self._cancelled)


def copy_run(run: CopyRun, folder: Path) -> None:
    """Copy packets as a piece and, if wanted, make its strip out of its key frames: no other is decoded."""
    piece = folder / run.key
    copy_piece(run.source, run.index, run.take, piece, run.form)
    if not run.has_strip:
        return
    tap, wanted = StripTap(run.plan), deque(thumbnail_frames(run.plan, run.end - run.first))
    normalizer = Normalizer(Shape.of(run.plan.width, run.plan.height))
    with closing(normalizer), closing(open_media(piece)) as container:
        stream = picture_stream(container)
        stream.codec_context.skip_frame = "NONKEY"
        latest: Picture | None = None
        for frame in container.decode(stream):
            while latest is not None and wanted and frame.time is not None and wanted[0] < frame.time * run.plan.fps:
                tap.add(latest)
                wanted.popleft()
            latest = tap.thumbnail(normalizer.normalize(frame))
        if latest is None:
            raise MediaError(f"{run.source.name}: no key frame could be decoded")
        for _ in wanted:
            tap.add(latest)
    tap.write(folder / strip_key(run.key))
