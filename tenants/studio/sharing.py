"""Sharing: links by which people without an account watch a video, until they expire or are taken back.

A link's token names the tenant, so that no list of all links is needed, and a secret of 256 bits whose digest alone is
kept. Whatever is wrong with a token, the answer is the same.
"""

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from core.api import InvalidInput, NotFound, ReelhouseError
from tenants.control.models.tenant import Tenant, TenantState
from tenants.studio.videos import VideoView, show_video
from tenants.vault.models.share import Share
from tenants.vault.models.video import VideoStatus
from tenants.vault.scope import scope

_SECRET_BYTES = 32
_ID_BYTES = 16
MOST_LINKS = 100
"""How many links a video may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareView:
    """A link, without its token. ``expires`` is None where it holds until it is taken back."""

    id: UUID
    video: UUID
    can_download: bool
    author: UUID | None
    created: datetime
    expires: datetime | None

    @classmethod
    def of(cls, row: Share) -> "ShareView":
        """Return the view of a row."""
        return cls(
            id=row.id,
            video=row.video_id,
            can_download=row.can_download,
            author=row.author,
            created=row.created,
            expires=row.expires,
        )


async def share_video(
    tenant: UUID, video: UUID, *, expires: datetime | None, can_download: bool, author: UUID | None, now: datetime
) -> tuple[ShareView, str]:
    """Make a link to a video; return it with its token, which is told this once. Called within the tenant's scope.

    Raise ``NotFound``, ``InvalidInput``.
    """
    await show_video(video)
    if expires is not None and expires <= now:
        raise InvalidInput("must be a moment to come", path="expires")
    if await Share.filter(video_id=video).count() >= MOST_LINKS:
        raise InvalidInput(f"a video has at most {MOST_LINKS} links: take one back", path="video")
    secret = secrets.token_bytes(_SECRET_BYTES)
    row = await Share.create(
        id=uuid4(),
        video_id=video,
        digest=_digest(secret),
        can_download=can_download,
        author=author,
        created=now,
        expires=expires,
    )
    return ShareView.of(row), urlsafe_b64encode(tenant.bytes + secret).decode()


async def list_shares(video: UUID) -> Sequence[ShareView]:
    """Return a video's links, the newest first. Called within the tenant's scope. Raise ``NotFound``."""
    await show_video(video)
    return [ShareView.of(row) for row in await Share.filter(video_id=video).order_by("-created", "-id")]


async def take_back(video: UUID, share: UUID) -> None:
    """End a link. Called within the tenant's scope. Raise ``NotFound``."""
    if not await Share.filter(id=share, video_id=video).delete():
        raise NotFound(f"there is no link {share} to this video")


async def open_share(token: str, *, now: datetime) -> tuple[ShareView, VideoView]:
    """Return what a link leads to. Raise ``NotFound`` for any token that leads nowhere now."""
    nowhere = NotFound("there is no such link, or it is over")
    try:
        read = urlsafe_b64decode(token.encode("ascii"))
    except ValueError as err:
        raise nowhere from err
    if len(read) != _ID_BYTES + _SECRET_BYTES:
        raise nowhere
    tenant = UUID(bytes=read[:_ID_BYTES])
    if not await Tenant.exists(id=tenant, state=TenantState.ACTIVE):
        raise nowhere
    try:
        async with scope(tenant):
            row = await Share.get_or_none(digest=_digest(read[_ID_BYTES:]))
            if row is None or (row.expires is not None and row.expires <= now):
                raise nowhere
            video = await show_video(row.video_id)
    except ReelhouseError as err:
        raise nowhere from err
    if video.status is not VideoStatus.READY:
        raise nowhere
    return ShareView.of(row), video


def _digest(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()
