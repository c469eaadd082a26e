"""Rendering: the job that makes a video of a timeline, and puts it into storage, once, whatever is killed meanwhile."""

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any
from uuid import UUID

from core.api import FetchedAsset, NotFound
from core.host.plugins import Plugins
from core.render.events import Planned, Progressed, RenderEvent, StageStarted
from core.render.job import RenderJob, render_and_tell
from core.render.opening import open_workshop
from core.render.report import RenderReport
from core.timeline.plan import Plan
from tenants.control.events import publish
from tenants.control.models.job import Job
from tenants.jobs.kinds import JobKind, Running
from tenants.library.holdings import Held, shown_by
from tenants.quotas import ledger
from tenants.quotas.alerts import alert
from tenants.quotas.entitlements import entitlement_of
from tenants.quotas.metering import meter
from tenants.quotas.metrics import Metric
from tenants.studio.preparing import bring_library, prepare_for
from tenants.studio.requesting import RENDER, RenderPayload
from tenants.studio.services import Studio
from tenants.studio.storing import store_files
from tenants.studio.working import in_thread, work_folder
from tenants.vault.models.notification import Level, Notification
from tenants.vault.models.video import Video, VideoStatus
from tenants.vault.scope import scope
from tenants.webhooks.delivering import announce
from tenants.webhooks.keeping import HookEvent

_RESERVED = timedelta(hours=12)
"""How long render time is set aside: longer than any render."""
STEM = "video"


def render_kind(at: Studio) -> JobKind[RenderPayload]:
    """Return the kind of job that renders."""
    return JobKind(
        name=RENDER,
        payload=RenderPayload,
        do=partial(render_video, at),
        ended=partial(_give_up, at),
        most=partial(_most, at),
    )


async def render_video(at: Studio, running: Running[RenderPayload]) -> Mapping[str, Any]:
    """Render a video, store its files, and make it ready. Begun again after a kill, it takes up what was finished."""
    tenant, video_id = running.tenant, running.payload.video
    async with scope(tenant):
        video = await Video.get_or_none(id=video_id)
        if video is None:
            raise NotFound("the video was deleted")
        if video.status is VideoStatus.READY:
            await _announce(tenant, running.job, HookEvent.VIDEO_READY, video, at.clock())
            return _result(video)
        await Video.filter(id=video_id).update(status=VideoStatus.RENDERING, job=running.job)
    actor = f"job:{running.job}"
    with work_folder(at, tenant, running.job) as folder:
        async with await at.plugin_sets.view(tenant, actor=actor) as view:
            text = json.dumps(video.document)
            library = await bring_library(at, tenant, text, view, folder)
            work = partial(_render, at, tenant, text, view, library, folder, running)
            report = await in_thread(work)
        seconds = ceil(report.duration)
        reserved = await ledger.reserve(
            tenant, Metric.RENDER_SECONDS, seconds, reference=f"render:{running.job}", now=at.clock(),
            expires=at.clock() + _RESERVED,
        )  # fmt: skip
        running.progress(1.0, "storing")
        files = await store_files(at, tenant, f"videos/{video_id}", map(Path, report.files), purpose="video")
    size = sum(each.size for each in files.values())
    stored = await ledger.charge(tenant, Metric.STORAGE_BYTES, size, reference=f"video:{video_id}", now=at.clock())
    rendered = await ledger.settle(reserved, seconds, now=at.clock())
    for metric, told in ((Metric.STORAGE_BYTES, stored), (Metric.RENDER_SECONDS, rendered)):
        await alert(tenant, metric, used=told.used, limit=told.limit, now=at.clock())
    async with scope(tenant):
        await _publish(tenant, video_id, running.job, files, report, seconds, at)
        return _result(await Video.get(id=video_id))


def _render(
    at: Studio,
    tenant: UUID,
    text: str,
    view: Plugins,
    library: Mapping[str, FetchedAsset],
    folder: Path,
    running: Running[RenderPayload],
    stop: threading.Event,
) -> RenderReport:
    with open_workshop(at.home, owner=str(tenant)) as workshop:
        tell = partial(_tell, running)
        prepared = prepare_for(at, tenant, text, workshop, view, library, folder, stop, on_event=tell)
        plan = _shown_in_house(prepared.plan)
        job = RenderJob(
            plan=plan,
            output=folder / "made" / f"{STEM}{plan.output.extension}",
            materials=prepared.materials,
            assets=prepared.assets,
        )
        return render_and_tell(job, workshop, view, tell, cancelled=stop)


