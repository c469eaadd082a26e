"""Previews: what an asset is shown by: a small film to scrub, a picture of it, its waveform. Made by a render of it.

They are the house's convenience: they count against no quota, and an asset without them can be used all the same.
"""

import json
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from core.api import AssetKind, FetchedAsset
from core.host.plugins import Plugins
from core.render.job import RenderJob, render
from core.render.opening import open_workshop
from core.render.schedule import Scheduler
from tenants.control.failures import Taken
from tenants.control.jobs import enqueue
from tenants.jobs.kinds import JobKind, Running
from tenants.library.assets import AssetView, find_assets, keep_files
from tenants.studio.preparing import bring_library, prepare_for
from tenants.studio.services import Studio
from tenants.studio.storing import store_files
from tenants.studio.working import in_thread, work_folder
from tenants.vault.scope import scope

PREVIEW = "preview"
LONGER_SIDE = 640
"""Pixels of a preview's longer side, at most."""
_FPS = 30
_STILL_S = 1


class PreviewPayload(BaseModel, frozen=True):
    """Of which asset."""

    asset: UUID


def preview_kind(at: Studio) -> JobKind[PreviewPayload]:
    """Return the kind of job that makes previews."""
    return JobKind(name=PREVIEW, payload=PreviewPayload, do=partial(_preview, at), ended=_nothing)


async def request_preview(at: Studio, tenant: UUID, asset: UUID) -> None:
    """Ask for an asset's previews; twice is as once."""
    payload = PreviewPayload(asset=asset).model_dump(mode="json")
    try:
        # What people wait for goes first.
        await enqueue(PREVIEW, payload, tenant=tenant, now=at.clock(), priority=-5, idempotency_key=str(asset))
    except Taken:
        return


async def _preview(at: Studio, running: Running[PreviewPayload]) -> Mapping[str, Any]:
    tenant, asset_id = running.tenant, running.payload.asset
    async with scope(tenant):
        found = await find_assets([asset_id])
    if not found or (document := document_of(found[0])) is None:
        return {}
    text = json.dumps(document)
    with work_folder(at, tenant, running.job) as folder:
        async with await at.plugin_sets.view(tenant, actor=f"job:{running.job}") as view:
            library = await bring_library(at, tenant, text, view, folder)
            work = partial(_made, at, tenant, text, view, library, folder, found[0].kind)
            made = await in_thread(work)
        held = await store_files(at, tenant, f"assets/{asset_id}/preview", made, purpose="preview")
    async with scope(tenant):
        is_kept = await keep_files(asset_id, held)
    if not is_kept:  # it was deleted meanwhile
        await at.holdings.remove(tenant, f"assets/{asset_id}/preview/")
    return {"files": sorted(held)}


def document_of(asset: AssetView) -> dict[str, Any] | None:
    """Return the timeline whose render shows an asset; None for what there is nothing to see or hear of."""
    clip = {"start": 0, "asset": {"type": asset.kind.value, "src": f"asset:{asset.id}"}}
    if asset.kind is AssetKind.AUDIO:
        output = {"width": 16, "height": 16, "encoder": "m4a", "waveform": True}
        return {"version": 1, "output": output, "tracks": [], "audio": {"clips": [clip]}}
    if asset.kind not in (AssetKind.VIDEO, AssetKind.IMAGE) or not asset.width or not asset.height:
        return None
    share = min(1.0, LONGER_SIDE / max(asset.width, asset.height))
    width, height = (max(2, round(side * share / 2) * 2) for side in (asset.width, asset.height))
    output = {"width": width, "height": height, "fps": _FPS, "encoder": "mp4-h264", "quality": "draft"}
    if asset.kind is AssetKind.IMAGE:
        return {"version": 1, "output": output, "tracks": [{"clips": [{**clip, "duration": _STILL_S}]}]}
    seconds = (asset.duration_ms or 0) / 1000
    output |= {"storyboard": True, "waveform": True, "poster": {"at": round(min(1.0, seconds / 3), 3)}}
    return {"version": 1, "output": output, "tracks": [{"clips": [clip]}]}


def _made(
    at: Studio,
    tenant: UUID,
    text: str,
    view: Plugins,
    library: Mapping[str, FetchedAsset],
    folder: Path,
    kind: AssetKind,
    stop: threading.Event,
) -> list[Path]:
    """Return the files that were made, under the names that they are kept by."""
    made = folder / "made"
    made.mkdir()
    with open_workshop(at.home, owner=str(tenant), workers=1) as workshop:
        prepared = prepare_for(at, tenant, text, workshop, view, library, folder, stop)
        if kind is AssetKind.IMAGE:
            still = Scheduler(prepared.materials).still(prepared.plan, 0)
            picture = made / "thumbnail.jpg"
            picture.write_bytes(workshop.station.kept(still.key, still, cancelled=stop).read_bytes())
            return [picture]
        output = made / f"preview{prepared.plan.output.extension}"
        job = RenderJob(plan=prepared.plan, output=output, materials=prepared.materials, assets={})
        render(job, workshop, lambda _event: None, cancelled=stop)
    for path in made.glob("preview.poster.jpg"):
        path.rename(made / "thumbnail.jpg")
    return sorted(path for path in made.iterdir() if path.is_file())


async def _nothing(_tenant: UUID, _job: UUID, _payload: PreviewPayload, _state: str) -> None:
    """An asset without previews is shown by its name."""
