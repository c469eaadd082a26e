"""``/compose``: a script, a topic or a template becomes a timeline."""

from datetime import UTC, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel
from quart import Blueprint, request

from tenants.composing.composing import COMPOSE, request_compose
from tenants.composing.request import ComposeRequest
from tenants.control.models.job import JobState
from tenants.control.roles import Permission
from tenants.jobs.requesting import JobView, cancel_job, show_job
from webshell.api.endpoint import Rules, endpoint
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal, tenant
from webshell.shell import shell

compose = Blueprint("compose", __name__, url_prefix="/compose")


class Composition(BaseModel):
    """A timeline that is composed. ``project`` holds it once it is done; ``notes`` say what was not to be had."""

    id: UUID
    project: UUID
    state: JobState
    progress: float
    message: str
    notes: list[str]
    error: str | None
    error_code: str
    created: datetime
    started: datetime | None
    ended: datetime | None

    @classmethod
    def of(cls, view: JobView) -> Self:
        """Return what the API shows of the job."""
        facts = {name: getattr(view, name) for name in cls.model_fields if name not in ("project", "notes")}
        return cls(**facts, project=view.payload["project"], notes=(view.result or {}).get("notes", []))


@endpoint(
    compose,
    "",
    "POST",
    Rules(
        needs=Permission.PROJECTS, rate=RateClass.WRITE, gives={202: Composition}, problems=(402, 403, 404, 409, 413)
    ),
    body=ComposeRequest,
)
async def begin_composing(data: ComposeRequest) -> tuple[Composition, dict[str, str]]:
    """Ask for a timeline. The same Idempotency-Key again gives the same one."""
    made = await request_compose(
        shell().studio,
        tenant(),
        data,
        idempotency_key=request.headers.get("Idempotency-Key"),
        user=principal().user,
        actor=principal().actor,
        now=_now(),
    )
    shell().runner.wake()
    return Composition.of(made), {"Location": f"/api/v1/compose/{made.id}"}


@endpoint(
    compose, "/<uuid:composition_id>", "GET", Rules(needs=Permission.READ, gives={200: Composition}, problems=(404,))
)
async def show_composition(composition_id: UUID) -> Composition:
    """Show how a timeline that is composed stands."""
    return Composition.of(await show_job(composition_id, tenant=tenant(), kind=COMPOSE))


@endpoint(
    compose,
    "/<uuid:composition_id>/cancel",
    "POST",
    Rules(needs=Permission.PROJECTS, rate=RateClass.WRITE, gives={200: Composition}, problems=(404, 409)),
)
async def cancel_composition(composition_id: UUID) -> Composition:
    """End composing; the empty project goes."""
    return Composition.of(await cancel_job(composition_id, tenant=tenant(), kind=COMPOSE, now=_now()))


def _now() -> datetime:
    return datetime.now(UTC)
