"""Copying: a whole vault, as it is at one moment, into a file under another key. Backups are made of it."""

from pathlib import Path

from tenants.vault.binding import required
from tenants.vault.sqlite.access import Raw
from tenants.vault.sqlite.errors import translated
from tenants.vault.sqlite.opening import open_file
from tenants.vault.sqlite.statements import held


async def copy_vault(target: Path, key: bytes) -> None:
    """Copy the bound vault into a new file with its own raw key (32 bytes), about 100 MB a second.

    Every page is read and checked on the way. The vault's other users wait. Raise ``VaultDamaged``, ``VaultBusy`` while
    a transaction lasts too long, ``VaultUnavailable`` where the disk is full; the target is to be removed then.
    """

    def copy(raw: Raw) -> None:
        target.touch(mode=0o600, exist_ok=False)
        with translated():
            copied = open_file(target, key, may_create=True)
            try:
                raw.backup(copied)
            finally:
                copied.close()

    access = required().client.access
    async with held(access.lock):
        await access.run(copy)
