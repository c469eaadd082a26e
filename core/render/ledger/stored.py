"""The ledger in a store: finished pieces that workers on other machines find too, through S3 or whatever is there."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.api import Storage
from core.render.ledger.failures import StoreFailed
from core.render.ledger.folder import KEPT_SHARE, LIMIT, Ledger
from core.render.ledger.shelf import Shelf

ROOM = "ledger"
"""What the keys of pieces begin with, so that one store holds finished videos beside them."""
LOOK_SHARE = 0.05
"""How much of the limit a process stores before it looks again at all: a store may ask for each object by itself."""
TOUCH_AFTER = timedelta(days=7)
"""How old a piece may get before its next use stores it anew. Stores do not tell when something was last read."""


class StoredLedger:
    """One owner's pieces in a store. As ``Ledger``: for any thread that runs no event loop, in any process anywhere.

    Each use asks the store, so that what is removed there is found nowhere; the content comes from a copy on this
    machine where there is one. Every call may raise ``StoreFailed`` when the store does not do its part.
    """

    def __init__(
        self,
        storage: Storage,
        folder: Path,
        *,
        owner: str,
        limit: int = LIMIT,
        limit_here: int = LIMIT,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Keep pieces in ``storage`` and copies in ``folder``, at most so many bytes of each."""
        self._copies = Ledger(folder, owner=owner, limit=limit_here)
        self._shelf = Shelf(storage, self._copies, room=ROOM, owner=owner)
        self._limit = limit
        self._now = now
        self._lock = threading.Lock()
        self._unseen = 0

    def get(self, key: str) -> Path | None:
        """Return a copy of a key's piece on this machine, whole and verified; None where there is no piece.

        A damaged piece is removed. The copy may be removed at any time to make room: see ``take``.
        """
        stored = self._shelf.stat(key)
        found = None if stored is None else self._shelf.bring(stored)
        if stored is not None and found is not None and self._now() - stored.modified > TOUCH_AFTER:
            with suppress(StoreFailed):  # it only counts as longer unused than it is
                self._shelf.put(key, found)
        return found

    def has(self, key: str) -> bool:
        """Tell whether there is a piece of a key. It is not verified, and does not count as used."""
        return self._shelf.stat(key) is not None

    def take(self, key: str, place: Path) -> bool:
        """Give a copy of a key's piece a second name, ``place``; tell whether there was one. See ``Ledger.take``."""
        stored = self._shelf.stat(key)
        return stored is not None and self._shelf.bring(stored) is not None and self._copies.take(stored.sha256, place)

    def put(self, key: str, path: Path) -> Path:
        """Store a finished file and take it over from ``path`` as the copy on this machine; return where that lies.

        It takes the place of a piece that the key has already. Raise ``StoreFailed``, or ``LedgerFailed`` when the
        copy can't be kept; the file lies at ``path`` still.
        """
        stored = self._shelf.put(key, path)
        kept = self._shelf.keep(stored, path)
        self._count(key, stored.size)
        return kept

    def remove(self, key: str) -> None:
        """Remove the piece of a key from the store, if there is one."""
        self._shelf.delete(key)

    def forget(self) -> None:
        """Remove all that the owner has in the store, and the copies on this machine.

        Copies on other machines are found no more; they go there as others come, or when ``forget`` is called there.
        """
        self._shelf.clear()

    def _count(self, key: str, size: int) -> None:
        """Count a new piece; now and then, look at all and make room: the longest unused go first, never this one."""
        with self._lock:
            self._unseen += size
            if self._unseen < self._limit * LOOK_SHARE:
                return
            self._unseen = 0
        files = self._shelf.files()
        total = sum(stored.size for stored in files.values())
        if total <= self._limit:
            return
        for name, stored in sorted(files.items(), key=lambda file: file[1].modified):
            if total <= self._limit * KEPT_SHARE:
                return
            if name != key:
                self._shelf.delete(name)
                total -= stored.size
