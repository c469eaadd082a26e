"""Importing: the job that takes an upload, or what a provider offers, into the library: probed, stored, credited."""

import mimetypes
import shutil
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel, model_validator

from core.api import AssetKind, FetchedAsset, InvalidInput, Licence, MediaError, NotFound
from core.render.opening import open_workshop
from core.render.probing import Prober
from core.render.store import sha256_of
from core.timeline.plan import Probe
from tenants.jobs.kinds import JobKind, Running
from tenants.library.assets import AssetView, find_assets, keep_asset
from tenants.quotas import ledger
from tenants.quotas.alerts import alert
from tenants.quotas.metrics import Metric
from tenants.studio.previews import request_preview
from tenants.studio.services import Studio
from tenants.studio.working import in_thread, work_folder
from tenants.vault.models.upload import Upload
from tenants.vault.scope import scope

IMPORT = "import"
_CAPTIONS = frozenset({".srt", ".vtt"})
_OWN = Licence(id="own")
"""What is uploaded is its owner's to use."""


class ImportPayload(BaseModel, frozen=True):
    """What is imported: an upload, or an asset of a provider. ``asset`` is the id that it gets."""

    asset: UUID
    upload: UUID | None = None
    provider: str = ""
    provider_id: str = ""
    title: str = ""
    folder: str = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> "ImportPayload":
        if (self.upload is None) == (not self.provider):
            raise ValueError("name either an upload or a provider's asset")
        return self


def import_kind(at: Studio) -> JobKind[ImportPayload]:
    """Return the kind of job that imports."""
    return JobKind(name=IMPORT, payload=ImportPayload, do=partial(import_asset, at), ended=partial(_give_up, at))


async def import_asset(at: Studio, running: Running[ImportPayload]) -> Mapping[str, Any]:
    """Take something into the library; begun again after a kill, it ends the same.

    Raise ``MediaError``, ``NotFound``, ``QuotaExceeded``.
    """
    wanted, tenant = running.payload, running.tenant
    async with scope(tenant):
        if await find_assets([wanted.asset]):
            return {"asset": str(wanted.asset)}
    with work_folder(at, tenant, running.job) as folder:
        fetched, name = await _brought(at, tenant, wanted, folder, actor=f"job:{running.job}")
        running.progress(0.5, "looking at it")
        probe = await in_thread(partial(_probe, at.home, tenant, fetched.path))
        fetched = _as_kind(fetched, probe)
        size = (await in_thread(lambda _stop: fetched.path.stat())).st_size
        told = await ledger.charge(
            tenant, Metric.STORAGE_BYTES, size, reference=f"asset:{wanted.asset}", now=at.clock()
        )
        await alert(tenant, Metric.STORAGE_BYTES, used=told.used, limit=told.limit, now=at.clock())
        running.progress(0.7, "storing")
        suffix = Path(name).suffix.lower()
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        held = await at.holdings.put(
            tenant, f"assets/{wanted.asset}/original{suffix}", fetched.path, media_type=media_type, purpose="asset",
            now=at.clock(),
        )  # fmt: skip
    async with scope(tenant):
        made: AssetView = await keep_asset(
            wanted.asset, held, at.holdings.backend, fetched, probe, title=wanted.title or fetched.title or name,
            folder=wanted.folder, origin=wanted.provider, provider_id=wanted.provider_id, now=at.clock(),
        )  # fmt: skip
        await _drop_upload(at, tenant, wanted.upload)
    await request_preview(at, tenant, made.id)
    return {"asset": str(made.id)}


async def _brought(
    at: Studio, tenant: UUID, wanted: ImportPayload, folder: Path, *, actor: str
) -> tuple[FetchedAsset, str]:
    """Bring the file to this machine; return it with its name."""
    if wanted.upload is None:
        async with await at.plugin_sets.view(tenant, actor=actor) as view:
            arrived = folder / "arrived"
            arrived.mkdir()
            fetched = await view.fetch(wanted.provider, wanted.provider_id, arrived)
            return fetched, fetched.path.name
    async with scope(tenant):
        upload = await Upload.get_or_none(id=wanted.upload)
    if upload is None or at.staging.offset(tenant, wanted.upload) != upload.size:
        raise NotFound("there is no such upload, or it is not whole")
    # Decoders are told by the content, yet names help people: the copy has the upload's suffix.
    path = folder / f"upload{Path(upload.filename).suffix.lower()}"
    await in_thread(lambda _stop: shutil.copyfile(at.staging.path(tenant, upload.id), path))
    title = Path(upload.filename).stem
    return FetchedAsset(path=path, kind=AssetKind.DATA, licence=_OWN, title=title), upload.filename


def _probe(home: Path, tenant: UUID, path: Path, stop: threading.Event) -> Probe:
    if path.suffix in _CAPTIONS:
        return Probe(kind="captions")
    with open_workshop(home, owner=str(tenant)) as workshop:
        return Prober(workshop.station, cancelled=stop).probe(path, sha256_of(path, cancelled=stop))


def _as_kind(fetched: FetchedAsset, probe: Probe) -> FetchedAsset:
    """Return the asset as what its content is. Raise ``InvalidInput`` for what is no media."""
    try:
        kind = AssetKind(probe.kind)
    except ValueError:
        raise InvalidInput(f"{probe.kind} is no kind of media") from None
    if fetched.kind not in {kind, AssetKind.DATA}:
        raise MediaError(f"the provider said {fetched.kind}, and delivered {kind}")
    return FetchedAsset(
        path=fetched.path,
        kind=kind,
        licence=fetched.licence,
        title=fetched.title,
        creator=fetched.creator,
        source_url=fetched.source_url,
        extra=fetched.extra,
    )


async def _give_up(at: Studio, tenant: UUID, _job: UUID, payload: ImportPayload, _state: str) -> None:
    """Clear up after an import that failed or was cancelled for good. The upload stays, to be tried again."""
    await at.holdings.remove(tenant, f"assets/{payload.asset}/")
    if (reserved := await ledger.held(tenant, Metric.STORAGE_BYTES, f"asset:{payload.asset}")) is not None:
        await ledger.release(reserved)


async def _drop_upload(at: Studio, tenant: UUID, upload: UUID | None) -> None:
    """Forget an upload that is in the library now, and give back the room that was set aside for it."""
    if upload is None:
        return
    await Upload.filter(id=upload).delete()
    at.staging.remove(tenant, upload)
    if (room := await ledger.held(tenant, Metric.STORAGE_BYTES, f"upload:{upload}")) is not None:
        await ledger.release(room)
