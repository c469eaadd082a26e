"""``/admin/videos``: what of all workspaces lies in storage. Names and timelines are the workspaces' own."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from quart import Blueprint

from tenants.control.models.object import StoredObject
from tenants.control.roles import HousePermission
from webshell.api.endpoint import Rules, endpoint
from webshell.api.pages import Page, PageQuery, cursor_of

admin_videos = Blueprint("admin_videos", __name__, url_prefix="/admin/videos")
_PURPOSE = "video"


class StoredVideo(BaseModel):
    """A video as storage knows it. ``size`` in bytes, with its poster, captions and the like."""

    id: UUID
    tenant: UUID
    backend: str
    size: int
    files: int
    created: datetime


class StoredVideoPage(Page[StoredVideo]):
    """Videos in storage, by their workspaces."""


class StoredVideosQuery(PageQuery):
    """Which videos."""

    tenant: UUID | None = None


@endpoint(
    admin_videos,
    "",
    "GET",
    Rules(needs=HousePermission.READ_TENANTS, gives={200: StoredVideoPage}),
    query=StoredVideosQuery,
)
async def list_stored_videos(query: StoredVideosQuery) -> StoredVideoPage:
    """List the videos that lie in storage, by workspace."""
    rows = StoredObject.filter(purpose=_PURPOSE, key__gt=query.after or "")
    if query.tenant is not None:
        rows = rows.filter(tenant_id=query.tenant)
    found: defaultdict[str, list[StoredObject]] = defaultdict(list)
    # Keys are TENANT/videos/VIDEO/NAME: in their order a video's files lie together.
    async for row in rows.order_by("key"):
        folder = row.key.rpartition("/")[0]
        if folder not in found and len(found) == query.limit:
            break
        found[folder].append(row)
    items = [_video(folder, files) for folder, files in found.items()]
    is_full = len(items) == query.limit
    # "0" comes right after "/": the next page begins behind the last one's files.
    return StoredVideoPage(items=items, next=cursor_of(f"{list(found)[-1]}0") if is_full else None)


def _video(folder: str, files: list[StoredObject]) -> StoredVideo:
    return StoredVideo(
        id=UUID(folder.rpartition("/")[2]),
        tenant=files[0].tenant_id,
        backend=files[0].backend,
        size=sum(each.size for each in files),
        files=len(files),
        created=min(each.created for each in files),
    )
