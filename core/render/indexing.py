"""Indexing: the packets of the sources from which a render may copy, each listed once."""

import hashlib
import json
from collections.abc import Mapping

from core.api import Encoder
from core.render.copying.finding import candidates
from core.render.copying.index import INDEX_VERSION, PacketIndex, read_index
from core.render.segments import engine
from core.render.station import Station
from core.render.stopping import Stop
from core.render.work import Indexing
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
