"""Rekeying: a vault's whole content under other keys of its tenant, beside it, ready to take its place.

Every page is under the new vault key, every secret sealed anew by the new field key for the place it was in, every
fingerprint made with the new index key. The copy counts one epoch more, so the file it replaces is refused afterwards.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from tenants.keys import TenantKeys, fingerprint
from tenants.vault.checking import examine, read_state
from tenants.vault.digests import secrets_digest
from tenants.vault.places import Place
from tenants.vault.sqlite.access import Raw
from tenants.vault.sqlite.errors import translated
from tenants.vault.sqlite.opening import open_file

FINGERPRINTS: Mapping[str, Mapping[str, str | None]] = {
    "api_keys": {"secret": "fingerprint", "next_secret": "next_fingerprint"},
    "plugin_configs": {"secrets": None},
    "webhooks": {"secret": None},
}
"""The columns that hold secrets, by table, each with the column of its fingerprint if it has one."""


def copy_under(raw: Raw, target: Path, *, former: TenantKeys, keys: TenantKeys) -> None:
    """Copy an open vault, that nobody writes to, into a new file for other keys of the same tenant.

    Raise ``Tampered`` for a secret that can't be unsealed, ``VaultDamaged``, ``VaultUnavailable`` where the disk is
    full; the target is to be removed then.
    """
    target.touch(mode=0o600, exist_ok=False)
    with translated():
        copied = open_file(target, keys.vault, may_create=True)
        try:
            raw.backup(copied)
            copied.execute("BEGIN IMMEDIATE")
            copied.execute("UPDATE meta SET is_open = 1")
            for table, columns in FINGERPRINTS.items():
                for column, told in columns.items():
                    _seal_anew(copied, table, column, told, former=former, keys=keys)
                copied.execute(f"UPDATE {table} SET key_version = ?", [keys.version])  # noqa: S608 - ours
            [epoch] = copied.execute("SELECT epoch + 1 FROM meta").fetchone()
            secrets = secrets_digest(copied, keys, epoch=epoch)
            copied.execute("UPDATE meta SET epoch = ?, digest = ?, is_open = 0", (epoch, secrets))
            copied.execute("COMMIT")
            examine(copied)
            read_state(copied, keys, instance=None)
        finally:
            copied.close()
        with target.open("rb") as file:
            os.fsync(file.fileno())


def _seal_anew(raw: Raw, table: str, column: str, told: str | None, *, former: TenantKeys, keys: TenantKeys) -> None:
    rows = raw.execute(
        f"SELECT id, version, key_version, {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - ours
    ).fetchall()
    for row in rows:
        place = Place(table=table, row=UUID(row["id"]), column=column, version=row["version"])
        secret = place.unseal(row[column], former, key_version=row["key_version"])
        changed = {column: place.seal(secret, keys)} | ({told: fingerprint(secret, keys.index)} if told else {})
        names = ", ".join(f"{name} = ?" for name in changed)
        raw.execute(f"UPDATE {table} SET {names} WHERE id = ?", [*changed.values(), row["id"]])  # noqa: S608 - ours
