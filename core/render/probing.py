"""Probing in the cage: what a media file is and how loud, found out by a worker and kept by the file's content."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core.api import MediaError
from core.media.audio import Loudness
from core.render.probes import read_probe
from core.render.segments import engine
from core.render.station import Station
from core.render.stopping import NEVER, Stop
from core.render.work import Inspection
from core.timeline.plan import Probe

PROBE_VERSION = 1
"""Changed when the same file would be described in another way."""
_LOUDNESS = TypeAdapter(Loudness)


@dataclass(frozen=True, slots=True)
class Prober:
    """Probes files at a station, each content once. ``sha256`` is the hash of a file's content, hex.

    Raise ``Cancelled`` within a second after ``cancelled`` is set.
    """

    station: Station
    cancelled: Stop = NEVER

    def probe(self, path: Path, sha256: str) -> Probe:
        """Describe a file. Raise what ``core.media.probe.probe`` does, or a ``CageEnd``."""
        return self._found(path, sha256, read_probe, is_heard=False)

    def loudness(self, path: Path, sha256: str) -> Loudness:
        """Measure how loud a file is. Raise ``MediaError`` when it has no sound, or a ``CageEnd``."""
        return self._found(path, sha256, _read_loudness, is_heard=True)

    def _found[T](self, path: Path, sha256: str, read: Callable[[bytes], T], *, is_heard: bool) -> T:
        text = json.dumps(["probe", PROBE_VERSION, engine(), sha256, is_heard])
        key = hashlib.sha256(text.encode()).hexdigest()
        return self.station.read(
            Inspection(path=path.absolute(), key=key, is_heard=is_heard), read, cancelled=self.cancelled
        )


def _read_loudness(text: bytes) -> Loudness:
    try:
        return _LOUDNESS.validate_json(text)
    except ValidationError as err:
        raise MediaError("a worker measured a loudness that can't be read") from err
