"""Videos: what was rendered, watched, named and deleted. Called within the tenant's scope."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from core.api import InvalidInput, NotFound
from tenants.control import jobs
from tenants.control.failures import WrongState
from tenants.control.models.job import Job
from tenants.quotas import ledger
from tenants.quotas.metrics import Metric
from tenants.studio.projects import checked_tags
from tenants.studio.services import Studio
from tenants.vault.models.video import Video, VideoStatus
from tenants.vault.sqlite.access import ALIAS

_SHOWN = (
    "id", "project_id", "revision", "title", "tags", "status", "error", "job", "storage_key", "poster_key", "sha256",
    "media_type", "size", "duration_ms", "width", "height", "files", "created", "ended",
)  # fmt: skip
"""All columns but the timeline, which may be large."""
_CONTENT = (
    "project_id", "revision", "document", "files", "storage_backend", "storage_key", "poster_key", "sha256",
    "media_type", "size", "duration_ms", "width", "height", "job", "ended",
)  # fmt: skip
"""What makes up a video's content; the rest is what it is called and known by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoView:
    """A video. ``progress`` goes from 0 to 1 while it is rendered; ``files`` are those that lie beside it, by name."""

    id: UUID
    project: UUID | None
    revision: int | None
    title: str
    tags: Sequence[str]
    status: VideoStatus
    error: str | None
    job: UUID | None
    progress: float
    message: str
    key: str
    poster_key: str
    sha256: str
    media_type: str
    size: int | None
    duration_ms: int | None
    width: int | None
    height: int | None
    files: Mapping[str, Mapping[str, Any]]
    created: datetime
    ended: datetime | None

    @classmethod
    def of(cls, row: Video, job: Job | None) -> "VideoView":
        """Return the view of a row, with how its render stands."""
        return cls(
            id=row.id,
            project=row.project_id,
            revision=row.revision,
            title=row.title,
            tags=tuple(row.tags),
            status=row.status,
            error=row.error,
            job=row.job,
            progress=1.0 if row.status is VideoStatus.READY else job.progress if job else 0.0,
            message=job.message if job and row.status is VideoStatus.RENDERING else "",
            key=row.storage_key,
            poster_key=row.poster_key,
            sha256=row.sha256,
            media_type=row.media_type,
            size=row.size,
            duration_ms=row.duration_ms,
            width=row.width,
            height=row.height,
            files=row.files,
            created=row.created,
            ended=row.ended,
        )


async def show_video(video: UUID) -> VideoView:
    """Return a video; raise ``NotFound``."""
    return (await _standing([await _video(video)]))[0]


async def timeline_of(video: UUID) -> Mapping[str, Any]:
    """Return the timeline that a video was made of; raise ``NotFound``."""
    return (await _video(video)).document


async def list_videos(
    *, status: VideoStatus | None = None, project: UUID | None = None, tag: str | None = None, text: str = "",
    after: tuple[datetime, UUID] | None = None, most: int = 50,
) -> list[VideoView]:  # fmt: skip
    """Return videos, the newest first; ``after`` is when the last of the page before was asked for, and its id."""
    rows = Video.all().only(*_SHOWN)
    if status is not None:
        rows = rows.filter(status=status)
    if project is not None:
        rows = rows.filter(project_id=project)
    if tag is not None:
        rows = rows.filter(tags__contains=json.dumps(tag, ensure_ascii=False))
    if text:
        rows = rows.filter(title__icontains=text)
    if after is not None:
        rows = rows.filter(Q(created__lt=after[0]) | Q(created=after[0], id__lt=after[1]))
    return await _standing(await rows.order_by("-created", "-id").limit(most))


async def change_video(video: UUID, *, title: str | None = None, tags: list[str] | None = None) -> VideoView:
    """Change what a video is called; what is None stays. Raise ``NotFound``, ``InvalidInput``."""
    row = await _video(video)
    row.title = row.title if title is None else title
    row.tags = list(row.tags) if tags is None else checked_tags(tags)
    await row.save(update_fields=["title", "tags"])
    return await show_video(video)


async def delete_video(at: Studio, tenant: UUID, video: UUID, *, now: datetime) -> None:
    """Delete a video with its files; its render is cancelled if it goes on. Raise ``NotFound``.

    Killed in between, it is there until it is deleted again: its row goes last.
    """
    row = await _video(video)
    if row.job is not None:
        await jobs.cancel(row.job, now=now)
    for held in {video, *_contents(row)}:
        await _remove_content(at, tenant, held)
    await row.delete()


async def replace_video(at: Studio, tenant: UUID, video: UUID, by: UUID) -> VideoView:
    """Put the content of another video in this one's place, whose name, tags and links stay; the other's row goes.

    Killed in between, what was replaced may lie in storage until the video is deleted. Raise ``NotFound``,
    ``WrongState`` unless both are ready.
    """
    former, newer = await _video(video), await _video(by)
    if video == by:
        raise InvalidInput("a video does not replace itself", path="video")
    if former.status is not VideoStatus.READY or newer.status is not VideoStatus.READY:
        raise WrongState("only what is ready can be replaced, and by what is ready alone")
    replaced = _contents(former)
    async with in_transaction(ALIAS):
        taken = {name: getattr(newer, name) for name in _CONTENT}
        await newer.delete()
        await Video.filter(id=video).update(**taken)
    for held in replaced:
        await _remove_content(at, tenant, held)
    return await show_video(video)


def _contents(row: Video) -> set[UUID]:
    """Return under which videos' ids a video's files lie: its own, or that of the one that replaced it."""
    found = {each["key"].split("/")[-2] for each in row.files.values()}
    return {UUID(each) for each in found}


async def _remove_content(at: Studio, tenant: UUID, held: UUID) -> None:
    await at.holdings.remove(tenant, f"videos/{held}/")
    if (reserved := await ledger.held(tenant, Metric.STORAGE_BYTES, f"video:{held}")) is not None:
        await ledger.release(reserved)


async def _standing(rows: Sequence[Video]) -> list[VideoView]:
    """Return views, those that are under way with how they stand."""
    under_way = [row.job for row in rows if row.job and row.status in {VideoStatus.QUEUED, VideoStatus.RENDERING}]
    found = {job.id: job for job in await Job.filter(id__in=under_way)} if under_way else {}
    return [VideoView.of(row, found.get(row.job) if row.job else None) for row in rows]


async def _video(video: UUID) -> Video:
    row = await Video.get_or_none(id=video)
    if row is None:
        raise NotFound(f"there is no video {video}")
    return row
