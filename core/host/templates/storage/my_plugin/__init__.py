"""A storage backend for Reelhouse: keeps files in a folder, each with its description in front of its bytes."""

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import file_digest, sha256
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from core.api import (
    InvalidInput,
    NotFound,
    Parameter,
    ParameterType,
    PluginContext,
    StorageBackend,
    StoredObject,
    hookimpl,
)

CHUNK = 1024 * 1024


class FolderStorage:
    """The store, open. File work runs in threads: nothing may block the loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, source: Path, *, content_type: str = "application/octet-stream") -> StoredObject:
        """Store a file whole or not at all."""
        return await asyncio.to_thread(self._put, self._path(key), key, source, content_type)

    async def stat(self, key: str) -> StoredObject:
        """Describe what is stored."""
        return await asyncio.to_thread(self._stat, self._path(key))

    async def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield bytes in chunks of at most 1 MiB."""
        stored, file = await asyncio.to_thread(self._open, self._path(key))
        with file:
            file.seek(start, os.SEEK_CUR)
            left = stored.size if length is None else length
            while left > 0 and (chunk := await asyncio.to_thread(file.read, min(left, CHUNK))):
                left -= len(chunk)
                yield chunk

    async def fetch(self, key: str, target: Path) -> StoredObject:
        """Copy what is stored into a new local file."""
        return await asyncio.to_thread(self._fetch, self._path(key), target)

    async def delete(self, key: str) -> None:
        """Remove it."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    async def list(self, prefix: str = "") -> AsyncIterator[StoredObject]:
        """Yield what is stored under a prefix, in the order of the keys."""
        stored = await asyncio.to_thread(lambda: [self._stat(path) for path in self._folder.glob("*.object")])
        for each in sorted(stored, key=lambda each: each.key):
            if each.key.startswith(prefix):
                yield each

    async def link(self, key: str, *, expires_in: timedelta, filename: str | None = None) -> str | None:
        """A folder has no URLs."""
        await self.stat(key)
        return None

    async def close(self) -> None:
        """Nothing is held open."""

    def _path(self, key: str) -> Path:
        if "\0" in key or any(part in ("", ".", "..") for part in key.split("/")):
            raise InvalidInput(f"{key!r} is not an allowed key", path="key")
        return self._folder / f"{sha256(key.encode()).hexdigest()}.object"

    def _put(self, path: Path, key: str, source: Path, content_type: str) -> StoredObject:
        with source.open("rb") as content, tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
            digest = file_digest(content, "sha256").hexdigest()
            size = content.tell()
            content.seek(0)
            description = {
                "key": key,
                "size": size,
                "sha256": digest,
                "modified": datetime.now(UTC).isoformat(),
                "content_type": content_type,
            }
            file.write(json.dumps(description).encode() + b"\n")
            copyfileobj(content, file)
        Path(file.name).replace(path)
        return self._stat(path)

    def _stat(self, path: Path) -> StoredObject:
        stored, file = self._open(path)
        file.close()
        return stored

    def _open(self, path: Path) -> tuple[StoredObject, BinaryIO]:
        """Return the description and the file, at the first byte of the content."""
        try:
            file = path.open("rb")
        except FileNotFoundError as err:
            raise NotFound("nothing is stored under this key") from err
        described = json.loads(file.readline())
        described["modified"] = datetime.fromisoformat(described["modified"])
        return StoredObject(**described), file

    def _fetch(self, path: Path, target: Path) -> StoredObject:
        stored, file = self._open(path)
        with file, target.open("xb") as copy:
            copyfileobj(file, copy)
        with target.open("rb") as copied:
            if file_digest(copied, "sha256").hexdigest() != stored.sha256:
                raise NotFound("what is stored under this key is damaged")
        return stored


def open_folder(context: PluginContext) -> FolderStorage:
    """Open the store in the folder that it is configured with, else in the plugin's own."""
    folder = Path(context.config.text("folder") or context.folder / "objects")
    folder.mkdir(parents=True, exist_ok=True)
    return FolderStorage(folder)


FOLDER = StorageBackend(
    id="my.plugin.folder",
    title="Folder",
    description="Keeps files in a folder.",
    params=(Parameter(name="folder", title="Folder", type=ParameterType.TEXT, default=""),),
    open=open_folder,
)


@hookimpl
def reelhouse_storage_backends() -> Iterable[StorageBackend]:
    """Declare the store."""
    yield FOLDER
