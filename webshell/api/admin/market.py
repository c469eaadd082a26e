"""``/admin/market``: plugins of others: what catalogues offer, what installing one would do, and doing it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field
from quart import Blueprint

from core.api import InvalidInput, ReelhouseError
from core.host.shelf import MARKET, Shelf
from core.market.catalogue import Catalogue, Offer
from core.market.market import Consent, Market, Plan
from core.market.publishers import read_publishers
from core.market.resolving import Source
from tenants.control.audit import record
from tenants.control.roles import HousePermission
from webshell.api.endpoint import Rules, endpoint
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal
from webshell.shell import shell

admin_market = Blueprint("admin_market", __name__, url_prefix="/admin/market")

_installing = asyncio.Lock()
"""One installation at a time: two could each agree with the host, and not with each other."""


class Stall(BaseModel):
    """A catalogue: its name, who vouches for it, what it offers; or why it can't be used."""

    catalogue: Annotated[int, Field(description="Its place among those that are set, from 0.")]
    name: str
    publisher: str
    offers: list[Offer]
    problem: str


class InstalledPlugin(BaseModel, from_attributes=True):
    """A plugin that was installed here. ``publisher`` is empty where nobody vouches for it."""

    id: str
    version: str
    publisher: str
    packages: dict[str, str]
    hosts: list[str]
    secrets: list[str]
    installed: datetime


class MarketPage(BaseModel):
    """What can be installed, and what was."""

    stalls: list[Stall]
    installed: list[InstalledPlugin]


class Wanted(BaseModel, extra="forbid"):
    """A version of a plugin that a catalogue offers; the newest that works here if none is named."""

    catalogue: Annotated[int, Field(ge=0, le=1000)] = 0
    id: Annotated[str, Field(max_length=200)]
    version: Annotated[str, Field(max_length=64)] = ""


class InstallationPlan(BaseModel):
    """What installing would do. Give ``sha256``, ``hosts`` and ``secrets`` back to agree to it."""

    id: str
    version: str
    sha256: str
    publisher: str
    licence: str
    hosts: list[str]
    secrets: list[str]
    brings: dict[str, str]
    replaces: str


class Agreed(Wanted):
    """A plan that was agreed to."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    hosts: Annotated[list[str], Field(max_length=100)] = []
    secrets: Annotated[list[str], Field(max_length=100)] = []


class Placed(InstalledPlugin):
    """What was installed. It is in use at once, or, in place of another version, from the next start on."""

    in_use: bool


_PROBLEMS = (404, 409)
_WRITE = Rules(
    needs=HousePermission.INSTALL_PLUGINS, rate=RateClass.WRITE, fresh=True, gives={200: Placed}, problems=_PROBLEMS
)


@endpoint(admin_market, "", "GET", Rules(needs=HousePermission.READ_SYSTEM, gives={200: MarketPage}))
async def show_market() -> MarketPage:
    """Show what the catalogues offer, and what is installed."""
    stalls = [await asyncio.to_thread(_stall, number, folder) for number, folder in enumerate(_catalogues())]
    installed = [InstalledPlugin.model_validate(each) for each in Shelf(shell().settings.home).installed()]
    return MarketPage(stalls=stalls, installed=installed)


@endpoint(
    admin_market,
    "/plan",
    "POST",
    Rules(
        needs=HousePermission.INSTALL_PLUGINS, rate=RateClass.WRITE, gives={200: InstallationPlan}, problems=_PROBLEMS
    ),
    body=Wanted,
)
async def plan_installation(data: Wanted) -> InstallationPlan:
    """Find out what installing a plugin would do; nothing is changed."""
    found = await asyncio.to_thread(_plan, data)
    manifest = found.wheel.manifest
    return InstallationPlan(
        id=manifest.id,
        version=found.wheel.version,
        sha256=found.wheel.sha256,
        publisher=found.publisher,
        licence=manifest.licence,
        hosts=list(manifest.net),
        secrets=list(manifest.secrets),
        brings=dict(found.brings),
        replaces=found.replaces,
    )


@endpoint(admin_market, "/install", "POST", _WRITE, body=Agreed)
async def install_plugin(data: Agreed) -> Placed:
    """Install what was agreed to: checked again, tried out in a process of its own, and only then used."""
    consent = Consent(sha256=data.sha256, hosts=tuple(data.hosts), secrets=tuple(data.secrets))
    async with _installing:
        path = await asyncio.to_thread(_wheel, data)
        await record(principal().actor, "plugin.install", f"plugin:{data.id}", sha256=data.sha256)
        placed, _ = await asyncio.to_thread(_market().install, path, consent, now=datetime.now(UTC))
    return await _placed(placed.id)


@endpoint(admin_market, "/<plugin_id>/rollback", "POST", _WRITE)
async def roll_plugin_back(plugin_id: str) -> Placed:
    """Use the version before again, from the next start on."""
    async with _installing:
        await asyncio.to_thread(Shelf(shell().settings.home).roll_back, plugin_id)
        await record(principal().actor, "plugin.roll_back", f"plugin:{plugin_id}")
    return await _placed(plugin_id)


@endpoint(
    admin_market,
    "/<plugin_id>",
    "DELETE",
    Rules(
        needs=HousePermission.INSTALL_PLUGINS, rate=RateClass.WRITE, fresh=True, gives={204: None}, problems=_PROBLEMS
    ),
)
async def remove_plugin(plugin_id: str) -> None:
    """Remove an installed plugin, all versions of it; what runs of it goes with the next start."""
    async with _installing:
        await asyncio.to_thread(Shelf(shell().settings.home).remove, plugin_id)
        await record(principal().actor, "plugin.remove", f"plugin:{plugin_id}")


async def _placed(plugin_id: str) -> Placed:
    placed = Shelf(shell().settings.home).current(plugin_id)
    await asyncio.to_thread(shell().plugin_host.find_more)
    used = {each.id: each.path for each in shell().plugin_host.plugins()}.get(plugin_id)
    is_used = used is not None and used.is_relative_to(placed.folder)
    return Placed(**InstalledPlugin.model_validate(placed).model_dump(), in_use=is_used)


def _catalogues() -> tuple[Path, ...]:
    return shell().settings.tables.market.catalogues


def _market() -> Market:
    market = shell().settings.tables.market
    source = Source(folders=market.catalogues, index=market.index)
    return Market(shell().settings.home, source=source, unsigned=frozenset(market.unsigned))


def _opened(number: int) -> Catalogue:
    folders = _catalogues()
    if number >= len(folders):
        raise InvalidInput(f"there are {len(folders)} catalogues", path="catalogue")
    return Catalogue(folders[number], read_publishers(shell().settings.home / MARKET))


def _stall(number: int, folder: Path) -> Stall:
    try:
        opened = _opened(number)
    except ReelhouseError as err:
        return Stall(catalogue=number, name=folder.name, publisher="", offers=[], problem=str(err))
    return Stall(catalogue=number, name=opened.name, publisher=opened.publisher, offers=list(opened.offers), problem="")


def _wheel(wanted: Wanted) -> Path:
    catalogue = _opened(wanted.catalogue)
    return catalogue.wheel(catalogue.offer(wanted.id, wanted.version))


def _plan(wanted: Wanted) -> Plan:
    return _market().plan(_wheel(wanted))
