"""Verifying: is a set what the house wrote, all of it? Without any key, and with a recipient's."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from core.api import NotFound, Storage
from tenants.backups.chain import Head, Link, find, read_chain
from tenants.backups.failures import BackupRefused
from tenants.backups.manifest import Manifest, Part
from tenants.backups.parts import check_part, open_part
from tenants.backups.recipients import Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found good. ``has_keys`` is False when the set's own copy of the keys is past its retention."""

    manifest: Manifest
    has_keys: bool
    was_decrypted: bool


async def list_backups(store: Storage, *, signer: str, head: Head | None = None) -> Sequence[Link]:
    """Return all sets, oldest first; ``signer`` is the house's public key. Raise ``BackupRefused``."""
    return await read_chain(store, signer=signer, head=head)


async def verify_backup(
    store: Storage,
    *,
    signer: str,
    scratch: Path,
    sequence: int | None = None,
    head: Head | None = None,
    recipient: Recipient | None = None,
) -> Verified:
    """Check a set, else the newest: signature, chain, and every part; with a recipient's key also that each opens.

    What is decrypted lies below ``scratch`` for a moment. Raise ``NotFound``, ``BackupRefused``, ``NotReady``.
    """
    manifest = find(await read_chain(store, signer=signer, head=head), sequence).manifest
    for part in manifest.parts:
        await _check(store, part, manifest, recipient, scratch)
    try:
        await _check(store, manifest.keys, manifest, recipient, scratch)
        has_keys = True
    except NotFound:
        has_keys = False
    return Verified(manifest=manifest, has_keys=has_keys, was_decrypted=recipient is not None)


async def _check(store: Storage, part: Part, manifest: Manifest, recipient: Recipient | None, scratch: Path) -> None:
    try:
        await check_part(store, part)
    except NotFound:
        if part == manifest.keys:
            raise
        raise BackupRefused(f"{part.place} of set {manifest.sequence} is not in the store") from None
    if recipient is not None:
        with TemporaryDirectory(prefix="verify-", dir=scratch) as folder:
            await open_part(store, part, Path(folder) / "part", house=manifest.house, recipient=recipient)
