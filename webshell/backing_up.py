"""Backing up: what the settings ``backup.…`` say of where backups go, and who can read them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.api import InvalidInput, Storage
from core.host.host import PluginHost
from tenants.house.backing_up import BackupPlan
from webshell.settings import BackupSettings


@asynccontextmanager
async def open_backup_store(host: PluginHost, named: str) -> AsyncIterator[Storage]:
    """Open the store that is named: a folder by its whole path, or a storage backend by its id."""
    is_folder = Path(named).is_absolute()
    store = await (host.open_storage("local", {"folder": named}) if is_folder else host.open_storage(named))
    try:
        yield store
    finally:
        await store.close()


def backup_plan(settings: BackupSettings, host: PluginHost) -> BackupPlan | None:
    """Return the plan that is set, None for none. Raise ``InvalidInput`` for half of one."""
    store = settings.store
    if not store:
        return None
    if not settings.recipients:
        raise InvalidInput("backups need a recipient: reelhouse backup recipient FILE", path="backup.recipients")
    return BackupPlan(
        open_store=lambda: open_backup_store(host, store),
        recipients=settings.recipients,
        drill_key=settings.drill_key,
    )
