"""Handing out: a stored file becomes an ordinary one again, checked to its last byte before anyone gets it."""

import asyncio
import hashlib
import tempfile
from collections.abc import Mapping
from typing import IO

from core.api import NotFound, NotReady, Storage
from tenants.control.models.object import StoredObject
from tenants.keys import BlobOpener, KeyGone, Keyring, Tampered, blob_key_version
from tenants.keys.blobs import MARK, VERSION_END
from tenants.leaving.archive import Archive

_AT_ONCE = 1024 * 1024
_FAILURES = (NotFound, NotReady, Tampered, KeyGone)


async def hand_out(
    stored: StoredObject, path: str, archive: Archive, *, keyring: Keyring, stores: Mapping[str, Storage]
) -> str | None:
    """Add a stored file to the archive; return why not, where it is missing or damaged. Nothing is added then.

    It is opened into a nameless temporary file first: what is wrong with its end is not known before.
    """
    store = stores.get(stored.backend)
    if store is None:
        return f"its storage {stored.backend} is not open"
    with tempfile.TemporaryFile() as plain:
        try:
            await _open(stored, store, plain, keyring)
        except _FAILURES as err:
            return str(err)
        await asyncio.to_thread(_add, plain, path, archive)
    return None


async def _open(stored: StoredObject, store: Storage, plain: IO[bytes], keyring: Keyring) -> None:
    """Write the file's bytes, unsealed if they are sealed. Raise ``Tampered`` for others than were stored."""
    digest, clear, head, opener = hashlib.sha256(), hashlib.sha256(), b"", None
    is_begun = False
    async for chunk in store.read(stored.key):
        digest.update(chunk)
        piece = chunk
        if not is_begun:
            head += chunk
            if len(head) < VERSION_END:
                continue
            is_begun, piece = True, head
            if head.startswith(MARK):
                opener = await _opener(stored, head, keyring)
        opened = opener.update(piece) if opener else piece
        clear.update(opened)
        await asyncio.to_thread(plain.write, opened)
    rest = opener.finish() if opener else b"" if is_begun else head
    clear.update(rest)
    plain.write(rest)
    if stored.sha256 not in {digest.hexdigest(), clear.hexdigest()}:
        raise Tampered(f"the file {stored.id} is not what was stored")


async def _opener(stored: StoredObject, head: bytes, keyring: Keyring) -> BlobOpener:
    version = blob_key_version(head)
    keys = await keyring.keys(stored.tenant_id, version)
    return BlobOpener(key=keys.blob, key_version=version, tenant=stored.tenant_id, file=stored.id)


def _add(plain: IO[bytes], path: str, archive: Archive) -> None:
    plain.seek(0)
    with archive.member(path, is_compressed=False) as member:
        while chunk := plain.read(_AT_ONCE):
            member.write(chunk)
