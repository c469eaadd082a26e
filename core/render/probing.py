"""Probing in the cage: what a media file is, found out by a worker and kept by the file's content."""

import hashlib
import json
import threading
from pathlib import Path

from core.api import MediaError
from core.render.probes import read_probe
from core.render.segments import engine
from core.render.station import Station
from core.render.work import Inspection
from core.timeline.plan import Probe

PROBE_VERSION = 1
"""Changed when the same file would be described in another way."""


class Prober:
    """Probes files at a station; each content once."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def __call__(self, path: Path, sha256: str) -> Probe:
        """Describe a file whose content has this hash. Raise what ``core.media.probe.probe`` does."""
        key = hashlib.sha256(json.dumps(["probe", PROBE_VERSION, engine(), sha256]).encode()).hexdigest()
        kept = self._station.ledger.get(key)
        if kept is None:
            self._station.produce(Inspection(path=path, key=key), cancelled=threading.Event())
            kept = self._station.ledger.get(key)
        if kept is None:
            raise MediaError(f"{path.name}: what was found out of it is gone again")
        return read_probe(kept.read_bytes())
