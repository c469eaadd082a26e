"""Gathering: every file a timeline names is brought here, probed and hashed, before anything is planned.

The renderer itself never fetches. Providers are asked by the plugin host; what they deliver is kept in the store.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.api import Cancelled, Catalogue, FetchedAsset, InvalidInput, Parameter, ReelhouseError
from core.host.plugins import Plugins
from core.render.events import Stage, StageStarted
from core.render.stopping import LOOK_SECONDS, NEVER, Stop, raise_if, result_unless, stoppable_threads
from core.render.store import GatheredStore, sha256_of
from core.timeline.captions import parse_captions
from core.timeline.complaints import Complaint, InvalidTimeline
from core.timeline.document import Timeline
from core.timeline.plan import Cue, MediaFile, Probe
from core.timeline.references import referenced_media

FILE, PROVIDER, LIBRARY = "file:", "provider:", "asset:"
FETCHES_AT_ONCE = os.cpu_count() or 1
DATA = "data"
MAX_CAPTION_BYTES = 32 * 2**20
NO_LIBRARY: Mapping[str, FetchedAsset] = MappingProxyType({})
"""For who has no library, as at the command line."""


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
    host: Plugins,
    catalogue: Catalogue,
    store: GatheredStore,
    probe: Callable[[Path, str], Probe],
    on_event: Callable[[StageStarted], None],
    library: Mapping[str, FetchedAsset] = NO_LIBRARY,
    cancelled: Stop = NEVER,
) -> Gathered:
    """Bring all media of a timeline. ``file:`` names are relative to ``root`` and may not leave it.

    ``library`` holds what ``asset:`` names stand for, by what follows the colon.
    ``probe`` describes a file, given its path and SHA-256. Raise ``InvalidTimeline`` with a complaint for each
    reference that can't be had, ``Cancelled`` soon after ``cancelled`` is set: then nothing is fetched any more.
    """
    media: dict[str, MediaFile] = {}
    cues: dict[str, tuple[Cue, ...]] = {}
    assets: dict[str, FetchedAsset] = {}
    complaints = []
    references = tuple(referenced_media(timeline, catalogue))
    stop = threading.Event()
    bringer = _Bringer(root, host, catalogue, store, probe, library, stop)
    inspector = _Inspector(host)
    with stoppable_threads(FETCHES_AT_ONCE, stop, name="gather") as pool:
        shown = {each.src for each in references if not each.is_captions and not each.is_data}
        coming = {
            src: pool.submit(bringer.bring, src, is_shown=src in shown)
            for src in dict.fromkeys(each.src for each in references)
        }
        for reference in references:
            on_event(StageStarted(stage=Stage.GATHER, detail=reference.src))
            try:
                brought = result_unless(cancelled, coming[reference.src])
                if brought.asset is not None:
                    assets[reference.src] = brought.asset
                if reference.is_captions:
                    cues[reference.src] = parse_captions(_read_text(brought.file.path))
                else:
                    if reference.parameter is not None:
                        inspector.inspect(reference.parameter, brought.file.path)
                    media[reference.src] = brought.file
            except Cancelled:
                raise
            except ReelhouseError as err:
                complaints.append(Complaint(path=reference.path, message=str(err), code=err.code))
    if complaints:
        raise InvalidTimeline(tuple(complaints))
    return Gathered(media=media, cues=cues, assets=assets)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Brought:
    file: MediaFile
    asset: FetchedAsset | None


class _Bringer:
    """Brings files, several at a time: providers are asked for theirs, and what is to be seen or heard is probed."""

    def __init__(
        self,
        root: Path,
        host: Plugins,
        catalogue: Catalogue,
        store: GatheredStore,
        probe: Callable[[Path, str], Probe],
        library: Mapping[str, FetchedAsset],
        stop: Stop,
    ) -> None:
        self._root = root
        self._host = host
        self._catalogue = catalogue
        self._store = store
        self._probe = probe
        self._library = library
        self._stop = stop

    def bring(self, src: str, *, is_shown: bool) -> _Brought:
        """Bring a file and describe it; one that is not shown is data."""
        asset = self._asset(src)
        path = _local_file(self._root, src) if asset is None else asset.path
        content = sha256_of(path, cancelled=self._stop)
        described = self._probe(path, content) if is_shown else Probe(kind=DATA)
        return _Brought(file=MediaFile(path=path, sha256=content, probe=described), asset=asset)

    def _asset(self, src: str) -> FetchedAsset | None:
        """Return what lies in the library, or what a provider delivers; None for a file."""
        if src.startswith(LIBRARY) and (found := self._library.get(src.removeprefix(LIBRARY))):
            return found
        return self._fetch(src) if src.startswith(PROVIDER) else None

    def _fetch(self, src: str) -> FetchedAsset:
        provider_id, _, asset_id = src.removeprefix(PROVIDER).partition("/")
        provider = self._catalogue.providers.get(provider_id)
        is_stable = provider is not None and provider.is_deterministic
        version = self._catalogue.versions.get(provider_id, "")
        request = f"{version} {asset_id}" if is_stable else f"{version} {self._root.resolve()} {asset_id}"
        return self._store.get(
            request,
            lambda folder: asyncio.run(
                _unless(self._stop, self._host.fetch(provider_id, asset_id, folder, root=self._root))
            ),
            is_stable=is_stable,
        )


async def _unless[T](stop: Stop, fetching: Coroutine[Any, Any, T]) -> T:
    """Await what is fetched; raise ``Cancelled`` when it is not wanted any more, and let go of it."""
    task = asyncio.create_task(fetching)
    while not (await asyncio.wait((task,), timeout=LOOK_SECONDS))[0]:
        if stop.is_set():
            task.cancel()
    if task.cancelled():
        raise_if(stop)
    return task.result()


class _Inspector:
    """Lets plugins look at the files that are given to them; each once for a parameter, however often it is used."""

    def __init__(self, host: Plugins) -> None:
        self._host = host
        self._refusals: dict[tuple[int, Path], ReelhouseError | None] = {}

    def inspect(self, parameter: Parameter, path: Path) -> None:
        """Raise what the plugin says is wrong with a file, or ``PluginFailed``."""
        seen = (id(parameter), path)
        if seen not in self._refusals:
            try:
                self._host.check_file(parameter, path)
                self._refusals[seen] = None
            except ReelhouseError as err:
                self._refusals[seen] = err
        if refusal := self._refusals[seen]:
            raise refusal


def _local_file(root: Path, src: str) -> Path:
    if src.startswith(LIBRARY):
        raise InvalidInput(f'"{src}" is not in the library')
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
