"""``/shared``: what a link leads to, for people without an account."""

from datetime import UTC, datetime

from pydantic import BaseModel
from quart import Blueprint, Response

from core.api import NotFound
from tenants.studio.sharing import open_share
from webshell.api.endpoint import EVERYBODY, Rules, endpoint
from webshell.api.videos import ContentQuery, content_of, poster_of

shared = Blueprint("shared", __name__, url_prefix="/shared")


class SharedVideo(BaseModel):
    """A video as who was given a link sees it."""

    title: str
    duration_ms: int | None
    width: int | None
    height: int | None
    media_type: str
    url: str
    poster_url: str | None
    can_download: bool
    expires: datetime | None


_CONTENT = Rules(needs=EVERYBODY, gives={200: None, 206: None, 304: None}, problems=(404, 416), media="*/*")


@endpoint(shared, "/<token>", "GET", Rules(needs=EVERYBODY, gives={200: SharedVideo}, problems=(404,)))
async def show_shared(token: str) -> SharedVideo:
    """Show what a link leads to."""
    share, video = await open_share(token, now=datetime.now(UTC))
    at = f"/api/v1/shared/{token}"
    return SharedVideo(
        title=video.title,
        duration_ms=video.duration_ms,
        width=video.width,
        height=video.height,
        media_type=video.media_type,
        url=f"{at}/content",
        poster_url=f"{at}/poster" if video.poster_key else None,
        can_download=share.can_download,
        expires=share.expires,
    )


@endpoint(shared, "/<token>/content", "GET", _CONTENT, query=ContentQuery)
async def watch_shared(token: str, query: ContentQuery) -> Response:
    """Watch the video, in ranges as players ask for them, or download it where the link allows."""
    share, video = await open_share(token, now=datetime.now(UTC))
    if query.download and not share.can_download:
        raise NotFound("this link is for watching alone")
    return content_of(video, is_download=query.download)


@endpoint(shared, "/<token>/poster", "GET", _CONTENT)
async def show_shared_poster(token: str) -> Response:
    """Get the video's poster, a JPEG."""
    _, video = await open_share(token, now=datetime.now(UTC))
    return poster_of(video)
