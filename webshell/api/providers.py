"""``/providers``: where a tenant's media can come from: what there is, and searching it with the tenant's own keys."""

from typing import Annotated, Any

from pydantic import BaseModel, Field
from quart import Blueprint

from core.api import AssetKind, Search, parameters_schema
from core.host.kinds import Kind
from tenants.control.roles import Permission
from webshell.api.endpoint import Rules, endpoint
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal, tenant
from webshell.shell import shell

providers = Blueprint("providers", __name__, url_prefix="/providers")


class ProviderShown(BaseModel):
    """A provider that the tenant has enabled; ``settings`` is the JSON Schema of its configuration."""

    id: str
    plugin: str
    title: str
    description: str
    kinds: list[AssetKind]
    settings: dict[str, Any]


class Providers(BaseModel):
    """All providers that the tenant has enabled."""

    items: list[ProviderShown]


class LicenceShown(BaseModel, from_attributes=True):
    """Under which terms something may be used. ``flags`` name restrictions: ``nc``, ``nd``, ``sa``."""

    id: str
    url: str
    attribution: str
    flags: list[str]


class OfferShown(BaseModel, from_attributes=True):
    """Something that was found. ``src`` is what a timeline names it by; sizes in pixels, ``duration`` in seconds."""

    src: str
    id: str
    kind: AssetKind
    title: str
    licence: LicenceShown
    width: int | None
    height: int | None
    duration: float | None
    creator: str
    source_url: str
    thumbnail_url: str


class Offers(BaseModel):
    """One page of what was found; ``total`` is null where the provider does not say."""

    items: list[OfferShown]
    total: int | None
    next_page: int | None


class SearchQuery(BaseModel, extra="forbid"):
    """What is looked for."""

    q: Annotated[str, Field(min_length=1, max_length=200)]
    kind: AssetKind
    page: Annotated[int, Field(ge=1, le=1000)] = 1
    limit: Annotated[int, Field(ge=1, le=80)] = 20


@endpoint(providers, "", "GET", Rules(needs=Permission.READ, gives={200: Providers}))
async def list_providers() -> Providers:
    """List the providers that the tenant has enabled."""
    async with await shell().plugin_sets.view(tenant(), actor=principal().actor) as plugins:
        catalogue = plugins.catalogue(kinds=[Kind.ASSET_PROVIDERS])
    return Providers(
        items=[
            ProviderShown(
                id=each.id,
                plugin=catalogue.versions[each.id].partition(" ")[0],
                title=each.title,
                description=each.description,
                kinds=sorted(each.kinds),
                settings=parameters_schema(each.params),
            )
            for each in catalogue.providers.values()
        ]
    )


@endpoint(
    providers,
    "/<provider_id>/search",
    "GET",
    Rules(needs=Permission.ASSETS, rate=RateClass.SEARCH, gives={200: Offers}, problems=(404, 502)),
    query=SearchQuery,
)
async def search_provider(provider_id: str, query: SearchQuery) -> Offers:
    """Search a provider with the tenant's own key."""
    async with await shell().plugin_sets.view(tenant(), actor=principal().actor) as plugins:
        provider = await plugins.open_provider(provider_id)
        try:
            found = await provider.search(Search(text=query.q, kind=query.kind, page=query.page, per_page=query.limit))
        finally:
            await provider.close()
    items = [
        OfferShown(
            src=f"provider:{provider_id}/{each.id}",
            id=each.id,
            kind=each.kind,
            title=each.title,
            licence=LicenceShown(
                id=each.licence.id,
                url=each.licence.url,
                attribution=each.licence.attribution,
                flags=sorted(each.licence.flags),
            ),
            width=each.width,
            height=each.height,
            duration=each.duration,
            creator=each.creator,
            source_url=each.source_url,
            thumbnail_url=each.thumbnail_url,
        )
        for each in found.offers
    ]
    return Offers(items=items, total=found.total, next_page=found.next_page)
