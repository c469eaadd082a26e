"""Gathering: every file a timeline names is brought here, probed and hashed, before anything is planned.

The renderer itself never fetches. Providers are asked by the plugin host; what they deliver is kept in the store.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.api import Catalogue, FetchedAsset, InvalidInput, ReelhouseError
from core.host.host import PluginHost
from core.media.probe import probe
from core.render.events import Stage, StageStarted
from core.render.store import GatheredStore, sha256_of
from core.timeline.captions import parse_captions
from core.timeline.complaints import Complaint, InvalidTimeline
from core.timeline.document import Timeline
from core.timeline.plan import Cue, MediaFile
from core.timeline.references import referenced_media

FILE, PROVIDER = "file:", "provider:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A timeline's media by ``src``: files with their probes, caption cues, and the provenance of what was fetched."""

    media: Mapping[str, MediaFile] = field(default_factory=dict)
    cues: Mapping[str, tuple[Cue, ...]] = field(default_factory=dict)
    assets: Mapping[str, FetchedAsset] = field(default_factory=dict)


def gather(
    timeline: Timeline,
    *,
    root: Path,
    host: PluginHost,
    catalogue: Catalogue,
    store: GatheredStore,
    on_event: Callable[[StageStarted], None],
) -> Gathered:
    """Bring all media of a timeline. ``file:`` names are relative to ``root`` and may not leave it.

    Raise ``InvalidTimeline`` with a complaint for each reference that can't be had.
    """
    media: dict[str, MediaFile] = {}
    cues: dict[str, tuple[Cue, ...]] = {}
    assets: dict[str, FetchedAsset] = {}
    complaints = []
    for reference in referenced_media(timeline, catalogue):
        if reference.src in media or reference.src in cues:
            continue
        on_event(StageStarted(stage=Stage.GATHER, detail=reference.src))
        try:
            path = _bring(reference.src, root, host, catalogue, store, assets)
            if reference.is_captions:
                cues[reference.src] = parse_captions(_read_text(path))
            else:
                media[reference.src] = MediaFile(path=path, sha256=sha256_of(path), probe=probe(path))
        except ReelhouseError as err:
            complaints.append(Complaint(path=reference.path, message=str(err), code=err.code))
    if complaints:
        raise InvalidTimeline(tuple(complaints))
    return Gathered(media=media, cues=cues, assets=assets)


def _bring(
    src: str,
    root: Path,
    host: PluginHost,
    catalogue: Catalogue,
    store: GatheredStore,
    assets: dict[str, FetchedAsset],
) -> Path:
    if src.startswith(FILE):
        return _local_file(root, src.removeprefix(FILE))
    if src.startswith(PROVIDER):
        provider_id, _, asset_id = src.removeprefix(PROVIDER).partition("/")
        request = f"{catalogue.versions.get(provider_id, '')} {asset_id}"
        assets[src] = store.get(
            request, lambda folder: asyncio.run(host.fetch(provider_id, asset_id, folder, root=root))
        )
        return assets[src].path
    raise InvalidInput(f'"{src}" can only be used inside a tenant\'s library', hint="use file: or provider: here")


def _local_file(root: Path, name: str) -> Path:
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise InvalidInput(f'"{name}" lies outside the timeline\'s folder')
    if not path.is_file():
        raise InvalidInput(f'"{name}" does not exist in {root}')
    return path


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as err:
        raise InvalidInput(f"{path.name} is not UTF-8 text") from err
