"""Backing up: on a schedule and after changes, with pruning and drills; the duties of who keeps a house open."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from core.api import ReelhouseError, Storage
from tenants.backups.creating import create_backup
from tenants.backups.drilling import drill, last_drill
from tenants.backups.failures import BackupBusy
from tenants.backups.manifest import Manifest
from tenants.backups.noting import BACKUP, last_backup, note, state_of_house
from tenants.backups.pruning import prune
from tenants.backups.recipients import recipient_at
from tenants.backups.schedule import Changes, Schedule, drill_due, due
from tenants.backups.source import BackupSource
from tenants.control.models.job import JobState
from tenants.house.duties import Duty
from tenants.house.house import House
from tenants.house.unsealing import masters_of

type OpenStore = Callable[[], AbstractAsyncContextManager[Storage]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPlan:
    """Where backups go and who can read them. Without ``drill_key``, a recipient's private key, there are no drills."""

    open_store: OpenStore
    recipients: Sequence[str]
    drill_key: Path | None = None
    schedule: Schedule = field(default_factory=Schedule)


def source_of(house: House) -> BackupSource:
    """Return an open house as the source of backups."""
    return BackupSource(
        control=house.control,
        keyring=house.keyring,
        vaults=house.vaults,
        instance=house.instance,
        home=house.settings.home,
    )


def backup_duties(house: House, plan: BackupPlan) -> Sequence[Duty]:
    """Return the duties of a house that is backed up. Several processes may perform them: one does each in its turn."""
    keeper = _Keeper(house, plan)
    backing_up = Duty(name="back the house up", every=timedelta(seconds=10), do=keeper.back_up)
    drilling = Duty(name="try restoring", every=timedelta(hours=1), do=keeper.drill)
    return (backing_up, drilling) if plan.drill_key else (backing_up,)


async def back_up(source: BackupSource, store: Storage, *, recipients: Sequence[str], now: datetime) -> Manifest:
    """Make a backup, and note what became of it. Raise as ``create_backup``."""
    state = await state_of_house()
    try:
        made = await create_backup(source, store, recipients=recipients, now=now)
    except BackupBusy:
        raise
    except ReelhouseError as err:
        await note(BACKUP, JobState.FAILED, now, error=str(err))
        raise
    result = {"sequence": made.sequence, "vaults": len(made.vaults), "failed": len(made.failed), "state": state}
    await note(BACKUP, JobState.DONE, now, result=result)
    return made


class _Keeper:
    def __init__(self, house: House, plan: BackupPlan) -> None:
        self._house = house
        self._plan = plan
        self._seen = ""
        self._changes: Changes | None = None

    async def back_up(self, now: datetime) -> None:
        """Make a backup if one is due, and drop what is past its time."""
        if self._house.is_sealed:
            return
        last = await last_backup()
        await self._look(now, last.state if last else "")
        if not due(now, last=last.at if last else None, changes=self._changes, schedule=self._plan.schedule):
            return
        source = source_of(self._house)
        try:
            async with self._plan.open_store() as store:
                await back_up(source, store, recipients=self._plan.recipients, now=now)
                await prune(source, store, now=now)
        except BackupBusy:
            return  # another process makes it
        self._changes = None

    async def drill(self, now: datetime) -> None:
        """Restore the newest backup apart, if it is time, and compare it."""
        last = await last_drill()
        at = last.at if last else None
        if self._plan.drill_key is None or self._house.is_sealed or await last_backup() is None:
            return
        if not drill_due(now, last=at, schedule=self._plan.schedule):
            return
        masters = await masters_of(self._house.settings)
        recipient = await asyncio.to_thread(recipient_at, self._plan.drill_key)
        async with self._plan.open_store() as store:
            await drill(source_of(self._house), store, masters=masters, recipient=recipient, now=now)

    async def _look(self, now: datetime, backed_up: str) -> None:
        """Note whether something has changed since the last backup, and since the last look."""
        state = await state_of_house()
        if state == backed_up:
            self._changes = None
        elif state != self._seen:
            self._changes = self._changes.then(now) if self._changes else Changes(first=now, last=now)
        self._seen = state
