"""The folder that a library reads, and nothing outside it."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

from core.api import (
    AssetKind,
    AssetOffer,
    ConfigInvalid,
    FetchedAsset,
    InvalidInput,
    NotFound,
    PluginContext,
    Search,
    SearchPage,
)
from plugins.providers.library.credits import CREDITS, Credits, read_credits

KINDS: dict[str, AssetKind] = {
    **dict.fromkeys((".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".ts"), AssetKind.VIDEO),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"), AssetKind.IMAGE),
    **dict.fromkeys((".mp3", ".wav", ".m4a", ".aac", ".flac", ".ogg", ".opus"), AssetKind.AUDIO),
    **dict.fromkeys((".srt", ".vtt"), AssetKind.CAPTIONS),
    ".cube": AssetKind.DATA,
}


class Library:
    """An open library. It keeps nothing between calls."""

    def __init__(self, context: PluginContext) -> None:
        named = context.config.text("folder")
        root = Path(named).expanduser() if named else context.root
        if root is None or not root.is_dir():
            raise ConfigInvalid(f"there is no folder {root or ''}".rstrip(), field="folder")
        self._root = root.resolve()
        self._log = context.log

    async def search(self, search: Search) -> SearchPage:
        """List files of a kind whose path holds every word, in the order of their paths."""
        return await asyncio.to_thread(self._search, search)

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        """Copy a file. Raise ``InvalidInput`` for a path that leads out, ``NotFound`` for one that leads nowhere."""
        return await asyncio.to_thread(self._fetch, asset_id, folder)

    async def close(self) -> None:
        """Nothing is open."""

    def _search(self, search: Search) -> SearchPage:
        words = search.text.lower().split()
        found = [path for path in self._files(search.kind) if all(word in str(path).lower() for word in words)]
        first = (search.page - 1) * search.per_page
        offers = tuple(self._offer(path, search.kind) for path in found[first : first + search.per_page])
        has_more = len(found) > first + search.per_page
        return SearchPage(offers=offers, total=len(found), next_page=search.page + 1 if has_more else None)

    def _files(self, kind: AssetKind) -> Iterator[Path]:
        for path in sorted(self._root.rglob("*")):
            is_inside = path.resolve().is_relative_to(self._root)
            if is_inside and path.is_file() and KINDS.get(path.suffix.lower()) is kind:
                yield path.relative_to(self._root)

    def _offer(self, path: Path, kind: AssetKind) -> AssetOffer:
        try:
            known = self._credits(path)
        except InvalidInput as err:  # one bad file must not hide all others; fetching it says what is wrong
            self._log.warning("%s", err)
            known = Credits()
        return AssetOffer(
            id=path.as_posix(),
            kind=kind,
            title=known.title or path.stem,
            licence=known.licence,
            creator=known.creator,
            source_url=known.source_url,
        )

    def _fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        source = self._inside(asset_id)
        if not source.is_file():
            raise NotFound(f"the library has no {asset_id}")
        kind = KINDS.get(source.suffix.lower())
        if kind is None:
            raise InvalidInput(f"{asset_id} can't be delivered", hint=f"one of {', '.join(KINDS)}")
        known = self._credits(source.relative_to(self._root))
        target = folder / source.name
        shutil.copyfile(source, target)
        return FetchedAsset(
            path=target,
            kind=kind,
            licence=known.licence,
            title=known.title or source.stem,
            creator=known.creator,
            source_url=known.source_url,
        )

    def _inside(self, asset_id: str) -> Path:
        parts = asset_id.split("/")
        if not asset_id or "\0" in asset_id or asset_id.startswith("/") or ".." in parts:
            raise InvalidInput(f'"{asset_id}" must be a path inside the library')
        path = (self._root / asset_id).resolve()
        if not path.is_relative_to(self._root):
            raise InvalidInput(f'"{asset_id}" leads out of the library')
        return path

    def _credits(self, path: Path) -> Credits:
        beside = (self._root / f"{path}{CREDITS}").resolve()
        return read_credits(beside) if beside.is_relative_to(self._root) else Credits()
