"""Requesting renders: a timeline becomes a video that waits for its render. What can't be rendered is refused here."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel

from core.api import InvalidInput, NotFound
from core.host.plugins import Plugins
from core.render.gather import FILE, LIBRARY
from core.render.preparing import read_checked
from core.timeline.complaints import Complaint, InvalidTimeline
from core.timeline.document import Timeline
from core.timeline.references import referenced_media
from tenants.control.failures import Taken, WrongState
from tenants.control.jobs import enqueue
from tenants.control.models.job import JobState
from tenants.jobs.requesting import JobView, find_request, show_job, tell
from tenants.library.assets import find_assets
from tenants.quotas.entitlements import entitlement_of
from tenants.studio.projects import check_document, document_of, show_project
from tenants.studio.services import Studio
from tenants.vault.models.video import Video
from tenants.vault.scope import scope

RENDER = "render"
_LONGEST_KEY = 200


class RenderPayload(BaseModel, frozen=True):
    """What a render job is told. The timeline itself lies in the tenant's vault, with the video."""

    video: UUID


async def request_render(
    at: Studio,
    tenant: UUID,
    *,
    project: UUID | None = None,
    revision: int | None = None,
    document: Mapping[str, Any] | None = None,
    title: str = "",
    priority: int = 0,
    idempotency_key: str | None = None,
    user: UUID | None,
    actor: str,
    now: datetime,
) -> JobView:
    """Ask for the render of a project's revision, the newest if none is named, or of a timeline of its own.

    The same ``idempotency_key`` again gives the same render. Raise ``InvalidTimeline`` with every complaint,
    ``NotFound``, ``InvalidInput``, ``PictureTooLarge``, ``AccessLapsed``; nothing is asked for then.
    """
    if idempotency_key is not None and not 0 < len(idempotency_key) <= _LONGEST_KEY:
        raise InvalidInput(f"must have 1 to {_LONGEST_KEY} characters", path="Idempotency-Key")
    if (known := await find_request(RENDER, idempotency_key, tenant=tenant)) is not None:
        return known
    if (project is None) == (document is None):
        raise InvalidInput("name either a project or a timeline", path="project")
    async with scope(tenant):
        if project is not None:
            revision, document = await document_of(project, revision)
            title = title or (await show_project(project)).name
        document = dict(document or {})
        check_document(document)
        timeline = await check_for(at, tenant, document, actor=actor)
        entitlement = await entitlement_of(tenant, now=now)
        entitlement.require_full()
        entitlement.limits.check_picture(timeline.output.width, timeline.output.height)
        video = Video(
            id=uuid4(), project_id=project, revision=revision, title=(title or timeline.name or "Untitled")[:300],
            document=document, created=now,
        )  # fmt: skip
        await video.save(force_create=True)
        try:
            job = await enqueue(
                RENDER,
                RenderPayload(video=video.id).model_dump(mode="json"),
                tenant=tenant,
                now=now,
                priority=priority,
                idempotency_key=idempotency_key,
                created_by=user,
            )
        except Taken:  # asked for twice at once: the other one is it
            await video.delete()
            found = await find_request(RENDER, idempotency_key, tenant=tenant)
            if found is None:
                raise
            return found
        await Video.filter(id=video.id).update(job=job.id)
    await tell(job.id, now=now)
    return await show_job(job.id, tenant=tenant, kind=RENDER)


async def retry(at: Studio, tenant: UUID, render: UUID, *, user: UUID | None, actor: str, now: datetime) -> JobView:
    """Ask once more for a render that failed or was cancelled, as a new job and a new video; the old video's row goes.

    Twice is as once. Raise ``NotFound``, ``WrongState`` for one that has not ended so; what ``request_render`` does.
    """
    job = await show_job(render, tenant=tenant, kind=RENDER)
    if job.state not in {JobState.FAILED, JobState.CANCELLED}:
        raise WrongState("only a render that failed or was cancelled is tried again")
    key = f"retry:{render}"
    if (known := await find_request(RENDER, key, tenant=tenant)) is not None:
        return known
    async with scope(tenant):
        former = await Video.get_or_none(id=RenderPayload.model_validate(dict(job.payload)).video)
        if former is None:
            raise NotFound("its video was deleted")
        asked = await request_render(
            at, tenant, document=former.document, title=former.title, idempotency_key=key, user=user, actor=actor,
            now=now,
        )  # fmt: skip
        again = RenderPayload.model_validate(dict(asked.payload)).video
        await Video.filter(id=again).update(project_id=former.project_id, revision=former.revision, tags=former.tags)
        await former.delete()
    return asked


async def check_for(at: Studio, tenant: UUID, document: Mapping[str, Any], *, actor: str) -> Timeline:
    """Return a document as a timeline that this tenant can render. Raise ``InvalidTimeline`` with every complaint."""
    text = json.dumps(document)
    async with await at.plugin_sets.view(tenant, actor=actor) as view:
        timeline, references = await asyncio.to_thread(_read, text, view)
    wanted = {path: src.removeprefix(LIBRARY) for path, src in references.items() if src.startswith(LIBRARY)}
    async with scope(tenant):
        there = {str(each.id) for each in await find_assets({id_ for id_ in map(as_id, wanted.values()) if id_})}
    missing = [
        Complaint(path=path, message=f'"{LIBRARY}{name}" is not in the library', code="not_found")
        for path, name in wanted.items()
        if name not in there
    ]
    local = [
        Complaint(path=path, message="files are named at the command line alone: use asset:", code="invalid_input")
        for path, src in references.items()
        if src.startswith(FILE)
    ]
    if missing or local:
        raise InvalidTimeline((*missing, *local))
    return timeline


def as_id(name: str) -> UUID | None:
    """Return the id that an ``asset:`` name is; None for what is none."""
    try:
        return UUID(name)
    except ValueError:
        return None


def _read(text: str, view: Plugins) -> tuple[Timeline, dict[str, str]]:
    timeline, catalogue = read_checked(text, view)
    return timeline, {each.path: each.src for each in referenced_media(timeline, catalogue)}
