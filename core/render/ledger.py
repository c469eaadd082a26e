"""The ledger: finished pieces by key."""

import hashlib
from pathlib import Path


class Ledger:
    """A folder of an owner's pieces."""

    def __init__(self, folder: Path, *, owner: str) -> None:
        self._folder = folder / hashlib.sha256(owner.encode()).hexdigest()
        self._folder.mkdir(parents=True, exist_ok=True)

    def get(self, key: str) -> Path | None:
        """Return the piece of a key."""
        path = self._folder / key
        return path if path.exists() else None

    def put(self, key: str, path: Path) -> Path:
        """Keep a piece."""
        return path.rename(self._folder / key)
