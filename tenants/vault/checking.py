"""Checking: a vault's file is opened only if it is what was last written. Runs in the connection's thread.

A file that was closed must be the very same, byte by byte. One that was being written when the process died is
examined: every page, and whether its secrets are those of the last write, or of the one that was under way.
"""

import hmac
from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from tenants.keys import TenantKeys
from tenants.vault.anchors import Anchor
from tenants.vault.digests import mark_of, secrets_digest
from tenants.vault.failures import VaultDamaged, VaultMissing, VaultQuarantined
from tenants.vault.files import VaultFiles
from tenants.vault.sqlite.access import Raw
from tenants.vault.sqlite.errors import translated
from tenants.vault.sqlite.opening import open_file


class Anchored(TypedDict):
    """What an anchor holds of the inside of a vault."""

    epoch: int
    secrets: str
    schema: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A file that was opened and is what it should be. ``epoch`` may be one more than the anchor's, after a crash."""

    raw: Raw
    epoch: int
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
            state = read_state(raw, keys, instance=instance)
            _compare(state, anchor, may_be_ahead=is_written)
        except BaseException:
            raw.close()
            raise
    return Checked(raw=raw, epoch=state["epoch"], schema=state["schema"], is_written=is_written)


def read_anchored(raw: Raw) -> Anchored:
    """Return what an anchor holds of the inside of a vault: its epoch, the digest of its secrets, its schema."""
    epoch, secrets, schema = raw.execute("SELECT epoch, digest, schema FROM meta").fetchone()
    return {"epoch": epoch, "secrets": secrets, "schema": schema}


def examine(raw: Raw) -> None:
    """Read every page; raise ``VaultDamaged`` where one was changed, cut off, or does not fit the others.

    Takes about 10 ms a megabyte, so it is for files that were not closed, not for every opening.
    """
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # SQLCipher's check reads the file itself
    damage = [row[0] for row in raw.execute("PRAGMA cipher_integrity_check")]
    damage += [row[0] for row in raw.execute("PRAGMA integrity_check") if row[0] != "ok"]
    if damage:
        raise VaultDamaged(f"its file was changed ({damage[0]})")


def read_state(raw: Raw, keys: TenantKeys, *, instance: UUID | None) -> Anchored:
    """Return what an anchor is compared with; raise ``VaultQuarantined`` if it is another's, or not of one moment.

    ``instance`` None takes a vault of any house.
    """
    has_state = raw.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone()
    owner = has_state and raw.execute("SELECT tenant, instance FROM meta").fetchone()
    if not owner:
        raise VaultQuarantined("its file is empty")
    if owner["tenant"] != str(keys.tenant) or (instance is not None and owner["instance"] != str(instance)):
        raise VaultQuarantined("it belongs to another tenant or house")
    state = read_anchored(raw)
    if state["secrets"] != secrets_digest(raw, keys, epoch=state["epoch"]):
        raise VaultQuarantined("some of its secrets are older than others")
    return state


def _compare(state: Anchored, anchor: Anchor, *, may_be_ahead: bool) -> None:
    epoch = state["epoch"]
    if epoch == anchor.epoch and state["secrets"] == anchor.secrets:
        return
    if epoch == anchor.epoch + 1 and may_be_ahead:  # the process died before it could record the write
        return
    raise VaultQuarantined(f"it is at epoch {epoch}, not {anchor.epoch}: its file is of another time")
