"""``/assets``: media in the library, from uploads and from providers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID, uuid4

from pydantic import BaseModel, Field
from quart import Blueprint, Response, request

from core.api import AssetKind, InvalidInput, NotFound
from tenants.control.failures import Taken
from tenants.control.jobs import enqueue
from tenants.control.models.job import JobState
from tenants.control.roles import Permission
from tenants.jobs.requesting import JobView, find_request, show_job, tell
from tenants.library import assets as library
from tenants.library.assets import AssetView
from tenants.quotas import ledger
from tenants.quotas.metrics import Metric
from tenants.studio.importing import IMPORT, ImportPayload
from webshell.api.content import File, answer_with
from webshell.api.endpoint import Rules, endpoint
from webshell.api.listing import after_of, next_of
from webshell.api.pages import Page, PageQuery
from webshell.api.videos import ContentQuery
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal, tenant
from webshell.shell import shell

assets = Blueprint("assets", __name__, url_prefix="/assets")

_Folder = Annotated[str, Field(max_length=500)]
_Title = Annotated[str, Field(max_length=300)]


_PREVIEWS: Mapping[str, tuple[str, ...]] = {
    "thumbnail_url": ("thumbnail.jpg",),
    "proxy_url": ("preview.mp4", "preview.m4a"),
    "waveform_url": ("preview.waveform.json",),
    "storyboard_url": ("preview.storyboard.vtt",),
}
"""The files that an asset is shown by, by what tells where they are."""


class Asset(BaseModel):
    """Media in the library. In timelines it is called by ``src``. Sizes in bytes and pixels.

    It is shown by small files, which are there some time after it: null until then, and where there is none of it.
    """

    id: UUID
    kind: AssetKind
    title: str
    folder: str
    tags: list[str]
    size: int
    media_type: str
    provider: str
    provider_id: str
    creator: str
    source_url: str
    provenance: dict[str, Any]
    licence: str
    licence_url: str
    attribution: str
    licence_flags: list[str]
    width: int | None
    height: int | None
    duration_ms: int | None
    frame_rate: str
    has_alpha: bool
    created: datetime
    src: str
    url: str
    thumbnail_url: str | None
    proxy_url: str | None
    waveform_url: str | None
    storyboard_url: str | None

    @classmethod
    def of(cls, view: AssetView) -> Self:
        """Return what the API shows of an asset."""
        at = f"/api/v1/assets/{view.id}"
        made = ("src", "url", *_PREVIEWS)
        facts: dict[str, Any] = {name: getattr(view, name) for name in cls.model_fields if name not in made}
        for url, names in _PREVIEWS.items():
            facts[url] = next((f"{at}/files/{name}" for name in names if name in view.files), None)
        return cls(**facts, src=f"asset:{view.id}", url=f"{at}/content")


class AssetPage(Page[Asset]):
    """Assets, the newest first."""


class AssetsQuery(PageQuery):
    """Which assets."""

    kind: AssetKind | None = None
    folder: _Folder | None = None
    tag: Annotated[str | None, Field(max_length=50)] = None
    q: Annotated[str, Field(max_length=100, description="A part of the title.")] = ""


class AssetChange(BaseModel, extra="forbid"):
    """What to change; what is not named stays."""

    title: Annotated[str | None, Field(min_length=1, max_length=300)] = None
    folder: _Folder | None = None
    tags: Annotated[list[Annotated[str, Field(min_length=1, max_length=50)]] | None, Field(max_length=50)] = None


class NewAsset(BaseModel, extra="forbid"):
    """What to take into the library: an upload that is whole, or what a provider's search offered."""

    upload: UUID | None = None
    provider: Annotated[str, Field(max_length=200)] = ""
    provider_id: Annotated[str, Field(max_length=40_000)] = ""
    title: _Title = ""
    folder: _Folder = ""


class Import(BaseModel):
    """An import. ``asset`` is the id that the asset has once the import is done."""

    id: UUID
    asset: UUID
    state: JobState
    progress: float
    message: str
    error: str | None
    error_code: str
    created: datetime
    ended: datetime | None

    @classmethod
    def of(cls, view: JobView) -> Self:
        """Return what the API shows of an import job."""
        facts = {name: getattr(view, name) for name in cls.model_fields if name != "asset"}
        return cls(**facts, asset=view.payload["asset"])


@endpoint(assets, "", "GET", Rules(needs=Permission.READ, vault=True, gives={200: AssetPage}), query=AssetsQuery)
async def list_assets(query: AssetsQuery) -> AssetPage:
    """List assets, the newest first."""
    found = await library.list_assets(
        kind=query.kind, folder=query.folder, tag=query.tag, text=query.q, after=after_of(query), most=query.limit
    )
    ends = [(each.created, each.id) for each in found]
    return AssetPage(items=[Asset.of(each) for each in found], next=next_of(ends, query.limit))


