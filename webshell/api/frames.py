"""``/frames``: a still of a timeline, for previews."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint, Response

from core.api import InvalidInput
from tenants.control.roles import Permission
from tenants.studio.projects import document_of
from tenants.studio.stills import draw_still
from tenants.vault.scope import scope
from webshell.api.endpoint import Rules, endpoint
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal, tenant
from webshell.shell import shell

frames = Blueprint("frames", __name__, url_prefix="/frames")


class FrameWanted(BaseModel, extra="forbid"):
    """Which frame of which timeline: of a project's revision, the newest if none is named, or of one of its own."""

    at: Annotated[float, Field(ge=0, le=24 * 3600, allow_inf_nan=False, description="Seconds.")]
    project: UUID | None = None
    revision: Annotated[int | None, Field(ge=1)] = None
    timeline: dict[str, Any] | None = None
    draft: Annotated[bool, Field(description="At most 360 pixels high.")] = True


@endpoint(
    frames,
    "",
    "POST",
    Rules(
        needs=Permission.READ,
        rate=RateClass.SEARCH,
        gives={200: None},
        problems=(402, 403, 404, 413, 502, 503),
        media="image/png",
    ),
    body=FrameWanted,
)
async def draw_frame(data: FrameWanted) -> Response:
    """Draw one frame of a timeline, a PNG. ``X-Frame-Number`` counts it from 0."""
    if (data.project is None) == (data.timeline is None):
        raise InvalidInput("name either a project or a timeline", path="project")
    document: Mapping[str, Any] = data.timeline or {}
    if data.project is not None:
        async with scope(tenant()):
            _, document = await document_of(data.project, data.revision)
    still = await draw_still(shell().studio, tenant(), document, data.at, is_draft=data.draft, actor=principal().actor)
    headers = {"X-Frame-Number": str(still.frame), "Cache-Control": "no-store"}
    return Response(still.png, 200, content_type="image/png", headers=headers)
