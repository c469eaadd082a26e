"""A shelf: one owner's files in a store, with copies on this machine. Pieces and shared files lie on shelves."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from core.api import (
    AuthFailed,
    Cancelled,
    CapabilityDenied,
    ConfigInvalid,
    NotFound,
    NotReady,
    PluginError,
    ReelhouseError,
    Storage,
    StoredObject,
)
from core.render.ledger.failures import StoreFailed
from core.render.ledger.folder import Ledger, digest_of, owner_name

_NOT_OF_THE_FILE = (NotReady, AuthFailed, ConfigInvalid, CapabilityDenied, Cancelled)
"""What a store raises on purpose that says nothing of the file it was asked for."""


class Shelf:
    """``room`` parts kinds of files; ``copies`` keeps what was brought here, each under its content's SHA-256.

    For any thread that runs no event loop. Every call may raise ``StoreFailed``, and ``LedgerFailed`` when the copies
    can't be written.
    """

    def __init__(self, storage: Storage, copies: Ledger, *, room: str, owner: str) -> None:
        self._storage = storage
        self._copies = copies
        self._prefix = f"{room}/{owner_name(owner)}/"

    def stat(self, name: str) -> StoredObject | None:
        """Describe a file; None where there is none."""
        try:
            return _answer(self._storage.stat(self._prefix + name))
        except NotFound:
            return None

    def put(self, name: str, path: Path) -> StoredObject:
        """Store a file whole, in the place of what was there; ``path`` stays as it is."""
        wanted = digest_of(path)
        stored = _answer(self._storage.put(self._prefix + name, path))
        if stored.sha256 != wanted:
            self.delete(name)
            raise StoreFailed("the store kept something else than it was given")
        return stored

    def note(self, name: str) -> None:
        """Store a file that says nothing but that it is there."""
        with self._copies.arriving() as folder:
            note = folder / "note"
            note.write_bytes(b"noted")  # some stores refuse what is empty
            self.put(name, note)

    def keep(self, stored: StoredObject, path: Path) -> Path:
        """Take over a file from ``path`` as the copy of what is stored; return where it lies."""
        return self._copies.put(stored.sha256, path)

    def bring(self, stored: StoredObject) -> Path | None:
        """Return the copy of a file, brought from the store if need be; None where it is gone, or damaged and removed.

        The copy may be removed at any time to make room; a file that is linked to it stays.
        """
        found = self._copies.get(stored.sha256)
        if found is not None:
            return found
        with self._copies.arriving() as folder:
            target = folder / "brought"
            brought = _answer(self._fetch(stored.key, target))
            if brought is None:
                return None
            if digest_of(target) != brought.sha256:
                _answer(self._storage.delete(stored.key))
                return None
            return self._copies.put(brought.sha256, target)

    def delete(self, name: str) -> None:
        """Remove a file from the store, if it is there."""
        _answer(self._storage.delete(self._prefix + name))

    def files(self) -> dict[str, StoredObject]:
        """Return all that is stored, by name."""
        return {stored.key.removeprefix(self._prefix): stored for stored in _answer(self._list())}

    def clear(self) -> None:
        """Remove all that is stored, and the copies on this machine."""
        for name in self.files():
            self.delete(name)
        self._copies.forget()

    async def _fetch(self, key: str, target: Path) -> StoredObject | None:
        try:
            return await self._storage.fetch(key, target)
        except NotFound:  # it was just removed
            return None
        except _NOT_OF_THE_FILE:
            raise
        except PluginError:  # it is damaged: a store says so itself
            await self._storage.delete(key)
            return None

    async def _list(self) -> list[StoredObject]:
        return [stored async for stored in self._storage.list(self._prefix)]


def _answer[T](call: Coroutine[Any, Any, T]) -> T:
    """Wait for a store's answer. Raise ``NotFound`` as it is and ``StoreFailed`` for all else."""
    try:
        return asyncio.run(call)
    except NotFound:
        raise
    except ReelhouseError as err:
        raise StoreFailed(f"the store of finished work failed: {err}", hint=err.hint) from err
