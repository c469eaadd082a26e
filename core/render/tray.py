"""The tray: a render's own folder, in which finished pieces lie under their keys: no other can take them away."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.render.station import Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Tray:
    """``folder`` lies on the file system of the station's ledger: what is taken from it gets a second name there."""

    folder: Path
    station: Station

    def __truediv__(self, name: str) -> Path:
        """Return where a piece lies, or another thing of this render's."""
        return self.folder / name

    def take(self, key: str) -> bool:
        """Take what the ledger keeps under a key; tell whether it is here now.

        Raise ``LedgerFailed`` when it can't be written here.
        """
        return self.has(key) or self.station.ledger.take(key, self / key)

    def take_all(self, keys: Sequence[str]) -> bool:
        """Take all that is kept of some keys, as ``take`` does; tell whether none is missing."""
        return [self.take(key) for key in keys].count(False) == 0

    def has(self, key: str) -> bool:
        """Tell whether a piece was taken."""
        return (self / key).exists()

    def drop(self, key: str) -> None:
        """Remove a piece that is of no use, here and from the ledger."""
        (self / key).unlink()
        self.station.drop(key)
