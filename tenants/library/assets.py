"""Assets: media in a tenant's library, with their origin and licence. Called within the tenant's scope."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from core.api import AssetKind, FetchedAsset, Licence, NotFound
from core.timeline.plan import Probe
from tenants.library.holdings import Held, shown_by
from tenants.vault.models.asset import Asset

LONGEST_ID = 500
"""Characters that are kept of what a provider knows an asset by: a request for speech may be longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetView:
    """An asset. Sizes in bytes and pixels; ``duration_ms`` is None for stills. ``files`` are its previews, by name."""

    id: UUID
    kind: AssetKind
    title: str
    folder: str
    tags: Sequence[str]
    storage_key: str
    sha256: str
    size: int
    media_type: str
    provider: str
    provider_id: str
    creator: str
    source_url: str
    provenance: Mapping[str, Any]
    licence: str
    licence_url: str
    attribution: str
    licence_flags: Sequence[str]
    width: int | None
    height: int | None
    duration_ms: int | None
    frame_rate: str
    has_alpha: bool
    files: Mapping[str, Mapping[str, Any]]
    created: datetime

    @classmethod
    def of(cls, row: Asset) -> "AssetView":
        """Return the view of a row."""
        return cls(**{name: getattr(row, name) for name in cls.__slots__})

    def as_fetched(self, path: Any) -> FetchedAsset:
        """Return the asset as the engine takes it, its file lying at ``path``."""
        return FetchedAsset(
            path=path,
            kind=self.kind,
            licence=Licence(
                id=self.licence,
                url=self.licence_url,
                attribution=self.attribution,
                flags=frozenset(self.licence_flags),
            ),
            title=self.title,
            creator=self.creator,
            source_url=self.source_url,
            extra={name: str(value) for name, value in self.provenance.items()},
        )


async def keep_asset(
    asset: UUID, held: Held, backend: str, fetched: FetchedAsset, probe: Probe, *, title: str, folder: str, origin: str,
    provider_id: str, now: datetime,
) -> AssetView:  # fmt: skip
    """Take a stored file into the library, under an id; a second time nothing changes. ``origin`` is the provider."""
    row = Asset(
        id=asset,
        kind=fetched.kind,
        title=title[:300],
        folder=folder[:500],
        storage_backend=backend,
        storage_key=held.key,
        sha256=held.sha256,
        size=held.size,
        media_type=held.media_type,
        provider=origin,
        provider_id=provider_id[:LONGEST_ID],
        creator=fetched.creator[:300],
        source_url=fetched.source_url,
        provenance=dict(fetched.extra),
        licence=fetched.licence.id,
        licence_url=fetched.licence.url,
        attribution=fetched.licence.attribution,
        licence_flags=sorted(fetched.licence.flags),
        width=probe.width or None,
        height=probe.height or None,
        duration_ms=None if probe.duration is None else round(probe.duration * 1000),
        frame_rate="" if probe.fps is None else str(probe.fps),
        video_codec=probe.codec if probe.kind != "audio" else "",
        audio_codec=probe.codec if probe.kind == "audio" else "",
        sample_rate=probe.sample_rate or None,
        channels=probe.channels or None,
        has_alpha=probe.has_alpha,
        created=now,
    )
    await Asset.bulk_create([row], ignore_conflicts=True)
    return await show_asset(asset)


async def show_asset(asset: UUID) -> AssetView:
    """Return an asset; raise ``NotFound``."""
    row = await Asset.get_or_none(id=asset, deleted=None)
    if row is None:
        raise NotFound(f"there is no asset {asset}")
    return AssetView.of(row)


async def find_assets(assets: Iterable[UUID]) -> list[AssetView]:
    """Return the assets that there are of some."""
    return [AssetView.of(row) for row in await Asset.filter(id__in=list(assets), deleted=None)]


async def list_assets(
    *, kind: AssetKind | None = None, folder: str | None = None, tag: str | None = None, text: str = "",
    after: tuple[datetime, UUID] | None = None, most: int = 50,
) -> list[AssetView]:  # fmt: skip
    """Return assets, the newest first; ``after`` is when the last of the page before was made, and its id."""
    rows = Asset.filter(deleted=None)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if folder is not None:
        rows = rows.filter(folder=folder)
    if tag is not None:
        rows = rows.filter(tags__contains=json.dumps(tag, ensure_ascii=False))
    if text:
        rows = rows.filter(title__icontains=text)
    if after is not None:
        rows = rows.filter(Q(created__lt=after[0]) | Q(created=after[0], id__lt=after[1]))
    return [AssetView.of(row) for row in await rows.order_by("-created", "-id").limit(most)]


async def change_asset(
    asset: UUID, *, title: str | None = None, folder: str | None = None, tags: list[str] | None = None
) -> AssetView:
    """Change what is said of an asset; what is None stays. Raise ``NotFound``."""
    await show_asset(asset)
    changed = {
        name: value for name, value in (("title", title), ("folder", folder), ("tags", tags)) if value is not None
    }
    if changed:
        await Asset.filter(id=asset).update(**changed)
    return await show_asset(asset)


async def keep_files(asset: UUID, held: Mapping[str, Held]) -> bool:
    """Keep an asset's previews; return whether there is such an asset."""
    return bool(await Asset.filter(id=asset, deleted=None).update(files=shown_by(held)))


async def drop_asset(asset: UUID) -> None:
    """Take an asset out of the library. Raise ``NotFound``."""
    if not await Asset.filter(id=asset).delete():
        raise NotFound(f"there is no asset {asset}")
