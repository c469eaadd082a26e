"""Accepting: take a vault's file as it lies there for the truth, after it was restored. Ends its quarantine."""

from uuid import UUID

from tenants.keys import TenantKeys
from tenants.vault.anchors import Anchor
from tenants.vault.checking import examine, read_state
from tenants.vault.digests import secrets_digest
from tenants.vault.failures import VaultMissing, VaultQuarantined
from tenants.vault.files import VaultFiles
from tenants.vault.sqlite.errors import translated
from tenants.vault.sqlite.opening import open_file


def accept_file(files: VaultFiles, keys: TenantKeys, *, instance: UUID, epoch: int) -> Anchor:
    """Examine a restored file and make it this house's, at an epoch at least ``epoch``; return its anchor.

    So every older file of this vault is refused from now on. Raise ``VaultQuarantined`` for what is no whole vault of
    the tenant, ``VaultMissing``; nothing is changed then.
    """
    if not files.database.exists():
        raise VaultMissing(f"there is no file to be the vault of tenant {keys.tenant}")
    if files.database.stat().st_size == 0:  # SQLite would begin a new database in it
        raise VaultQuarantined("its file is empty")
    with translated():
        raw = open_file(files.database, keys.vault)
        try:
            examine(raw)
            state = read_state(raw, keys, instance=None)
            epoch = max(epoch, state["epoch"] + 1)
            secrets = secrets_digest(raw, keys, epoch=epoch)
            raw.execute(
                "UPDATE meta SET instance = ?, epoch = ?, digest = ?, is_open = 0", (str(instance), epoch, secrets)
            )
        finally:
            raw.close()
        files.written.unlink(missing_ok=True)
        files.before.unlink(missing_ok=True)
        files.sync()
        return Anchor(epoch=epoch, secrets=secrets, file=files.digest(), schema=state["schema"])
