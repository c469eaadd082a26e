"""The drill: restore the newest set into a folder of its own, compare it with what was written, note the outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.api import ReelhouseError, Storage
from tenants.backups.chain import find, read_chain, read_head
from tenants.backups.failures import BackupRefused
from tenants.backups.noting import DRILL, last_done, note
from tenants.backups.recipients import Recipient
from tenants.backups.restoring import Restored, restore_backup
from tenants.backups.rows import CONTROL
from tenants.backups.signing import Signer
from tenants.backups.source import BackupSource
from tenants.control.audit_check import verify
from tenants.control.database import open_control
from tenants.control.models.job import JobState
from tenants.keys import MasterKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A drill that succeeded: ``vaults`` were restored and examined, ``rows`` of the control plane compared."""

    at: datetime
    sequence: int
    vaults: int
    rows: int


async def drill(
    source: BackupSource, store: Storage, *, masters: Sequence[MasterKey], recipient: Recipient, now: datetime
) -> Drill:
    """Restore the newest set apart from the house, compare it, throw it away, and note the outcome as a job.

    ``recipient`` may be one of the drill's own, beside the offline one. Raise ``BackupRefused`` where what comes back
    is not what was written, and what ``restore_backup`` does; the failure is noted too.
    """
    try:
        done = await _drilled(source, store, masters=masters, recipient=recipient, now=now)
    except ReelhouseError as err:
        await note(DRILL, JobState.FAILED, now, error=str(err))
        raise
    await note(DRILL, JobState.DONE, now, result={"sequence": done.sequence, "vaults": done.vaults, "rows": done.rows})
    return done


async def last_drill() -> Drill | None:
    """Return the last drill that succeeded."""
    found = await last_done(DRILL)
    return None if found is None else Drill(at=found[0], **found[1])


async def _drilled(
    source: BackupSource, store: Storage, *, masters: Sequence[MasterKey], recipient: Recipient, now: datetime
) -> Drill:
    signer, head = Signer.at(source.folder).public, read_head(source.folder)
    manifest = find(await read_chain(store, signer=signer, head=head), None).manifest
    with TemporaryDirectory(prefix="drill-", dir=source.folder) as folder:
        database = f"sqlite://{Path(folder) / 'control.db'}"
        restored = await restore_backup(
            store,
            home=Path(folder),
            database=database,
            masters=masters,
            recipient=recipient,
            signer=signer,
            sequence=manifest.sequence,
            head=head,
        )
        _compare_vaults(restored, {part.tenant for part in manifest.vaults})
        async with open_control(database):
            counts = {model._meta.db_table: await model.all().count() for model in CONTROL}  # noqa: SLF001
            findings = (await verify()).findings
    if {table: count for table, count in counts.items() if count} != manifest.counts:
        raise BackupRefused("other rows came back than were written")
    if findings:
        raise BackupRefused(f"the audit that came back is not whole: {findings[0].what}")
    return Drill(at=now, sequence=manifest.sequence, vaults=len(restored.tenants), rows=sum(counts.values()))


def _compare_vaults(restored: Restored, written: set[Any]) -> None:
    missing = written - set(restored.tenants)
    if missing:
        raise BackupRefused(f"{len(missing)} vaults did not come back: {restored.lost}")
