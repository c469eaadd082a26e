"""Uploads: files that come in parts, resumed after whatever breaks off."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from core.api import InvalidInput
from tenants.house.duties import Duty
from tenants.library.failures import TooLarge, UploadGone
from tenants.library.staging import Checksum, Staging
from tenants.quotas.ledger import held, prolong, release, reserve
from tenants.quotas.metrics import Metric
from tenants.vault.models.upload import Upload
from tenants.vault.scope import scope

LASTS = timedelta(hours=24)
"""How long an upload is waited for after its last part."""
LARGEST = 64 * 2**30
"""Bytes an upload may have at most."""
LONGEST_NAME = 300
_MOST = 1000
"""Uploads a tenant may have under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadView:
    """An upload, and how much of it has come, in bytes."""

    id: UUID
    filename: str
    media_type: str
    folder: str
    size: int
    offset: int
    expires: datetime

    @property
    def is_whole(self) -> bool:
        """True when all has come."""
        return self.offset == self.size


class Uploads:
    """The uploads of a house's tenants. The vault is entered for moments: a part may be hours in coming."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging

    async def create(
        self,
        tenant: UUID,
        size: int,
        filename: str,
        *,
        now: datetime,
        media_type: str = "",
        folder: str = "",
        user: UUID | None = None,
    ) -> UploadView:
        """Begin an upload and set its room aside.

        Raise ``InvalidInput``, ``TooLarge``, ``QuotaExceeded``, ``AccessLapsed``; nothing is begun then.
        """
        name = filename.strip().replace("\\", "/").rpartition("/")[2]
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise InvalidInput(f"must be a name of 1 to {LONGEST_NAME} printable characters", path="filename")
        if size < 0:
            raise InvalidInput("must not be negative", path="size")
        if size > LARGEST:
            raise TooLarge(f"a file may have {LARGEST} bytes at most")
        async with scope(tenant):
            await self._drop_expired(tenant, now=now)
            if await Upload.all().count() >= _MOST:
                raise InvalidInput(f"{_MOST} uploads are under way: finish or give up some of them", path="size")
            upload = Upload(
                id=uuid4(),
                filename=name,
                media_type=media_type[:100],
                folder=folder,
                size=size,
                user=user,
                created=now,
                expires=now + LASTS,
            )
            if size:
                reference = _reference(upload.id)
                await reserve(tenant, Metric.STORAGE_BYTES, size, reference=reference, now=now, expires=upload.expires)
            self._staging.make(tenant, upload.id)
            await upload.save(force_create=True)
        return _view(upload, 0)

    async def show(self, tenant: UUID, upload_id: UUID, *, now: datetime) -> UploadView:
        """Return an upload and how much has come; raise ``UploadGone``."""
        async with scope(tenant):
            upload = await Upload.get_or_none(id=upload_id, expires__gt=now)
        offset = None if upload is None else self._staging.offset(tenant, upload_id)
        if upload is None or offset is None:
            raise UploadGone("there is no such upload")
        return _view(upload, offset)

    async def append(
        self,
        tenant: UUID,
        upload_id: UUID,
        parts: AsyncIterator[bytes],
        *,
        offset: int,
        now: datetime,
        checksum: Checksum | None = None,
    ) -> UploadView:
        """Append a part that begins at ``offset``, and return the upload then.

        Raise ``UploadGone``, and what ``Staging.append`` does.
        """
        view = await self.show(tenant, upload_id, now=now)
        try:
            await self._staging.append(tenant, upload_id, parts, offset=offset, size=view.size, checksum=checksum)
        except FileNotFoundError:
            raise UploadGone("there is no such upload") from None
        expires = now + LASTS
        async with scope(tenant):
            await Upload.filter(id=upload_id).update(expires=expires)
        if (room := await held(tenant, Metric.STORAGE_BYTES, _reference(upload_id))) is not None:
            await prolong(room, expires=expires)
        return await self.show(tenant, upload_id, now=now)

    async def give_up(self, tenant: UUID, upload_id: UUID, *, now: datetime) -> None:
        """Forget an upload and what has come of it; raise ``UploadGone``."""
        await self.show(tenant, upload_id, now=now)
        async with scope(tenant):
            await self._forget(tenant, upload_id)

    async def _drop_expired(self, tenant: UUID, *, now: datetime) -> None:
        for upload in await Upload.filter(expires__lte=now):
            await self._forget(tenant, upload.id)

    async def _forget(self, tenant: UUID, upload_id: UUID) -> None:
        await Upload.filter(id=upload_id).delete()
        self._staging.remove(tenant, upload_id)
        if (room := await held(tenant, Metric.STORAGE_BYTES, _reference(upload_id))) is not None:
            await release(room)


def sweeping(staging: Staging) -> Duty:
    """Return the duty that removes the files of uploads that were waited for long enough."""

    async def sweep(now: datetime) -> None:
        await asyncio.to_thread(staging.sweep, now - LASTS)

    return Duty(name="drop uploads that were given up", every=timedelta(hours=1), do=sweep)


def _reference(upload: UUID) -> str:
    return f"upload:{upload}"


def _view(upload: Upload, offset: int) -> UploadView:
    return UploadView(
        id=upload.id,
        filename=upload.filename,
        media_type=upload.media_type,
        folder=upload.folder,
        size=upload.size,
        offset=offset,
        expires=upload.expires,
    )
