"""Holdings: a tenant's files in the house's storage. A row in the control plane names each before it is there.

So whatever is killed, nothing lies in the storage that no row knows: who begins anew puts it again, or removes it.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from core.api import Storage
from tenants.control.models.object import StoredObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A file that is held. ``size`` in bytes."""

    key: str
    sha256: str
    size: int
    media_type: str


def shown_by(files: Mapping[str, Held]) -> dict[str, dict[str, str | int]]:
    """Return what a row keeps of its files, by their names."""
    return {name: {"key": each.key, "size": each.size, "media_type": each.media_type} for name, each in files.items()}


class Holdings:
    """The files of all tenants in one store, ``backend`` its id. Each tenant's lie under the tenant's id."""

    def __init__(self, store: Storage, backend: str) -> None:
        self.backend = backend
        self._store = store

    async def put(self, tenant: UUID, name: str, source: Path, *, media_type: str, purpose: str, now: datetime) -> Held:
        """Store a file under a name of the tenant's; replace what was there. Raise what the store does."""
        key = f"{tenant}/{name}"
        size, sha256 = await asyncio.to_thread(_measured, source)
        row, is_new = await StoredObject.get_or_create(
            {"tenant_id": tenant, "sha256": sha256, "size": size, "purpose": purpose, "created": now},
            backend=self.backend,
            key=key,
        )
        if not is_new:
            await StoredObject.filter(id=row.id).update(sha256=sha256, size=size, purpose=purpose)
        await self._store.put(key, source, content_type=media_type)
        return Held(key=key, sha256=sha256, size=size, media_type=media_type)

    async def remove(self, tenant: UUID, prefix: str) -> int:
        """Remove a tenant's files whose names begin so; return how many. A second time there is nothing to remove."""
        rows = await StoredObject.filter(tenant_id=tenant, backend=self.backend, key__startswith=f"{tenant}/{prefix}")
        for row in rows:
            await self._store.delete(row.key)
            await StoredObject.filter(id=row.id).delete()
        return len(rows)

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield a file's bytes from ``start``, at most ``length`` of them. Raise what the store does."""
        return self._store.read(key, start=start, length=length)

    async def fetch(self, key: str, target: Path) -> None:
        """Copy a file to this machine, verified. Raise what the store does."""
        await self._store.fetch(key, target)

    async def close(self) -> None:
        """Close the store."""
        await self._store.close()


def _measured(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), sha256
