"""``/renders``: timelines that become videos."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint, request

from tenants.control.models.job import JobState
from tenants.control.roles import Permission
from tenants.jobs.requesting import JobView, cancel_job, list_jobs, show_job
from tenants.studio.requesting import RENDER, request_render, retry
from webshell.api.endpoint import Rules, endpoint
from webshell.api.listing import after_of, next_of
from webshell.api.pages import Page, PageQuery
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal, tenant
from webshell.shell import shell

renders = Blueprint("renders", __name__, url_prefix="/renders")


class Render(BaseModel, from_attributes=True):
    """A render. ``progress`` goes from 0 to 1; ``video`` is what it makes, there from the beginning."""

    id: UUID
    video: UUID
    state: JobState
    progress: float
    message: str
    error: str | None
    error_code: str
    attempts: int
    created: datetime
    started: datetime | None
    ended: datetime | None

    @classmethod
    def of(cls, view: JobView) -> Self:
        """Return what the API shows of a render job."""
        facts = {name: getattr(view, name) for name in cls.model_fields if name != "video"}
        return cls(**facts, video=view.payload["video"])


class RenderPage(Page[Render]):
    """Renders, the newest first."""


class RendersQuery(PageQuery):
    """Which renders."""

    state: JobState | None = None


class NewRender(BaseModel, extra="forbid"):
    """What to render: a project, its newest revision if none is named, or a timeline of its own."""

    project: UUID | None = None
    revision: Annotated[int | None, Field(ge=1)] = None
    timeline: dict[str, Any] | None = None
    title: Annotated[str, Field(max_length=300)] = ""
    priority: Annotated[int, Field(ge=-10, le=10, description="Among one's own renders; the higher goes first.")] = 0


@endpoint(renders, "", "GET", Rules(needs=Permission.READ, gives={200: RenderPage}), query=RendersQuery)
async def list_renders(query: RendersQuery) -> RenderPage:
    """List renders, the newest first."""
    states = [query.state] if query.state else []
    found = await list_jobs(tenant=tenant(), kind=RENDER, states=states, after=after_of(query), most=query.limit)
    return RenderPage(
        items=[Render.of(each) for each in found],
        next=next_of([(each.created, each.id) for each in found], query.limit),
    )


@endpoint(
    renders,
    "",
    "POST",
    Rules(needs=Permission.RENDER, rate=RateClass.WRITE, gives={202: Render}, problems=(402, 403, 404, 409, 413)),
    body=NewRender,
)
async def begin_render(data: NewRender) -> tuple[Render, dict[str, str]]:
    """Ask for a render. The same Idempotency-Key again gives the same render."""
    made = await request_render(
        shell().studio,
        tenant(),
        project=data.project,
        revision=data.revision,
        document=data.timeline,
        title=data.title,
        priority=data.priority,
        idempotency_key=request.headers.get("Idempotency-Key"),
        user=principal().user,
        actor=principal().actor,
        now=_now(),
    )
    shell().runner.wake()
    return Render.of(made), {"Location": f"/api/v1/renders/{made.id}"}


@endpoint(renders, "/<uuid:render_id>", "GET", Rules(needs=Permission.READ, gives={200: Render}, problems=(404,)))
async def show_render(render_id: UUID) -> Render:
    """Show how a render stands."""
    return Render.of(await show_job(render_id, tenant=tenant(), kind=RENDER))


@endpoint(
    renders,
    "/<uuid:render_id>/cancel",
    "POST",
    Rules(needs=Permission.RENDER, rate=RateClass.WRITE, gives={200: Render}, problems=(404, 409)),
)
async def cancel_render(render_id: UUID) -> Render:
    """End a render that goes on, or waits."""
    return Render.of(await cancel_job(render_id, tenant=tenant(), kind=RENDER, now=_now()))


@endpoint(
    renders,
    "/<uuid:render_id>/retry",
    "POST",
    Rules(needs=Permission.RENDER, rate=RateClass.WRITE, gives={202: Render}, problems=(402, 403, 404, 409, 413)),
)
async def retry_render(render_id: UUID) -> tuple[Render, dict[str, str]]:
    """Render anew what failed or was cancelled; what was finished of it is not made again."""
    made = await retry(shell().studio, tenant(), render_id, user=principal().user, actor=principal().actor, now=_now())
    shell().runner.wake()
    return Render.of(made), {"Location": f"/api/v1/renders/{made.id}"}


def _now() -> datetime:
    return datetime.now(UTC)
