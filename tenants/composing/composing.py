"""Composing: the job that makes a timeline of a request, as the first real revision of a project."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from core.api import InvalidInput, NotFound
from core.host.kinds import Kind
from tenants.composing.composer import Composer
from tenants.composing.finding import providers_to_ask
from tenants.composing.request import ComposeRequest
from tenants.composing.scripts import scenes_of
from tenants.composing.templates import fill_template
from tenants.control.failures import Taken
from tenants.control.jobs import enqueue
from tenants.jobs.kinds import JobKind, Running
from tenants.jobs.requesting import JobView, find_request, show_job, tell
from tenants.plugin_sets.view import TenantPlugins
from tenants.quotas.entitlements import entitlement_of
from tenants.studio.projects import create_project, delete_project, save_project, show_project
from tenants.studio.requesting import check_for
from tenants.studio.services import Studio
from tenants.studio.working import work_folder
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope

COMPOSE = "compose"


class ComposePayload(BaseModel, frozen=True):
    """What a job is told; what was asked for lies in the tenant's vault."""

    project: UUID


def compose_kind(at: Studio) -> JobKind[ComposePayload]:
    """Return the kind of job that composes."""
    return JobKind(name=COMPOSE, payload=ComposePayload, do=partial(_compose, at), ended=_give_up)


async def request_compose(
    at: Studio, tenant: UUID, asked: ComposeRequest, *, idempotency_key: str | None, user: UUID | None, actor: str,
    now: datetime,
) -> JobView:  # fmt: skip
    """Ask for a timeline; its project is there at once, empty. The same ``idempotency_key`` gives the same.

    Raise ``InvalidInput`` for what names a provider that is not there, ``NotFound`` for a template, ``AccessLapsed``.
    """
    if (known := await find_request(COMPOSE, idempotency_key, tenant=tenant)) is not None:
        return known
    (await entitlement_of(tenant, now=now)).require_full()
    async with await at.plugin_sets.view(tenant, actor=actor) as view:
        await asyncio.to_thread(_check, view, asked)
    async with scope(tenant):
        if asked.template is not None:
            await fill_template(asked.template, asked.fields)
        elif not asked.topic and not scenes_of(asked.script):
            raise InvalidInput("has no words", path="script")
        project = await create_project(_title_of(asked), {}, author=user, now=now, note="to be composed")
        await Setting.create(name=_kept_as(project.id), value=asked.model_dump(mode="json"))
        payload = ComposePayload(project=project.id).model_dump(mode="json")
        try:
            job = await enqueue(
                COMPOSE, payload, tenant=tenant, now=now, idempotency_key=idempotency_key, created_by=user
            )
        except Taken:  # asked for twice at once: the other one is it
            await _forget(project.id)
            found = await find_request(COMPOSE, idempotency_key, tenant=tenant)
            if found is None:
                raise
            return found
    await tell(job.id, now=now)
    return await show_job(job.id, tenant=tenant, kind=COMPOSE)


def _check(view: TenantPlugins, asked: ComposeRequest) -> None:
    providers_to_ask(view, asked.pictures)
    there = view.catalogue(kinds=[Kind.ASSET_PROVIDERS]).providers
    for path, named in (("speaker", asked.speaker), ("writer", asked.writer)):
        if named and named not in there and asked.template is None:
            raise InvalidInput(f'"{named}" is no provider here', path=path)


async def _compose(at: Studio, running: Running[ComposePayload]) -> Mapping[str, Any]:
    """Compose a timeline; begun again after a kill, it ends the same."""
    tenant, project_id = running.tenant, running.payload.project
    async with scope(tenant):
        project = await show_project(project_id)
        stored = await Setting.get_or_none(name=_kept_as(project_id))
        if project.revision > 1 or stored is None:
            return {"project": str(project_id), "notes": []}
        asked = ComposeRequest.model_validate(stored.value)
        document = {} if asked.template is None else await fill_template(asked.template, asked.fields)
    actor = f"job:{running.job}"
    notes: list[str] = []
    if asked.template is None:
        with work_folder(at, tenant, running.job) as folder:
            async with await at.plugin_sets.view(tenant, actor=actor) as view:
                composer = Composer(
                    at=at, running=running, asked=asked, title=project.name, view=view, folder=folder, notes=notes
                )
                document = await composer.compose()
    running.progress(0.97, "checking")
    await check_for(at, tenant, document, actor=actor)
    async with scope(tenant):
        await save_project(project_id, document, expected=1, author=None, now=at.clock(), note="composed")
        await Setting.filter(name=_kept_as(project_id)).delete()
    return {"project": str(project_id), "notes": notes}


async def _give_up(tenant: UUID, _job: UUID, payload: ComposePayload, _state: str) -> None:
    """Remove the project of a request that failed or was cancelled for good, unless somebody wrote into it."""
    async with scope(tenant):
        await _forget(payload.project)


async def _forget(project: UUID) -> None:
    await Setting.filter(name=_kept_as(project)).delete()
    try:
        if (await show_project(project)).revision == 1:
            await delete_project(project)
    except NotFound:
        return


def _title_of(asked: ComposeRequest) -> str:
    words = " ".join((asked.title or asked.topic or asked.script or "Composed").split())
    return words if len(words) <= 60 else f"{words[:59]}…"


def _kept_as(project: UUID) -> str:
    return f"compose:{project}"
