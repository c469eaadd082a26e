"""``/videos``: what was rendered: seen, watched, downloaded, named and deleted."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field
from quart import Blueprint, Response

from core.api import NotFound
from tenants.control.roles import Permission
from tenants.studio import sharing
from tenants.studio import videos as studio
from tenants.studio.videos import VideoView
from tenants.vault.models.video import VideoStatus
from webshell.api.content import File, answer_with
from webshell.api.endpoint import Rules, endpoint
from webshell.api.listing import after_of, next_of
from webshell.api.pages import Page, PageQuery
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal, tenant
from webshell.shell import shell

videos = Blueprint("videos", __name__, url_prefix="/videos")


class VideoFile(BaseModel):
    """A file of a video: itself, its poster, captions, storyboard and credits. ``size`` in bytes."""

    name: str
    size: int
    media_type: str
    url: str


class Video(BaseModel):
    """A video, and how its render stands. ``progress`` goes from 0 to 1; sizes in bytes and pixels."""

    id: UUID
    project: UUID | None
    revision: int | None
    title: str
    tags: list[str]
    status: VideoStatus
    error: str | None
    render: UUID | None
    progress: float
    message: str
    media_type: str
    size: int | None
    duration_ms: int | None
    width: int | None
    height: int | None
    url: str | None
    poster_url: str | None
    files: list[VideoFile]
    created: datetime
    ended: datetime | None

    @classmethod
    def of(cls, view: VideoView) -> Self:
        """Return what the API shows of a video."""
        at = f"/api/v1/videos/{view.id}"
        same = {"id", "project", "revision", "title", "status", "error", "progress", "message", "media_type", "size"}
        same |= {"duration_ms", "width", "height", "created", "ended"}
        return cls(
            **{name: getattr(view, name) for name in same},
            tags=list(view.tags),
            render=view.job,
            url=f"{at}/content" if view.status is VideoStatus.READY else None,
            poster_url=f"{at}/poster" if view.poster_key else None,
            files=[
                VideoFile(name=name, size=each["size"], media_type=each["media_type"], url=f"{at}/files/{name}")
                for name, each in view.files.items()
            ],
        )


class VideoPage(Page[Video]):
    """Videos, the newest first."""


class VideosQuery(PageQuery):
    """Which videos."""

    status: VideoStatus | None = None
    project: UUID | None = None
    tag: Annotated[str | None, Field(max_length=50)] = None
    q: Annotated[str, Field(max_length=100, description="A part of the title.")] = ""


class VideoChange(BaseModel, extra="forbid"):
    """What to change; what is not named stays."""

    title: Annotated[str | None, Field(min_length=1, max_length=300)] = None
    tags: Annotated[list[str] | None, Field(max_length=50)] = None


class ContentQuery(BaseModel, extra="forbid"):
    """Whether the file is to be saved."""

    download: bool = False


class VideoTimeline(BaseModel):
    """The timeline that a video was made of."""

    document: dict[str, Any]


_CONTENT = Rules(
    needs=Permission.READ, vault=True, gives={200: None, 206: None, 304: None}, problems=(404, 416), media="*/*"
)


@endpoint(videos, "", "GET", Rules(needs=Permission.READ, vault=True, gives={200: VideoPage}), query=VideosQuery)
async def list_videos(query: VideosQuery) -> VideoPage:
    """List videos, the newest first; those under way are among them."""
    found = await studio.list_videos(
        status=query.status,
        project=query.project,
        tag=query.tag,
        text=query.q,
        after=after_of(query),
        most=query.limit,
    )
    ends = [(each.created, each.id) for each in found]
    return VideoPage(items=[Video.of(each) for each in found], next=next_of(ends, query.limit))


@endpoint(
    videos, "/<uuid:video_id>", "GET", Rules(needs=Permission.READ, vault=True, gives={200: Video}, problems=(404,))
)
async def show_video(video_id: UUID) -> Video:
    """Show a video."""
    return Video.of(await studio.show_video(video_id))


@endpoint(
    videos,
    "/<uuid:video_id>/timeline",
    "GET",
    Rules(needs=Permission.READ, vault=True, gives={200: VideoTimeline}, problems=(404,)),
)
async def show_timeline(video_id: UUID) -> VideoTimeline:
    """Show the timeline that a video was made of: to go on from there."""
    return VideoTimeline(document=dict(await studio.timeline_of(video_id)))


@endpoint(
    videos,
    "/<uuid:video_id>",
    "PATCH",
    Rules(needs=Permission.RENDER, vault=True, rate=RateClass.WRITE, gives={200: Video}, problems=(404,)),
    body=VideoChange,
)
async def change_video(video_id: UUID, data: VideoChange) -> Video:
    """Rename or tag a video."""
    return Video.of(await studio.change_video(video_id, title=data.title, tags=data.tags))


@endpoint(
    videos,
    "/<uuid:video_id>",
    "DELETE",
    Rules(needs=Permission.RENDER, vault=True, rate=RateClass.WRITE, gives={204: None}, problems=(404,)),
)
async def delete_video(video_id: UUID) -> None:
    """Delete a video with its files; its render ends, if it goes on."""
    await studio.delete_video(shell().studio, tenant(), video_id, now=datetime.now(UTC))


@endpoint(videos, "/<uuid:video_id>/content", "GET", _CONTENT, query=ContentQuery)
async def watch_video(video_id: UUID, query: ContentQuery) -> Response:
    """Watch a video, in ranges as players ask for them, or download it."""
    return content_of(await studio.show_video(video_id), is_download=query.download)


@endpoint(videos, "/<uuid:video_id>/poster", "GET", _CONTENT)
async def show_poster(video_id: UUID) -> Response:
    """Get a video's poster, a JPEG."""
    return poster_of(await studio.show_video(video_id))


