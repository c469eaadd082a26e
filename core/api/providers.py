"""Asset providers: where media comes from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from core.api.context import PluginContext
from core.api.parameters import Parameter


class AssetKind(StrEnum):
    """What an asset is."""

    VIDEO = "video"
    IMAGE = "image"
    AUDIO = "audio"
    CAPTIONS = "captions"
    DATA = "data"
    """A file that a plugin reads itself, such as a lookup table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """Under which terms an asset may be used. ``id`` is an SPDX identifier, or the provider's own name for its terms.

    ``attribution`` is the credit line to show, verbatim; ``flags`` name restrictions (``nc``, ``nd``, ``sa``).
    """

    id: str
    url: str = ""
    attribution: str = ""
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetOffer:
    """One search result. ``id`` is what ``provider:<plugin>/<id>`` names; sizes in pixels, ``duration`` in seconds."""

    id: str
    kind: AssetKind
    title: str
    licence: Licence
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    creator: str = ""
    source_url: str = ""
    thumbnail_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for. ``page`` counts from 1."""

    text: str
    kind: AssetKind
    page: int = 1
    per_page: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """One page of results; ``total`` is None where the provider does not say."""

    offers: tuple[AssetOffer, ...]
    total: int | None = None
    next_page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedAsset:
    """A file that a provider delivered, with its provenance."""

    path: Path
    kind: AssetKind
    licence: Licence
    title: str = ""
    creator: str = ""
    source_url: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    """Provenance worth keeping: model, seed, prompt, search words."""


class Provider(Protocol):
    """An open provider. It may raise ``NotFound``, ``InvalidInput``, ``AuthFailed`` and ``NotReady``."""

    async def search(self, search: Search) -> SearchPage:
        """Return one page of offers."""

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Bring one asset into ``folder`` (new and empty) and describe it.

        The same id gives the same bytes for providers that declare ``is_deterministic``.
        """

    async def close(self) -> None:
        """Release connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetProvider:
    """A source of media, declared by a plugin. ``params`` is its configuration, in ``context.config`` when opened."""

    id: str
    title: str
    description: str = ""
    kinds: frozenset[AssetKind]
    params: tuple[Parameter, ...] = ()
    open: Callable[[PluginContext], Provider]
    is_deterministic: bool = False
