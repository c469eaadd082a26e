"""Shared files: what work is done on, by content, for workers on machines that do not reach the folder it lies in."""

from pathlib import Path

from core.api import InvalidInput, NotFound, Storage
from core.render.ledger.folder import LIMIT, Ledger, digest_of
from core.render.ledger.shelf import Shelf

ROOM = "files"


class SharedFiles:
    """One owner's source files in a store, each named by the SHA-256 of its content (lower-case hex).

    Who gives work shares its files; who does it fetches them. For any thread that runs no event loop. Every call may
    raise ``StoreFailed`` when the store does not do its part, and ``LedgerFailed`` when copies can't be written.
    """

    def __init__(self, storage: Storage, folder: Path, *, owner: str, limit_here: int = LIMIT) -> None:
        """Keep files in ``storage`` and copies in ``folder`` (one with a ``StoredLedger``'s, if you like)."""
        self._copies = Ledger(folder, owner=owner, limit=limit_here)
        self._shelf = Shelf(storage, self._copies, room=ROOM, owner=owner)

    def share(self, path: Path, sha256: str) -> None:
        """Store a file, unless it is there; the file itself stays where it is.

        Raise ``InvalidInput`` when its content is not, or no longer, the one with this hash.
        """
        there = self._shelf.stat(sha256)
        if there is not None and there.sha256 == sha256:
            return
        if digest_of(path) == sha256:
            if self._shelf.put(sha256, path).sha256 == sha256:
                return
            self._shelf.delete(sha256)
        raise InvalidInput(f"{path.name} is not what it was when the work was planned", path="path")

    def take(self, sha256: str, place: Path) -> None:
        """Give the file a name on this machine, brought from the store if need be; it stays until ``place`` goes.

        Raise ``NotFound`` when nobody shared it, or when what is stored is damaged.
        """
        stored = self._shelf.stat(sha256)
        if (
            stored is None
            or stored.sha256 != sha256
            or self._shelf.bring(stored) is None
            or not self._copies.take(sha256, place)
        ):
            raise NotFound(f"the file {sha256[:12]}… is not shared, or not whole", hint="share it again")

    def forget(self) -> None:
        """Remove all that the owner has in the store, and the copies on this machine (a ``StoredLedger``'s too)."""
        self._shelf.clear()
