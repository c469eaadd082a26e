"""Checking: a vault's file is opened only if it is what was last written. Runs in the connection's thread.

A file that was closed must be the very same, byte by byte. One that was being written when the process died is
examined: every page, and whether its secrets are those of the last write, or of the one that was under way.
"""

import hmac
from dataclasses import dataclass
from uuid import UUID

from tenants.keys import TenantKeys
from tenants.vault.anchors import Anchor
from tenants.vault.digests import mark_of, secrets_digest
from tenants.vault.failures import VaultDamaged, VaultMissing, VaultQuarantined
from tenants.vault.files import VaultFiles
from tenants.vault.sqlite.access import Raw
from tenants.vault.sqlite.errors import translated
from tenants.vault.sqlite.opening import open_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A file that was opened and is what it should be. ``epoch`` may be one more than the anchor's, after a crash."""

    raw: Raw
    epoch: int
    secrets: str
    schema: str
    is_written: bool


def open_checked(files: VaultFiles, keys: TenantKeys, anchor: Anchor, *, instance: UUID) -> Checked:
    """Open a vault. It can't be written to before ``query_only`` is off, unless it ``is_written`` already.

    Raise ``VaultMissing``; ``VaultQuarantined`` for what it must not be; ``VaultUnavailable``.
    """
    if not files.database.exists():
        raise VaultMissing(f"the vault's file of tenant {keys.tenant} is gone")
    if files.has_journal():
        raise VaultQuarantined("a journal lies beside its file")
    is_written = hmac.compare_digest(files.read_mark(), mark_of(keys, anchor.file))
    if not is_written and (files.has_log() or files.digest() != anchor.file):
        raise VaultQuarantined("its file is not the one that was last closed")
    with translated():
        raw = open_file(files.database, keys.vault)
        try:
            if is_written:
                examine(raw)
            else:
                raw.execute("PRAGMA query_only = ON")
            epoch, secrets, schema = read_state(raw, keys, instance=instance)
            _compare(epoch, secrets, anchor, may_be_ahead=is_written)
        except BaseException:
            raw.close()
            raise
    return Checked(raw=raw, epoch=epoch, secrets=secrets, schema=schema, is_written=is_written)


def examine(raw: Raw) -> None:
    """Read every page; raise ``VaultDamaged`` where one was changed, cut off, or does not fit the others.

    Takes about 10 ms a megabyte, so it is for files that were not closed, not for every opening.
    """
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # SQLCipher's check reads the file itself
    damage = [row[0] for row in raw.execute("PRAGMA cipher_integrity_check")]
    damage += [row[0] for row in raw.execute("PRAGMA integrity_check") if row[0] != "ok"]
    if damage:
        raise VaultDamaged(f"its file was changed ({damage[0]})")


def read_state(raw: Raw, keys: TenantKeys, *, instance: UUID) -> tuple[int, str, str]:
    """Return epoch, digest of the secrets and schema; raise ``VaultQuarantined`` if it is not this vault's."""
    has_state = raw.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone()
    row = has_state and raw.execute("SELECT tenant, instance, epoch, digest, schema FROM meta").fetchone()
    if not row:
        raise VaultQuarantined("its file is empty")
    if (row["tenant"], row["instance"]) != (str(keys.tenant), str(instance)):
        raise VaultQuarantined("it belongs to another tenant or house")
    if row["digest"] != secrets_digest(raw, keys, epoch=row["epoch"]):
        raise VaultQuarantined("some of its secrets are older than others")
    return row["epoch"], row["digest"], row["schema"]


def _compare(epoch: int, secrets: str, anchor: Anchor, *, may_be_ahead: bool) -> None:
    if epoch == anchor.epoch and secrets == anchor.secrets:
        return
    if epoch == anchor.epoch + 1 and may_be_ahead:  # the process died before it could record the write
        return
    raise VaultQuarantined(f"it is at epoch {epoch}, not {anchor.epoch}: its file is of another time")