@endpoint(videos, "/<uuid:video_id>/files/<name>", "GET", _CONTENT, query=ContentQuery)
async def show_file(video_id: UUID, name: str, query: ContentQuery) -> Response:
    """Get one of the files that belong to a video."""
    return _file(await studio.show_video(video_id), name, saved_as=name if query.download else "")


class NewShare(BaseModel, extra="forbid"):
    """A link to make."""

    expires: AwareDatetime | None = None
    can_download: bool = False


class Share(BaseModel, from_attributes=True):
    """A link to a video, without what makes it work."""

    id: UUID
    video: UUID
    can_download: bool
    author: UUID | None
    created: datetime
    expires: datetime | None


class MadeShare(Share):
    """A link that was just made: ``token`` and ``url`` are told this once."""

    token: str
    url: str


class Shares(BaseModel):
    """All links to a video."""

    items: list[Share]


class Replacement(BaseModel, extra="forbid"):
    """The video whose content takes the place."""

    video: UUID


@endpoint(
    videos,
    "/<uuid:video_id>/replace",
    "POST",
    Rules(needs=Permission.RENDER, vault=True, rate=RateClass.WRITE, gives={200: Video}, problems=(404, 409)),
    body=Replacement,
)
async def replace_video(video_id: UUID, data: Replacement) -> Video:
    """Put another video's content in this one's place: its links, its name and tags stay, the other one is gone."""
    return Video.of(await studio.replace_video(shell().studio, tenant(), video_id, data.video))


@endpoint(
    videos,
    "/<uuid:video_id>/shares",
    "GET",
    Rules(needs=Permission.READ, vault=True, gives={200: Shares}, problems=(404,)),
)
async def list_shares(video_id: UUID) -> Shares:
    """List the links to a video."""
    return Shares(items=[Share.model_validate(each) for each in await sharing.list_shares(video_id)])


@endpoint(
    videos,
    "/<uuid:video_id>/shares",
    "POST",
    Rules(needs=Permission.RENDER, vault=True, rate=RateClass.WRITE, gives={201: MadeShare}, problems=(404,)),
    body=NewShare,
)
async def share_video(video_id: UUID, data: NewShare) -> MadeShare:
    """Make a link by which people without an account watch a video."""
    made, token = await sharing.share_video(
        tenant(),
        video_id,
        expires=data.expires,
        can_download=data.can_download,
        author=principal().user,
        now=datetime.now(UTC),
    )
    facts = Share.model_validate(made).model_dump()
    return MadeShare(**facts, token=token, url=f"/api/v1/shared/{token}")


@endpoint(
    videos,
    "/<uuid:video_id>/shares/<uuid:share_id>",
    "DELETE",
    Rules(needs=Permission.RENDER, vault=True, rate=RateClass.WRITE, gives={204: None}, problems=(404,)),
)
async def take_back_share(video_id: UUID, share_id: UUID) -> None:
    """End a link."""
    await sharing.take_back(video_id, share_id)


def content_of(view: VideoView, *, is_download: bool) -> Response:
    """Answer with a video, or the range of it that is asked for."""
    return _file(view, _name_of(view.key), saved_as=_saved_as(view) if is_download else "")


def poster_of(view: VideoView) -> Response:
    """Answer with a video's poster."""
    return _file(view, _name_of(view.poster_key), saved_as="")


def _file(view: VideoView, name: str, *, saved_as: str) -> Response:
    found = view.files.get(name)
    if found is None:
        raise NotFound(f"video {view.id} has no file {name!r}" if name else f"video {view.id} is not ready")
    file = File(
        key=found["key"],
        size=found["size"],
        media_type=found["media_type"],
        etag=f"{view.sha256[:32]}-{name}",
        name=saved_as,
    )
    return answer_with(shell().studio.holdings, file)


def _saved_as(view: VideoView) -> str:
    suffix = view.key.rpartition(".")[2]
    return f"{re.sub(r'[^\w .-]+', '_', view.title).strip(' .') or 'video'}.{suffix}"


def _name_of(key: str) -> str:
    return key.rpartition("/")[2]
