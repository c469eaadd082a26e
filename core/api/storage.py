"""Storage backends: where finished videos and media lie."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from core.api.context import PluginContext
from core.api.errors import InvalidInput
from core.api.parameters import Parameter

LONGEST_KEY = 1024
LONGEST_PART = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One stored file. ``size`` in bytes; ``sha256`` in lower-case hex, of the whole content."""

    key: str
    size: int
    sha256: str
    modified: datetime
    content_type: str = "application/octet-stream"


def check_key(key: str) -> str:
    """Return a key that every store allows; raise ``InvalidInput`` for others.

    A key is a relative path of ``/``-joined parts without ``.``, ``..`` or empty ones and without control characters,
    at most 1024 bytes of UTF-8 and 255 a part: what both file systems and S3 can name.
    """
    parts = key.split("/")
    if "" in parts or "." in parts or ".." in parts:
        raise InvalidInput(f"{key!r} is not an allowed key: its parts may not be empty, . or ..", path="key")
    if any(ord(character) < 32 or ord(character) == 127 for character in key):
        raise InvalidInput(f"{key!r} is not an allowed key: it holds control characters", path="key")
    try:
        encoded = key.encode()
    except UnicodeEncodeError as err:
        raise InvalidInput(f"{key!r} is not an allowed key: it is not Unicode text", path="key") from err
    if len(encoded) > LONGEST_KEY or any(len(part) > LONGEST_PART for part in encoded.split(b"/")):
        raise InvalidInput(
            f"{key[:40]!r}… is not an allowed key: at most {LONGEST_KEY} bytes, {LONGEST_PART} a part", path="key"
        )
    return key


class Storage(Protocol):
    """An open store. Keys are relative paths of ``/``-joined parts without ``.``, ``..`` or empty ones.

    Every call raises ``NotFound`` for a key that is not there (``delete`` does not), ``InvalidInput`` for a key that
    is not allowed, and ``NotReady`` where the service can't answer.
    """

    async def put(self, key: str, source: Path, *, content_type: str = "application/octet-stream") -> StoredObject:
        """Store a file whole or not at all, verified by its hash; replace what was there."""

    async def stat(self, key: str) -> StoredObject:
        """Describe what is stored."""

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from ``start``, at most ``length`` of them, in chunks of at most 1 MiB."""

    async def fetch(self, key: str, target: Path) -> StoredObject:
        """Copy what is stored into a new local file, verified by its hash."""

    async def delete(self, key: str) -> None:
        """Remove it; nothing happens when it is not there."""

    def list(self, prefix: str = "") -> AsyncIterator[StoredObject]:
        """Yield what is stored under a prefix, in the order of the keys."""

    async def link(self, key: str, *, expires_in: timedelta, filename: str | None = None) -> str | None:
        """Return a time-limited URL that needs no other rights, or None where the backend has none."""

    async def close(self) -> None:
        """Release connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageBackend:
    """A kind of store, declared by a plugin; ``params`` is its configuration, in ``context.config`` when opened."""

    id: str
    title: str
    description: str = ""
    params: tuple[Parameter, ...] = ()
    open: Callable[[PluginContext], Storage]
