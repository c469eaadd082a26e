"""Elsewhere: executors that do a render's work, in processes that share the caller's home or on machines far away."""

from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from core.render.distance import Depot, DistantSite, produce_at_distance
from core.render.errands import Errand, FolderErrand, StoredErrand
from core.render.parcels import Portable, pack
from core.render.report import WorkReport
from core.render.site import Site, produce_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Work that was given away: what it comes to, and how it is told to stop."""

    doing: Future[WorkReport]
    errand: Errand


class Elsewhere(Protocol):
    """Where work is done if not here. ``look_seconds`` is how often it is looked what is finished."""

    @property
    def look_seconds(self) -> float:
        """How often it is looked what is finished."""

    def give(self, work: Portable) -> Given:
        """Give work away. Raises what executors raise, each its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedHome:
    """An executor whose workers reach the same home as the caller; notes of errands lie in ``folder``."""

    executor: Executor
    site: Site
    folder: Path
    look_seconds: float = 0.2

    def give(self, work: Portable) -> Given:
        """See ``Elsewhere``."""
        errand = FolderErrand(self.folder / f"errand-{uuid4()}")
        return Given(doing=self.executor.submit(produce_at, self.site, work, errand), errand=errand)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughStore:
    """An executor whose workers reach the same store as the caller, and nothing else."""

    executor: Executor
    site: DistantSite
    depot: Depot
    look_seconds: float = 1.0

    def give(self, work: Portable) -> Given:
        """See ``Elsewhere``. What the work needs is shared first, once."""
        parcel, name = pack(work, self.depot.files), uuid4().hex
        doing = self.executor.submit(produce_at_distance, self.site, parcel, name)
        return Given(doing=doing, errand=StoredErrand(self.depot.notes, name))