@endpoint(
    assets,
    "",
    "POST",
    Rules(needs=Permission.ASSETS, rate=RateClass.WRITE, gives={202: Import}, problems=(404,)),
    body=NewAsset,
)
async def import_asset(data: NewAsset) -> tuple[Import, dict[str, str]]:
    """Take something into the library. The same Idempotency-Key again gives the same import."""
    if (data.upload is None) == (not data.provider):
        raise InvalidInput("name either an upload or a provider's asset", path="upload")
    if data.upload is not None:
        await shell().uploads.show(tenant(), data.upload, now=_now())
    key = request.headers.get("Idempotency-Key") or (f"upload:{data.upload}" if data.upload else None)
    known = await find_request(IMPORT, key, tenant=tenant())
    if known is None or (known.state in {JobState.FAILED, JobState.CANCELLED} and data.upload is not None):
        payload = ImportPayload(asset=uuid4(), **data.model_dump())
        try:
            job = await enqueue(
                IMPORT,
                payload.model_dump(mode="json"),
                tenant=tenant(),
                now=_now(),
                idempotency_key=key if known is None else None,
                created_by=principal().user,
            )
        except Taken:
            known = await find_request(IMPORT, key, tenant=tenant())
        else:
            await tell(job.id, now=_now())
            known = await show_job(job.id, tenant=tenant(), kind=IMPORT)
            shell().runner.wake()
    if known is None:
        raise InvalidInput("is used by another import", path="Idempotency-Key")
    return Import.of(known), {"Location": f"/api/v1/assets/imports/{known.id}"}


@endpoint(
    assets,
    "/imports/<uuid:import_id>",
    "GET",
    Rules(needs=Permission.READ, gives={200: Import}, problems=(404,)),
)
async def show_import(import_id: UUID) -> Import:
    """Show how an import stands."""
    return Import.of(await show_job(import_id, tenant=tenant(), kind=IMPORT))


@endpoint(
    assets, "/<uuid:asset_id>", "GET", Rules(needs=Permission.READ, vault=True, gives={200: Asset}, problems=(404,))
)
async def show_asset(asset_id: UUID) -> Asset:
    """Show an asset."""
    return Asset.of(await library.show_asset(asset_id))


@endpoint(
    assets,
    "/<uuid:asset_id>",
    "PATCH",
    Rules(needs=Permission.ASSETS, vault=True, rate=RateClass.WRITE, gives={200: Asset}, problems=(404,)),
    body=AssetChange,
)
async def change_asset(asset_id: UUID, data: AssetChange) -> Asset:
    """Change an asset's title, folder or tags."""
    return Asset.of(await library.change_asset(asset_id, **data.model_dump()))


@endpoint(
    assets,
    "/<uuid:asset_id>",
    "DELETE",
    Rules(needs=Permission.ASSETS, vault=True, rate=RateClass.WRITE, gives={204: None}, problems=(404,)),
)
async def delete_asset(asset_id: UUID) -> None:
    """Delete an asset with its file; timelines that name it can't be rendered any more."""
    await library.show_asset(asset_id)
    await shell().studio.holdings.remove(tenant(), f"assets/{asset_id}/")
    if (held := await ledger.held(tenant(), Metric.STORAGE_BYTES, f"asset:{asset_id}")) is not None:
        await ledger.release(held)
    await library.drop_asset(asset_id)


@endpoint(
    assets,
    "/<uuid:asset_id>/content",
    "GET",
    Rules(needs=Permission.READ, vault=True, gives={200: None, 206: None, 304: None}, problems=(404, 416), media="*/*"),
    query=ContentQuery,
)
async def show_asset_content(asset_id: UUID, query: ContentQuery) -> Response:
    """Get an asset's file, in ranges as players ask for them."""
    view = await library.show_asset(asset_id)
    name = view.storage_key.rpartition("/")[2]
    file = File(
        key=view.storage_key,
        size=view.size,
        media_type=_safe(view.media_type),
        etag=view.sha256,
        name=name if query.download else "",
    )
    return answer_with(shell().studio.holdings, file)


@endpoint(
    assets,
    "/<uuid:asset_id>/files/<name>",
    "GET",
    Rules(needs=Permission.READ, vault=True, gives={200: None, 206: None, 304: None}, problems=(404, 416), media="*/*"),
)
async def show_asset_file(asset_id: UUID, name: str) -> Response:
    """Get one of the files that an asset is shown by."""
    view = await library.show_asset(asset_id)
    found = view.files.get(name)
    if found is None:
        raise NotFound(f"asset {asset_id} has no file {name!r}")
    etag = f"{view.sha256[:32]}-{name}"
    file = File(key=found["key"], size=found["size"], media_type=found["media_type"], etag=etag)
    return answer_with(shell().studio.holdings, file)


def _safe(media_type: str) -> str:
    """Return a media type that a browser shows and never runs: what is uploaded may call itself anything."""
    is_media = media_type.partition("/")[0] in {"video", "audio", "image"} and "svg" not in media_type
    return media_type if is_media else "application/octet-stream"


def _now() -> datetime:
    return datetime.now(UTC)