def _shown_in_house(plan: Plan) -> Plan:
    """Return a plan with what the house shows every video by: a poster, a storyboard, a waveform."""
    poster_at = plan.duration / 3 if plan.output.poster_at is None else plan.output.poster_at
    return replace(plan, output=replace(plan.output, poster_at=poster_at, storyboard=True, waveform=True))


def _tell(running: Running[RenderPayload], event: RenderEvent) -> None:
    match event:
        case StageStarted(stage=stage):
            running.progress(0.0 if stage == "gathering" else 0.95, stage.value)
        case Planned():
            running.progress(0.02, "rendering")
        case Progressed(done=done, frames=frames):
            running.progress(0.02 + 0.9 * done / max(1, frames), "rendering")


async def _publish(
    tenant: UUID, video: UUID, job: UUID, files: Mapping[str, Held], report: RenderReport, seconds: int, at: Studio
) -> None:
    """Make a video ready and tell of it. Called within the tenant's scope."""
    now = at.clock()
    main = files[Path(report.output).name]
    poster = next((each.key for name, each in files.items() if "poster" in name), "")
    published = await Video.filter(id=video, status=VideoStatus.RENDERING).update(
        status=VideoStatus.READY,
        storage_backend=at.holdings.backend,
        storage_key=main.key,
        poster_key=poster,
        sha256=main.sha256,
        media_type=main.media_type,
        size=main.size,
        duration_ms=round(report.duration * 1000),
        width=report.width,
        height=report.height,
        files=shown_by(files),
        ended=now,
        error=None,
    )
    if not published:
        raise NotFound("the video was deleted")
    row = await Video.get(id=video)
    await meter(Metric.RENDER_SECONDS, seconds, reference=f"render:{job}", at=now, project=row.project_id, video=video)
    await _announce(tenant, job, HookEvent.VIDEO_READY, row, now)


async def _give_up(at: Studio, tenant: UUID, job: UUID, payload: RenderPayload, state: str) -> None:
    """Clear up after a render that failed or was cancelled for good; a second time nothing changes."""
    row = await Job.get(id=job)
    for metric in (Metric.RENDER_SECONDS, Metric.STORAGE_BYTES):
        reference = f"render:{job}" if metric is Metric.RENDER_SECONDS else f"video:{payload.video}"
        if (reserved := await ledger.held(tenant, metric, reference)) is not None:
            await ledger.release(reserved)
    await at.holdings.remove(tenant, f"videos/{payload.video}/")
    async with scope(tenant):
        unfinished = Video.filter(id=payload.video, status__in=[VideoStatus.QUEUED, VideoStatus.RENDERING])
        if await unfinished.update(status=VideoStatus(state), error=row.error, ended=at.clock()) and state == "failed":
            await _announce(tenant, job, HookEvent.VIDEO_FAILED, await Video.get(id=payload.video), at.clock())


async def _announce(tenant: UUID, job: UUID, event: HookEvent, video: Video, now: datetime) -> None:
    """Tell of a video: in the tenant's notifications, to its open tabs and its webhooks. Twice is as once.

    Called within the tenant's scope.
    """
    facts = {
        "video": str(video.id),
        "project": str(video.project_id) if video.project_id else None,
        "render": str(job),
        "title": video.title,
        "status": video.status.value,
        "error": video.error,
        "duration_ms": video.duration_ms,
        "size": video.size,
    }
    row = Notification(
        id=job,
        kind=event.value,
        level=Level.ERROR if event is HookEvent.VIDEO_FAILED else Level.INFO,
        title=video.title,
        body=video.error or "",
        link=f"/videos/{video.id}",
        facts=facts,
        created=now,
    )
    if not await Notification.exists(id=job):
        await Notification.bulk_create([row], ignore_conflicts=True)
        await publish("notification", {"id": str(job), "kind": row.kind, "level": row.level.value, **facts},
            tenant=tenant, now=now)  # fmt: skip
    await announce(tenant, event, facts, message=job, now=now)


async def _most(at: Studio, tenant: UUID) -> int | None:
    return (await entitlement_of(tenant, now=at.clock())).limits.concurrent_renders


def _result(video: Video) -> Mapping[str, Any]:
    return {"video": str(video.id)}
