"""The store in a folder: what ``core.api.Storage`` asks for, on files."""

import asyncio
import mimetypes
import os
import stat
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Self

from core.api import Cancelled, ConfigInvalid, InvalidInput, NotFound, NotReady, PluginError, StoredObject, check_key
from plugins.storage.local.arrivals import CHUNK, Arrival, Arrivals
from plugins.storage.local.records import Records, Version
from plugins.storage.local.tree import OWN, Tree

THREADS = 4
LISTED_AT_ONCE = 64
PLAIN = "application/octet-stream"


class LocalStorage:
    """The open store. All file work runs in a few threads of its own."""

    def __init__(self, root: Path) -> None:
        self._tree = Tree(root)
        self._records = Records(root / OWN / "records")
        self._arrivals = Arrivals(root / OWN / "arrivals")
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="reelhouse-local")

    @classmethod
    def open(cls, root: Path) -> Self:
        """Open the store in a folder; raise ``ConfigInvalid`` where there can be none."""
        try:
            for part in ("records", "arrivals"):
                (root / OWN / part).mkdir(parents=True, exist_ok=True)
            store = cls(root.resolve(strict=True))
            store._arrivals.sweep()
        except OSError as err:
            raise ConfigInvalid(f"{root} can't be a store: {err.strerror}", field="folder") from err
        return store

    async def put(self, key: str, source: Path, *, content_type: str = PLAIN) -> StoredObject:
        """Store a file whole or not at all, verified by its hash; replace what was there."""
        _check(key)
        return await self._run(lambda check: self._put(key, source, content_type, check))

    async def stat(self, key: str) -> StoredObject:
        """Describe what is stored."""
        _check(key)
        return await self._run(lambda _: self._stat(key))

    async def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from ``start``, at most ``length`` of them; what is replaced meanwhile is read to its end."""
        _check(key)
        for name, value in (("start", start), ("length", length)):
            if value is not None and value < 0:
                raise InvalidInput(f"must be at least 0, not {value}", path=name)
        with ExitStack() as held:  # filled by the thread: what it opens is closed even if the caller gives up meanwhile
            file = await self._run(lambda _: self._hold(key, held))
            at, end = start, None if length is None else start + length
            while count := CHUNK if end is None else min(CHUNK, end - at):
                chunk = await self._run(partial(_read, file, at, count))
                if not chunk:
                    return
                yield chunk
                at += len(chunk)

    async def fetch(self, key: str, target: Path) -> StoredObject:
        """Copy what is stored into a new local file, verified by its hash."""
        _check(key)
        return await self._run(lambda check: self._fetch(key, target, check))

    async def delete(self, key: str) -> None:
        """Remove it and the folders that it leaves empty; nothing happens when it is not there."""
        _check(key)
        await self._run(lambda _: self._delete(key))

    async def list(self, prefix: str = "") -> AsyncIterator[StoredObject]:
        """Yield what is stored under a prefix, in the order of the keys."""
        keys = self._tree.keys(prefix)
        while found := await self._run(lambda _: list(islice(self._described(keys), LISTED_AT_ONCE))):
            for each in found:
                yield each

    async def link(
        self,
        key: str,
        *,
        expires_in: timedelta,  # noqa: ARG002 - the contract gives it
        filename: str | None = None,  # noqa: ARG002 - likewise
    ) -> str | None:
        """Return None: a folder has no URLs."""
        await self.stat(key)
        return None

    async def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False)

    async def _run[T](self, work: Callable[[Callable[[], None]], T]) -> T:
        """Do file work in a thread; when the caller is cancelled, it ends at its next chunk, cleaned up."""
        is_stopped = threading.Event()

        def check() -> None:
            if is_stopped.is_set():
                raise Cancelled("the transfer was stopped")

        def guarded() -> T:
            with _disk_faults():
                return work(check)

        running = asyncio.get_running_loop().run_in_executor(self._threads, guarded)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            is_stopped.set()
            await asyncio.gather(running, return_exceptions=True)
            raise

    def _put(self, key: str, source: Path, content_type: str, check: Callable[[], None]) -> StoredObject:
        try:
            opened = source.open("rb", buffering=0)
        except OSError as err:
            raise InvalidInput(f"{source} can't be read: {err.strerror}", path="source") from err
        with opened, self._arrivals.receive(opened, check) as arrival:
            while not self._place(key, arrival, content_type):
                check()
            return _stored(key, arrival.stat(), arrival.sha256, content_type)

    def _place(self, key: str, arrival: Arrival, content_type: str) -> bool:
        """Move a file to its place; return False when its folder was removed at that moment."""
        try:
            with self._tree.parent(key, make=True) as (folder, name), self._records.locked(key):
                kept = self._make_room(key, folder, name, arrival)
                found = arrival.stat()
                fresh = Version(
                    size=found.st_size, mtime_ns=found.st_mtime_ns, sha256=arrival.sha256, content_type=content_type
                )
                self._records.write(key, (fresh, *kept))
                os.rename(arrival.path, name, dst_dir_fd=folder)
                os.fsync(folder)
        except (NotFound, FileNotFoundError):
            if arrival.path.exists():
                return False
            raise
        except (OSError, InvalidInput):
            self._tree.prune(key)
            raise
        return True

    def _make_room(self, key: str, folder: int, name: str, arrival: Arrival) -> tuple[Version, ...]:
        """Return the version that is being replaced, if its record is known; refuse to replace a folder."""
        try:
            there = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return ()
        if stat.S_ISDIR(there.st_mode):
            raise InvalidInput(f'"{key}" can\'t be stored: it is a folder here', path="key")
        arrival.differ_from(there)
        return tuple(version for version in self._records.read(key) if version.describes(there))

    def _hold(self, key: str, held: ExitStack) -> int:
        file = self._tree.open(key)
        held.callback(os.close, file)
        return file

    def _stat(self, key: str) -> StoredObject:
        file = self._tree.open(key)
        try:
            return self._describe(key, file)
        finally:
            os.close(file)

    def _describe(self, key: str, file: int) -> StoredObject:
        """Describe an open file from its record, or by reading it where it came here without one."""
        found = os.fstat(file)
        for version in self._records.read(key):
            if version.describes(found):
                return _stored(key, found, version.sha256, version.content_type)
        # Also what was replaced just now and has lost its record: then only the hash is learnt, nothing is kept.
        version = Version(
            size=found.st_size,
            mtime_ns=found.st_mtime_ns,
            sha256=_digest(file),
            content_type=mimetypes.guess_type(key)[0] or PLAIN,
        )
        with self._records.locked(key):
            if not self._is_known(key):
                self._records.write(key, (version,))
        return _stored(key, found, version.sha256, version.content_type)

    def _is_known(self, key: str) -> bool:
        """Tell whether there is nothing under the key or a record describes it."""
        try:
            file = self._tree.open(key)
        except NotFound:
            return True
        try:
            found = os.fstat(file)
        finally:
            os.close(file)
        return any(version.describes(found) for version in self._records.read(key))

    def _described(self, keys: Iterator[str]) -> Iterator[StoredObject]:
        for key in keys:
            try:
                yield self._stat(key)
            except NotFound:  # removed meanwhile
                continue

    def _fetch(self, key: str, target: Path, check: Callable[[], None]) -> StoredObject:
        file = self._tree.open(key)
        try:
            stored = self._describe(key, file)
            try:
                copy = target.open("xb")
            except OSError as err:
                raise InvalidInput(f"{target} can't be made: {err.strerror}", path="target") from err
            try:
                with copy:
                    digest, at = sha256(), 0
                    while chunk := os.pread(file, CHUNK, at):
                        check()
                        digest.update(chunk)
                        copy.write(chunk)
                        at += len(chunk)
                if digest.hexdigest() != stored.sha256:
                    raise PluginError(
                        f'what is stored under "{key}" is damaged: its SHA-256 is {digest.hexdigest()} '
                        f"instead of {stored.sha256}",
                        hint="restore it from a backup or store it again",
                    )
            except BaseException:
                target.unlink()
                raise
            return stored
        finally:
            os.close(file)

    def _delete(self, key: str) -> None:
        with self._records.locked(key):
            self._tree.remove(key)
            if not self._is_there(key):
                self._records.remove(key)

    def _is_there(self, key: str) -> bool:
        try:
            os.close(self._tree.open(key))
        except NotFound:
            return False
        return True


def _check(key: str) -> None:
    if check_key(key).split("/")[0] == OWN:
        raise InvalidInput(f'"{key}" is not an allowed key: {OWN} is the store\'s own', path="key")


def _stored(key: str, found: os.stat_result, digest: str, content_type: str) -> StoredObject:
    return StoredObject(
        key=key,
        size=found.st_size,
        sha256=digest,
        modified=datetime.fromtimestamp(found.st_mtime, UTC),
        content_type=content_type,
    )


def _read(file: int, at: int, count: int, check: Callable[[], None]) -> bytes:
    check()
    return os.pread(file, count, at)


def _digest(file: int) -> str:
    digest, at = sha256(), 0
    while chunk := os.pread(file, CHUNK, at):
        digest.update(chunk)
        at += len(chunk)
    return digest.hexdigest()


@contextmanager
def _disk_faults() -> Iterator[None]:
    """Tell what the disk refuses (full, read-only, not permitted, gone) as ``NotReady``."""
    try:
        yield
    except OSError as err:
        raise NotReady(f"the folder of the store can't be used: {err.strerror or err}") from err
