"""Noting: what became of backups and drills, kept as jobs, so that whoever asks is told of the last success."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tenants.control.models.anchor import VaultAnchor
from tenants.control.models.audit import AuditHead
from tenants.control.models.job import Job, JobState

BACKUP, DRILL = "backup.create", "backup.drill"
"""The kinds of job that are noted."""
KEPT = 50
"""How many of a kind are kept, besides the last that succeeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastBackup:
    """A backup that was made. ``failed`` counts vaults left out, ``state`` is what ``state_of_house`` said before."""

    at: datetime
    sequence: int
    vaults: int
    failed: int
    state: str


async def last_backup() -> LastBackup | None:
    """Return the last backup that was made and noted."""
    found = await last_done(BACKUP)
    return None if found is None else LastBackup(at=found[0], **found[1])


async def state_of_house() -> str:
    """Return what changes with whatever a backup holds: the audit's end, and when a vault was recorded last."""
    head = await AuditHead.get_or_none(id=1)
    newest = await VaultAnchor.all().order_by("-updated").first()
    return f"{head.sequence if head else 0} {newest.updated.isoformat() if newest else ''}"


async def last_done(kind: str) -> tuple[datetime, dict[str, Any]] | None:
    """Return when a kind of job succeeded last, and with what."""
    job = await Job.filter(kind=kind, state=JobState.DONE).order_by("-ended").first()
    return None if job is None or job.result is None or job.ended is None else (job.ended, job.result)


async def note(kind: str, state: JobState, now: datetime, **outcome: Any) -> None:
    """Note how a job of this kind has ended; drop the oldest notes."""
    await Job.create(kind=kind, state=state, due=now, created=now, started=now, ended=now, attempts=1, **outcome)
    for ended in (JobState.DONE, JobState.FAILED):
        noted = Job.filter(kind=kind, state=ended, tenant_id=None).order_by("-ended")
        if last_kept := await noted.offset(KEPT).first():
            await Job.filter(kind=kind, state=ended, tenant_id=None, ended__lte=last_kept.ended).delete()
