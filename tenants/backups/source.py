"""The source: the open house whose backups are made, and the folder where it keeps what it knows of them."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from tenants.backups.failures import BackupBusy
from tenants.control.database import Control
from tenants.keys import Keyring
from tenants.vault.files import VaultFiles
from tenants.vault.pool import VaultPool


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSource:
    """An open house."""

    control: Control
    keyring: Keyring
    vaults: VaultPool
    instance: UUID
    home: Path

    @property
    def folder(self) -> Path:
        """Where signing key, head and work in progress lie."""
        return self.home / "backups"

    def files(self, tenant: UUID) -> VaultFiles:
        """Return where a tenant's vault lies."""
        return VaultFiles(folder=self.home / "vaults" / str(tenant))


@contextmanager
def working(folder: Path) -> Iterator[None]:
    """Keep other processes from working on the same backups. Raise ``BackupBusy`` where one does."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupBusy("another process works on the backups of this house") from None
        yield
