"""Files: what lies in a vault's folder, and what is done to it without a key."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tenants.vault.failures import VaultBusy, VaultMissing
from tenants.vault.sqlite.access import Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultFiles:
    """The folder of one vault: ``vault.db`` with SQLite's files beside it, and a few of ours.

    ``written`` is there while the file may differ from what it was at the last close; ``before`` is a copy that is
    kept while a migration goes on; ``new`` is a vault that is being made, ``rekeyed`` one that is
    being copied under another key.
    """

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "vault.db"

    @property
    def log(self) -> Path:
        return self.folder / "vault.db-wal"

    @property
    def journal(self) -> Path:
        return self.folder / "vault.db-journal"

    @property
    def before(self) -> Path:
        return self.folder / "vault.before"

    @property
    def new(self) -> Path:
        return self.folder / "vault.new"

    @property
    def rekeyed(self) -> Path:
        return self.folder / "vault.rekeyed"

    @property
    def written(self) -> Path:
        return self.folder / "written"

    @contextmanager
    def leased(self) -> Iterator[None]:
        """Keep other processes out; the kernel ends it with the process. Raise ``VaultBusy`` where one has the vault.

        A lock of its own, not SQLite's: that is lost as soon as anyone in this process opens and closes the file.
        Raise ``VaultMissing`` without a folder.
        """
        try:
            lease = (self.folder / "lease").open("wb")
        except FileNotFoundError:
            raise VaultMissing(f"the folder {self.folder.name} of a vault is gone") from None
        with lease:
            try:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise VaultBusy("another process has the vault") from None
            yield

    def digest(self) -> str:
        """Return the SHA-256 of the closed file, 64 hexadecimal digits."""
        with self.database.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def has_log(self) -> bool:
        """True if there is something in SQLite's write-ahead log."""
        return _has_bytes(self.log)

    def has_journal(self) -> bool:
        """True if there is a rollback journal. We never write one, SQLite would put back what is in it."""
        return _has_bytes(self.journal)

    def read_mark(self) -> bytes:
        """Return what is in ``written``, nothing if it is not there."""
        try:
            return self.written.read_bytes()
        except FileNotFoundError:
            return b""

    def write_mark(self, mark: bytes) -> None:
        """Put ``written`` there, before the database is written to."""
        write_durably(self.written, mark)

    def keep_copy(self, raw: Raw) -> None:
        """Copy the file, which nobody writes to now, to ``before``: the same bytes, so the same key."""
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        beside = self.folder / "vault.before.part"
        beside.touch(mode=0o600)
        shutil.copyfile(self.database, beside)
        with beside.open("rb") as copy:
            os.fsync(copy.fileno())
        beside.replace(self.before)
        self.sync()

    def take_rekeyed(self, mark: bytes) -> None:
        """Put the copy under another key in its place; ``mark`` says to who has that key that it was not closed yet.

        Killed in between, either file is there, whole, and the key of each tells it apart. The file is closed.
        """
        self.write_mark(mark)
        self.rekeyed.replace(self.database)
        self.sync()

    def drop_rekeyed(self) -> None:
        """Remove what an interrupted copy has left."""
        for left_over in self.folder.glob(f"{self.rekeyed.name}*"):
            left_over.unlink()

    def put_back(self) -> None:
        """Put the copy back in its place. The file is closed."""
        for beside in self.folder.glob(f"{self.database.name}-*"):
            beside.unlink()
        self.before.replace(self.database)
        self.sync()

    def sync(self) -> None:
        """Make durable which files there are."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_durably(path: Path, content: bytes) -> None:
    """Write a small file, readable by its owner alone, and have it on the disk, whole or not at all, on return."""
    beside = path.with_name(f"{path.name}.part")
    beside.touch(mode=0o600)
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    VaultFiles(folder=path.parent).sync()


def _has_bytes(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False
