"""Parts: files sealed under random keys of their own, on their way to the store and back."""

import os
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

from core.api import Storage
from tenants.backups.failures import BackupRefused
from tenants.backups.manifest import Kind, Part
from tenants.backups.recipients import Recipient, seal_to
from tenants.keys import BlobOpener, BlobSealer, Tampered

CHUNK = 1024 * 1024
_KEY_BYTES = 32
_KEY_VERSION = 1


class PartWriter:
    """Seals what it is given into a new file: nothing of it is on the disk in plain. Used as a context."""

    def __init__(self, target: Path, kind: Kind, *, house: UUID, recipients: Sequence[str]) -> None:
        self._kind = kind
        self._id = uuid4()
        key = os.urandom(_KEY_BYTES)
        self._keys = {recipient: seal_to(recipient, key, house=house, part=self._id) for recipient in recipients}
        self._sealer = BlobSealer(key=key, key_version=_KEY_VERSION, tenant=house, file=self._id)
        self._digest = sha256()
        self._size = 0
        self._file = target.open("xb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, plain: bytes) -> None:
        """Seal some more."""
        self._write(self._sealer.update(plain))

    def finish(self, *, tenant: UUID | None = None, state: str | None = None, key_version: int | None = None) -> Part:
        """Seal the rest and describe the part."""
        self._write(self._sealer.finish())
        return Part(
            kind=self._kind,
            id=self._id,
            sha256=self._digest.hexdigest(),
            size=self._size,
            keys=self._keys,
            tenant=tenant,
            state=state,
            key_version=key_version,
        )

    def _write(self, sealed: bytes) -> None:
        self._file.write(sealed)
        self._digest.update(sealed)
        self._size += len(sealed)


async def open_part(store: Storage, part: Part, target: Path, *, house: UUID, recipient: Recipient) -> None:
    """Write what a part holds into a new file, checked; that is to be removed where it raises.

    Raise ``BackupRefused``, ``NotFound``.
    """
    if recipient.public not in part.keys:
        raise BackupRefused("the backup was not made for this recipient")
    key = recipient.open(part.keys[recipient.public], house=house, part=part.id)
    opener = BlobOpener(key=key, key_version=_KEY_VERSION, tenant=house, file=part.id)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        try:
            async for chunk in store.read(part.place):
                file.write(opener.update(chunk))
            file.write(opener.finish())
        except Tampered as err:
            raise BackupRefused(f"{part.place} was changed: {err}") from None
        file.flush()
        os.fsync(file.fileno())


async def check_part(store: Storage, part: Part) -> None:
    """Compare what is stored with the manifest, without any key. Raise ``BackupRefused``, ``NotFound``."""
    digest, size = sha256(), 0
    async for chunk in store.read(part.place):
        digest.update(chunk)
        size += len(chunk)
        if size > part.size:
            break
    if (digest.hexdigest(), size) != (part.sha256, part.size):
        raise BackupRefused(f"{part.place} is not what was written")


def unchanged(parts: Mapping[UUID, Part], tenant: UUID, state: str | None, recipients: Sequence[str]) -> Part | None:
    """Return the copy that still stands for a vault, if that is as it was and the recipients are the same."""
    former = parts.get(tenant)
    if former is None or state is None or former.state != state or set(former.keys) != set(recipients):
        return None
    return former
