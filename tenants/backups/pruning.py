"""Pruning: which sets are kept, and what goes with the others. Manifests stay: they are the chain."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.api import Storage
from tenants.backups.chain import read_chain, read_head
from tenants.backups.manifest import FOLDER, Manifest
from tenants.backups.signing import Signer
from tenants.backups.source import BackupSource, working

_PERIODS: tuple[tuple[str, Callable[[datetime], Hashable]], ...] = (
    ("daily", lambda at: at.date()),
    ("weekly", lambda at: at.isocalendar()[:2]),
    ("monthly", lambda at: (at.year, at.month)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long what is kept: all sets of the last ``all_for``, then the last one of each so many days, weeks, months.

    ``keys`` is how long the keys of a set are kept: as long may what was erased still be read by who has backups, the
    recipient's key and the master key.
    """

    all_for: timedelta = timedelta(days=2)
    daily: int = 14
    weekly: int = 8
    monthly: int = 12
    keys: timedelta = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """The sets whose parts are kept, and how many parts and copies of the keys were deleted."""

    kept: tuple[int, ...]
    parts: int
    keys: int


def kept(manifests: Sequence[Manifest], *, now: datetime, retention: Retention) -> set[int]:
    """Return the numbers of the sets that are kept, always the newest. ``manifests`` are in the order of the chain."""
    chosen = {manifest.sequence for manifest in manifests if now - manifest.created <= retention.all_for}
    chosen |= {manifest.sequence for manifest in manifests[-1:]}
    for name, period_of in _PERIODS:
        last_of = {period_of(manifest.created): manifest.sequence for manifest in manifests}
        count: int = getattr(retention, name)
        chosen |= set(sorted(last_of.values(), reverse=True)[:count])
    return chosen


async def prune(source: BackupSource, store: Storage, *, now: datetime, retention: Retention | None = None) -> Pruned:
    """Delete what no kept set refers to, and the keys past their retention; the newest set's keys stay.

    A backup that is made after an erasure holds no key of the erased tenant: make one at once. Raise ``BackupBusy``,
    and ``BackupRefused`` where the chain is not whole; nothing is deleted then.
    """
    retention = retention or Retention()
    with working(source.folder):
        signer = Signer.at(source.folder)
        chain = await read_chain(store, signer=signer.public, head=read_head(source.folder))
        manifests = [link.manifest for link in chain]
        numbers = kept(manifests, now=now, retention=retention)
        parts = {part.place for manifest in manifests if manifest.sequence in numbers for part in manifest.parts}
        young = [manifest for manifest in manifests if now - manifest.created <= retention.keys]
        keys = {manifest.keys.place for manifest in (*young, *manifests[-1:])}
        return Pruned(
            kept=tuple(sorted(numbers)),
            parts=await _delete_others(store, f"{FOLDER}/parts/", parts),
            keys=await _delete_others(store, f"{FOLDER}/keys/", keys),
        )


async def _delete_others(store: Storage, folder: str, places: Iterable[str]) -> int:
    stored = [there.key async for there in store.list(folder)]
    others = [key for key in stored if key not in places]
    for key in others:
        await store.delete(key)
    return len(others)
