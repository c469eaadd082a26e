"""Gathering: every file a timeline names is brought here, probed and hashed, before anything is planned.

The renderer itself never fetches. Providers are asked by the plugin host; what they deliver is kept in the store.
"""

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
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
from core.timeline.plan import Cue, MediaFile, Probe
from core.timeline.references import MediaReference, referenced_media

FILE, PROVIDER = "file:", "provider:"
FETCHES_AT_ONCE = os.cpu_count() or 1
DATA = "data"
MAX_CAPTION_BYTES = 32 * 2**20


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
    references = tuple(referenced_media(timeline, catalogue))
    fetcher = _Fetcher(root, host, catalogue, store)
    fetched = fetcher.start(dict.fromkeys(each.src for each in references if each.src.startswith(PROVIDER)))
    for reference in references:
        if _is_had(reference, media, cues):
            continue
        on_event(StageStarted(stage=Stage.GATHER, detail=reference.src))
        try:
            if reference.src in fetched:
                assets[reference.src] = fetched[reference.src].result()
                path = assets[reference.src].path
            else:
                path = _local_file(root, reference.src)
            if reference.is_captions:
                cues[reference.src] = parse_captions(_read_text(path))
            else:
                described = Probe(kind=DATA) if reference.is_data else probe(path)
                media[reference.src] = MediaFile(path=path, sha256=sha256_of(path), probe=described)
        except ReelhouseError as err:
            complaints.append(Complaint(path=reference.path, message=str(err), code=err.code))
    if complaints:
        raise InvalidTimeline(tuple(complaints))
    return Gathered(media=media, cues=cues, assets=assets)


def _is_had(reference: MediaReference, media: Mapping[str, MediaFile], cues: Mapping[str, tuple[Cue, ...]]) -> bool:
    """Tell whether a file is here already, as what it is named for: what was data may also be shown elsewhere."""
    if reference.is_captions:
        return reference.src in cues
    return reference.src in media and (reference.is_data or media[reference.src].probe.kind != DATA)


class _Fetcher:
    """Lets providers bring assets, several at a time."""

    def __init__(self, root: Path, host: PluginHost, catalogue: Catalogue, store: GatheredStore) -> None:
        self._root = root
        self._host = host
        self._catalogue = catalogue
        self._store = store

    def start(self, sources: Iterable[str]) -> dict[str, Future[FetchedAsset]]:
        """Begin to fetch; each result is the asset, or raises what went wrong with it."""
        pool = ThreadPoolExecutor(FETCHES_AT_ONCE, thread_name_prefix="gather")
        fetches = {src: pool.submit(self._fetch, src) for src in sources}
        pool.shutdown(wait=False)
        return fetches

    def _fetch(self, src: str) -> FetchedAsset:
        provider_id, _, asset_id = src.removeprefix(PROVIDER).partition("/")
        provider = self._catalogue.providers.get(provider_id)
        is_stable = provider is not None and provider.is_deterministic
        version = self._catalogue.versions.get(provider_id, "")
        request = f"{version} {asset_id}" if is_stable else f"{version} {self._root.resolve()} {asset_id}"
        return self._store.get(
            request,
            lambda folder: asyncio.run(self._host.fetch(provider_id, asset_id, folder, root=self._root)),
            is_stable=is_stable,
        )


def _local_file(root: Path, src: str) -> Path:
    if not src.startswith(FILE):
        raise InvalidInput(f'"{src}" can only be used inside a tenant\'s library', hint="use file: or provider: here")
    name = src.removeprefix(FILE)
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise InvalidInput(f'"{name}" lies outside the timeline\'s folder')
    if not path.is_file():
        raise InvalidInput(f'"{name}" does not exist in {root}')
    return path


def _read_text(path: Path) -> str:
    if path.stat().st_size > MAX_CAPTION_BYTES:
        raise InvalidInput(f"{path.name} is larger than {MAX_CAPTION_BYTES // 2**20} MiB")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as err:
        raise InvalidInput(f"{path.name} is not UTF-8 text") from err
