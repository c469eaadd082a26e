"""Backups are made when they are due, thinned out, and proven by drills."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tenants.backups.drilling import Drill, drill, last_drill
from tenants.backups.failures import BackupRefused
from tenants.backups.noting import DRILL
from tenants.backups.pruning import Retention, prune
from tenants.backups.schedule import Changes, Schedule, drill_due, due
from tenants.backups.verifying import verify_backup
from tenants.control.models.job import Job, JobState
from tenants.keys import LocalMasterKey
from tests.unit.tenants.backups.conftest import MASTER, START, Backed

SCHEDULE = Schedule()
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


async def drilled(backed: Backed) -> Drill:
    masters = [LocalMasterKey(MASTER)]
    return await drill(backed.source, backed.store, masters=masters, recipient=backed.recipient, now=START)


async def test_a_drill_restores_compares_and_is_remembered(backed: Backed) -> None:
    assert await last_drill() is None
    manifest = await backed.back_up()
    done = await drilled(backed)
    assert (done.sequence, done.vaults, done.rows) == (1, 2, sum(manifest.counts.values()))
    assert await last_drill() == done
    assert not list(backed.source.folder.glob("drill-*"))


async def test_a_drill_that_fails_is_noted_and_leaves_the_last_success(backed: Backed, tmp_path: Path) -> None:
    manifest = await backed.back_up()
    done = await drilled(backed)
    part = tmp_path / "store" / manifest.vaults[0].place
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(BackupRefused):
        await drilled(backed)
    assert await last_drill() == done
    assert await Job.filter(kind=DRILL, state=JobState.FAILED).count() == 1
    assert not list(backed.source.folder.glob("drill-*"))


async def test_pruning_keeps_what_later_sets_refer_to_and_lets_keys_go(backed: Backed, tmp_path: Path) -> None:
    for day in range(4):
        await backed.write(str(day))
        await backed.back_up(hours=24 * day)
    retention = Retention(all_for=timedelta(hours=1), daily=2, weekly=0, monthly=0, keys=timedelta(days=1, hours=1))
    pruned = await prune(backed.source, backed.store, now=START + timedelta(days=3), retention=retention)
    # Of each pruned set its control plane and the vault that was written; the other vault is the same in all.
    assert (pruned.kept, pruned.parts, pruned.keys) == ((3, 4), 4, 2)
    for sequence in (3, 4):
        await verify_backup(backed.store, signer=backed.signer, scratch=tmp_path, sequence=sequence)
    with pytest.raises(BackupRefused, match="is not in the store"):
        await verify_backup(backed.store, signer=backed.signer, scratch=tmp_path, sequence=1)
    again = await prune(backed.source, backed.store, now=START + timedelta(days=3), retention=retention)
    assert (again.parts, again.keys) == (0, 0)


def test_a_backup_is_due_after_a_day_and_soon_after_a_change() -> None:
    def is_due(last_hours: float | None, first_s: float | None = None, last_s: float = 0) -> bool:
        changes = first_s is not None and Changes(
            first=NOW - timedelta(seconds=first_s), last=NOW - timedelta(seconds=last_s)
        )
        last = None if last_hours is None else NOW - timedelta(hours=last_hours)
        return due(NOW, last=last, changes=changes or None, schedule=SCHEDULE)

    assert is_due(None)
    assert is_due(24)
    assert not is_due(23.9)
    assert not is_due(1, first_s=19, last_s=19)
    assert is_due(1, first_s=20, last_s=20)
    assert not is_due(1, first_s=59, last_s=1)
    assert is_due(1, first_s=60, last_s=1)


def test_changes_keep_their_first_and_their_last() -> None:
    later = NOW + timedelta(seconds=5)
    assert Changes(first=NOW, last=NOW).then(later).then(NOW) == Changes(first=NOW, last=later)


def test_a_drill_is_due_once_a_week() -> None:
    assert drill_due(NOW, last=None, schedule=SCHEDULE)
    assert drill_due(NOW, last=NOW - timedelta(days=7), schedule=SCHEDULE)
    assert not drill_due(NOW, last=NOW - timedelta(days=6), schedule=SCHEDULE)
