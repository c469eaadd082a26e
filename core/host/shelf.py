"""The shelf: plugins that were installed into the home, each version in a folder of its own, one of them in use.

market/plugins/ID/VERSION-HASH/   the packages, and ``installed.json``
market/plugins/ID/current         the name of the folder that is used; what is written last counts
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from core.api import NotFound

MARKET = "market"
"""The folder in the home that the market is kept in."""
_RECORD, _CURRENT = "installed.json", "current"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A version of a plugin on the shelf.

    ``sha256`` is the wheel's; ``publisher`` who vouched for it, empty for nobody; ``packages`` all that came with it,
    by canonical name, with versions; ``hosts`` and ``secrets`` what was consented to; ``previous`` the folder that was
    in use before.
    """

    id: str
    version: str
    distribution: str
    sha256: str
    publisher: str
    packages: Mapping[str, str]
    hosts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    installed: str = ""
    previous: str = ""
    folder: Path = field(default_factory=Path)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what a folder of the shelf holds; raise ``NotFound`` for one that is none, or is not whole."""
        try:
            facts = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        except (OSError, ValueError) as err:
            raise NotFound(f"{folder} holds no plugin: {err}") from err
        listed = {name: tuple(facts[name]) for name in ("hosts", "secrets")}
        return cls(**{**facts, **listed, "folder": folder})


class Shelf:
    """The shelf of a home."""

    def __init__(self, home: Path) -> None:
        self._root = home / MARKET / "plugins"

    def installed(self) -> tuple[Installed, ...]:
        """Return what is in use, by id."""
        return tuple(each for path in sorted(self._root.glob("*")) if (each := self._current(path)) is not None)

    def current(self, plugin_id: str) -> Installed:
        """Return the version of a plugin that is in use; raise ``NotFound``."""
        found = self._current(self._root / plugin_id)
        if found is None:
            raise NotFound(f'no plugin "{plugin_id}" was installed here')
        return found

    @contextmanager
    def placing(self, plugin_id: str) -> Iterator[Path]:
        """Give a new, empty folder for a version to be made in; it is gone afterwards unless ``place`` took it."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{plugin_id}-", dir=self._root))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def place(self, made: Path, what: Installed, *, now: datetime) -> Installed:
        """Put a version that was made on the shelf, and use it. All of it, or nothing, is there after a kill."""
        name = f"{what.version}-{what.sha256[:12]}"
        folder = self._root / what.id / name
        facts = asdict(what) | {"previous": self._used(what.id), "installed": now.isoformat()}
        del facts["folder"]
        (made / _RECORD).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".old-", dir=self._root) as gone:
            if folder.exists():  # it is put there again, whole
                folder.rename(Path(gone) / name)
            made.rename(folder)
        self._use(what.id, name)
        return Installed.read(folder)

    def roll_back(self, plugin_id: str) -> Installed:
        """Use the version before; raise ``NotFound`` where there is none."""
        previous = self.current(plugin_id).previous
        folder = self._root / plugin_id / previous
        if not previous or not folder.is_dir():
            raise NotFound(f"there is no version of {plugin_id} before this one")
        self._use(plugin_id, previous)
        return Installed.read(folder)

    def remove(self, plugin_id: str) -> None:
        """Take a plugin from the shelf, all versions of it; raise ``NotFound``."""
        self.current(plugin_id)
        gone = Path(tempfile.mkdtemp(prefix=".old-", dir=self._root))
        (self._root / plugin_id).rename(gone / plugin_id)
        shutil.rmtree(gone)

    def sweep(self) -> None:
        """Remove what was left half made, or half removed."""
        for path in self._root.glob(".*"):
            shutil.rmtree(path)

    def _current(self, folder: Path) -> Installed | None:
        name = self._used(folder.name)
        return Installed.read(folder / name) if name else None

    def _used(self, plugin_id: str) -> str:
        try:
            return (self._root / plugin_id / _CURRENT).read_text(encoding="utf-8").strip()
        except (FileNotFoundError, NotADirectoryError):
            return ""

    def _use(self, plugin_id: str, name: str) -> None:
        beside = self._root / plugin_id / f".{_CURRENT}"
        with beside.open("w", encoding="utf-8") as file:
            file.write(f"{name}\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._root / plugin_id / _CURRENT)


def put_on_path(home: Path) -> None:
    """Let Python find what is on the shelf, after everything else: nothing of it can stand in for the host's own."""
    for each in Shelf(home).installed():
        if str(each.folder) not in sys.path:
            sys.path.append(str(each.folder))
