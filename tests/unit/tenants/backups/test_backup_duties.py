"""Backups are made by who keeps a house open: on a schedule, after changes, by one process, and told of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.api import NotReady, Storage
from tenants.backups.drilling import last_drill
from tenants.backups.noting import BACKUP, DRILL, KEPT, last_backup, note
from tenants.backups.source import working
from tenants.backups.verifying import list_backups
from tenants.control.models.job import Job, JobState
from tenants.house.backing_up import BackupPlan, backup_duties
from tenants.house.duties import Duty
from tests.unit.tenants.backups.conftest import START, Backed


def duties_of(backed: Backed, tmp_path: Path | None = None) -> tuple[Duty, ...]:
    """Return the duties of the house; with a folder, also drills by a recipient whose key lies there."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Storage]:
        yield backed.store

    key = None
    if tmp_path is not None:
        key = tmp_path / "drill.key"
        key.touch(mode=0o600)
        key.write_text(backed.recipient._key.private_bytes_raw().hex())
    plan = BackupPlan(open_store=opened, recipients=[backed.recipient.public], drill_key=key)
    return tuple(backup_duties(backed.house, plan))


async def sets(backed: Backed) -> int:
    return len(await list_backups(backed.store, signer=backed.signer))


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


async def test_a_backup_is_made_at_once_and_then_after_changes_have_settled(backed: Backed) -> None:
    [backing_up] = duties_of(backed)
    await backing_up.do(after(0))
    made = await last_backup()
    assert made is not None
    assert (made.at, made.sequence, made.vaults, made.failed) == (START, 1, 2, 0)
    await backing_up.do(after(600))
    assert await sets(backed) == 1
    await backed.write("second")
    for seconds, count in ((610, 1), (620, 1), (630, 2), (700, 2)):
        await backing_up.do(after(seconds))
        assert await sets(backed) == count, seconds


async def test_changes_that_never_settle_are_backed_up_after_a_minute(backed: Backed) -> None:
    [backing_up] = duties_of(backed)
    await backing_up.do(after(0))
    for step in range(8):
        await backed.write(str(step))
        await backing_up.do(after(100 + step * 10))
        assert await sets(backed) == (1 if step < 6 else 2), step


async def test_without_changes_one_is_made_a_day(backed: Backed) -> None:
    [backing_up] = duties_of(backed)
    for hours, count in ((0, 1), (23, 1), (24, 2), (25, 2)):
        await backing_up.do(after(hours * 3600))
        assert await sets(backed) == count, hours


async def test_what_changed_while_nobody_kept_the_house_is_noticed(backed: Backed) -> None:
    [backing_up] = duties_of(backed)
    await backing_up.do(after(0))
    await backed.write("second")
    [another] = duties_of(backed)
    await another.do(after(100))
    await another.do(after(120))
    assert await sets(backed) == 2


async def test_another_process_that_works_on_them_is_let_finish(backed: Backed) -> None:
    [backing_up] = duties_of(backed)
    with working(backed.source.folder):
        await backing_up.do(after(0))
        assert await last_backup() is None
    await backing_up.do(after(10))
    assert await sets(backed) == 1


async def test_a_sealed_house_is_not_backed_up(backed: Backed) -> None:
    backing_up, drilling = duties_of(backed, backed.source.home)
    await backed.house.seal()
    await backing_up.do(after(0))
    await drilling.do(after(0))
    assert await Job.all().count() == 0


async def test_a_backup_that_fails_is_noted_and_tried_again(backed: Backed, monkeypatch: pytest.MonkeyPatch) -> None:
    [backing_up] = duties_of(backed)

    async def fail(*_: object, **__: object) -> None:
        raise NotReady("the store does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(type(backed.store), "put", fail)
        with pytest.raises(NotReady):
            await backing_up.do(after(0))
    assert [(row.state, row.error) for row in await Job.filter(kind=BACKUP)] == [
        (JobState.FAILED, "the store does not answer")
    ]
    await backing_up.do(after(10))
    assert await sets(backed) == 1


async def test_restoring_is_tried_once_a_week(backed: Backed) -> None:
    backing_up, drilling = duties_of(backed, backed.source.home)
    await drilling.do(after(0))
    assert await last_drill() is None
    await backing_up.do(after(0))
    for days, at in ((0.1, 0.1), (6, 0.1), (7.2, 7.2)):
        await drilling.do(after(days * 86400))
        done = await last_drill()
        assert done is not None
        assert done.at == after(at * 86400)
    assert await Job.filter(kind=DRILL).count() == 2


async def test_only_the_last_notes_are_kept(backed: Backed) -> None:
    for number in range(KEPT + 20):
        await note(BACKUP, JobState.FAILED, after(number), error="no")
    await note(BACKUP, JobState.DONE, after(0), result={"sequence": 1, "vaults": 0, "failed": 0, "state": ""})
    assert await Job.filter(kind=BACKUP, state=JobState.FAILED).count() == KEPT
    assert await Job.filter(kind=BACKUP, state=JobState.DONE).count() == 1
