"""Preparing: a tenant's timeline becomes a plan, with its library's assets and its plugins."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

from core.api import FetchedAsset
from core.host.opening import OWNERS_FOLDER
from core.host.plugins import Plugins
from core.render.events import StageStarted
from core.render.gather import LIBRARY
from core.render.preparing import Prepared, prepare, read_checked
from core.render.probing import Prober
from core.render.workshop import Workshop
from core.timeline.references import referenced_media
from tenants.library.assets import find_assets
from tenants.studio.requesting import as_id
from tenants.studio.services import Studio
from tenants.vault.scope import scope


async def bring_library(at: Studio, tenant: UUID, text: str, view: Plugins, folder: Path) -> Mapping[str, FetchedAsset]:
    """Bring the assets that a timeline names to this machine, into ``folder``; return them by their ids."""
    timeline, catalogue = read_checked(text, view)
    named = {each.src for each in referenced_media(timeline, catalogue) if each.src.startswith(LIBRARY)}
    ids = {id_ for id_ in (as_id(each.removeprefix(LIBRARY)) for each in named) if id_ is not None}
    async with scope(tenant):
        found = await find_assets(ids)
    library = {}
    for asset in found:
        path = folder / f"{asset.id}{Path(asset.storage_key).suffix}"
        await at.holdings.fetch(asset.storage_key, path)
        library[str(asset.id)] = asset.as_fetched(path)
    return library


def prepare_for(
    at: Studio,
    tenant: UUID,
    text: str,
    workshop: Workshop,
    view: Plugins,
    library: Mapping[str, FetchedAsset],
    folder: Path,
    stop: threading.Event,
    *,
    is_draft: bool = False,
    on_event: Callable[[StageStarted], None] = lambda _event: None,
) -> Prepared:
    """Return a tenant's timeline ready to be rendered; errors as ``core.render.preparing.prepare``. Blocks."""
    root = folder / "root"  # of ``file:`` names, of which there are none
    root.mkdir()
    return prepare(
        text,
        root=root,
        home=at.home / OWNERS_FOLDER / str(tenant),
        host=view,
        probe=Prober(workshop.station, cancelled=stop).probe,
        is_draft=is_draft,
        on_event=on_event,
        library=library,
        cancelled=stop,
    )
