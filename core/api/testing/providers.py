"""The contract suite of asset providers."""

import asyncio
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from core.api.context import HttpClient, PluginContext
from core.api.errors import InvalidInput, NotFound
from core.api.parameters import JsonValue
from core.api.providers import (
    AssetKind,
    AssetOffer,
    AssetProvider,
    FetchedAsset,
    Licence,
    Provider,
    Search,
    SearchPage,
)
from core.api.testing.contract import MissingValueError, defaults, refuses, require, trying

UNKNOWN_ID = "no-such-asset/5f2c0e3b"


def check_provider(
    provider: AssetProvider,
    folder: Path,
    *,
    config: Mapping[str, JsonValue] | None = None,
    asset_id: str | None = None,
    search: str = "",
    root: Path | None = None,
    http: HttpClient | None = None,
    secrets: Mapping[str, str] | None = None,
) -> None:
    """Check that a provider keeps its contract; raise ``ContractError`` where it does not.

    It must open with ``config``, answer searches for ``search`` with well-formed pages, and fetch ``asset_id`` (else
    the first thing it offered) into the folder it is given, the same bytes each time if it ``is_deterministic``; an
    id it does not know raises ``NotFound`` or ``InvalidInput``. ``http`` and ``secrets`` are what it is granted.
    Everything is written under ``folder``. Not to be called from a running event loop.
    """
    values = defaults(provider.params, config or {})
    own = folder / "own"
    own.mkdir(parents=True)
    context = PluginContext(
        plugin_id=provider.id, folder=own, config=values, root=root, granted_http=http, granted_secrets=secrets
    )
    asyncio.run(_check(provider, context, folder, asset_id, search))


async def _check(
    declared: AssetProvider, context: PluginContext, folder: Path, asset_id: str | None, text: str
) -> None:
    with trying(f"opening {declared.id}"):
        provider = declared.open(context)
    offers: list[AssetOffer] = []
    for kind in sorted(declared.kinds):
        offers += await _check_search(declared, provider, text, kind)
    wanted = asset_id or (offers[0].id if offers else None)
    if wanted is None:
        raise MissingValueError(f"{declared.id} offered nothing for {text!r}: give asset_id, or another search")
    first = await _check_fetch(declared, provider, wanted, folder / "first")
    if declared.is_deterministic:
        again = await _check_fetch(declared, provider, wanted, folder / "again")
        require(
            _digest(first.path) == _digest(again.path),
            f"{declared.id} is_deterministic and fetched two different files for {wanted!r}",
        )
    await _check_unknown(declared, provider, folder / "unknown")
    with trying(f"closing {declared.id}"):
        await provider.close()


async def _check_search(declared: AssetProvider, provider: Provider, text: str, kind: AssetKind) -> list[AssetOffer]:
    offers: list[AssetOffer] = []
    for number in (1, 2):
        what = f"{declared.id}, searching {kind.value} for {text!r}, page {number},"
        with trying(what):
            page = await provider.search(Search(text=text, kind=kind, page=number, per_page=3))
        require(isinstance(page, SearchPage), f"{what} returned {type(page).__name__} instead of SearchPage")
        require(len(page.offers) <= 3, f"{what} offered {len(page.offers)} assets on a page of 3")
        require(page.total is None or page.total >= len(page.offers), f"{what} says total={page.total}")
        for offer in page.offers:
            _check_offer(offer, kind, what)
        known = {offer.id for offer in offers}
        require(not known & {offer.id for offer in page.offers}, f"{what} repeats offers of the page before")
        offers += page.offers
        if page.next_page is None:
            break
        require(page.next_page == number + 1, f"{what} says next_page={page.next_page}")
    return offers


def _check_offer(offer: object, kind: AssetKind, what: str) -> None:
    require(isinstance(offer, AssetOffer), f"{what} offered {type(offer).__name__} instead of AssetOffer")
    assert isinstance(offer, AssetOffer)
    require(bool(offer.id), f"{what} offered an asset without an id")
    require(offer.kind is kind, f"{what} offered {offer.id!r} of kind {offer.kind!r}")
    require(bool(offer.title), f"{what} offered {offer.id!r} without a title")
    _check_licence(offer.licence, f"{what} offered {offer.id!r}")


def _check_licence(licence: object, what: str) -> None:
    require(isinstance(licence, Licence) and bool(licence.id), f"{what} without a licence: every asset has its terms")


async def _check_fetch(declared: AssetProvider, provider: Provider, asset_id: str, folder: Path) -> FetchedAsset:
    await asyncio.to_thread(folder.mkdir, parents=True)
    what = f"{declared.id}, fetching {asset_id!r},"
    with trying(what):
        fetched = await provider.fetch(asset_id, folder)
    require(isinstance(fetched, FetchedAsset), f"{what} returned {type(fetched).__name__} instead of FetchedAsset")
    await asyncio.to_thread(_check_delivery, fetched, folder, what)
    require(fetched.kind in declared.kinds, f"{what} delivered {fetched.kind!r}, which the provider does not declare")
    _check_licence(fetched.licence, what)
    return fetched


def _check_delivery(fetched: FetchedAsset, folder: Path, what: str) -> None:
    is_inside = fetched.path.resolve().is_relative_to(folder.resolve())
    require(is_inside, f"{what} put its file at {fetched.path}, outside the folder it was given")
    require(fetched.path.is_file() and fetched.path.stat().st_size > 0, f"{what} delivered no file, or an empty one")


async def _check_unknown(declared: AssetProvider, provider: Provider, folder: Path) -> None:
    await asyncio.to_thread(folder.mkdir)
    raised: Exception | None = None
    try:
        await provider.fetch(UNKNOWN_ID, folder)
    except Exception as err:  # noqa: BLE001 - whatever it is, the contract is asked about it
        raised = err
    refuses(raised, (NotFound, InvalidInput), f"{declared.id}, fetching an id that it does not know,")


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
