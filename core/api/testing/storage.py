"""The contract suite of storage backends."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from core.api.context import PluginContext
from core.api.errors import InvalidInput, NotFound, ReelhouseError
from core.api.parameters import JsonValue
from core.api.storage import Storage, StorageBackend, StoredObject
from core.api.testing.contract import ContractError, defaults, refuses, require, trying

HOSTILE_KEYS = ("", ".", "..", "/etc/passwd", "../out", "a/../../out", "a/./b", "a//b", "a/", "nul\0byte")
MOST_CHUNK = 1024 * 1024


def check_storage(
    backend: StorageBackend, folder: Path, *, config: Mapping[str, JsonValue] | None = None, size: int = 2_500_000
) -> None:
    """Check that a storage backend keeps its contract; raise ``ContractError`` where it does not.

    A store opened with ``config`` is put through its whole protocol: files of 0, 11 and ``size`` bytes, replacing,
    ranges, listing in order, links, deleting, keys that are missing and keys that are not allowed. Everything is
    stored under a prefix of its own and deleted at the end; local files are written under ``folder``. Not to be
    called from a running event loop.
    """
    values = defaults(backend.params, config or {})
    own = folder / "own"
    own.mkdir(parents=True)
    context = PluginContext(plugin_id=backend.id, folder=own, config=values)
    asyncio.run(_Suite(backend.id, folder, size).run(backend, context))


class _Suite:
    def __init__(self, name: str, folder: Path, size: int) -> None:
        self._name = name
        self._folder = folder
        self._prefix = f"contract-check/{uuid.uuid4().hex}"
        pattern = bytes(range(251))
        self._contents = {
            f"{self._prefix}/a-b/large.bin": (pattern * (size // len(pattern) + 1))[:size],
            f"{self._prefix}/a/empty": b"",
            f"{self._prefix}/a/sub/héllo wörld.txt": b"hello world",
            f"{self._prefix}/ab.txt": b"beside",
        }

    async def run(self, backend: StorageBackend, context: PluginContext) -> None:
        with trying(f"opening {self._name}"):
            store = backend.open(context)
        try:
            await self._put_and_read(store)
            await self._listing(store)
            await self._replacing(store)
            await self._links(store)
            await self._missing(store)
            await self._hostile(store)
        finally:
            for key in self._contents:
                with trying(f"{self._name}: deleting {key!r}"):
                    await store.delete(key)
        left = [each.key async for each in store.list(f"{self._prefix}/")]
        require(not left, f"{self._name} still lists {left} after everything was deleted")
        with trying(f"closing {self._name}"):
            await store.close()

    async def _put_and_read(self, store: Storage) -> None:
        for key, content in self._contents.items():
            source = self._local(content)
            with trying(f"{self._name}: put({key!r})"):
                stored = await store.put(key, source, content_type="text/x-check")
            self._matches(stored, key, content, "put")
            require(source.read_bytes() == content, f"{self._name}: put changed the file it was given")
            with trying(f"{self._name}: stat({key!r})"):
                described = await store.stat(key)
            self._matches(described, key, content, "stat")
            require(
                described.content_type == "text/x-check",
                f"{self._name}: stat says content type {described.content_type!r}, put was given 'text/x-check'",
            )
            await self._ranges(store, key, content)
            target = self._folder / uuid.uuid4().hex
            with trying(f"{self._name}: fetch({key!r})"):
                fetched = await store.fetch(key, target)
            self._matches(fetched, key, content, "fetch")
            require(target.read_bytes() == content, f"{self._name}: fetch({key!r}) wrote other bytes than were put")

    async def _ranges(self, store: Storage, key: str, content: bytes) -> None:
        end = len(content)
        ranges = ((0, None), (0, 0), (0, 5), (3, None), (3, 4), (max(0, end - 2), 100), (end, None), (end + 10, 5))
        for start, length in ranges:
            what = f"{self._name}: read({key!r}, start={start}, length={length})"
            with trying(what):
                chunks = [chunk async for chunk in store.read(key, start=start, length=length)]
            require(all(len(chunk) <= MOST_CHUNK for chunk in chunks), f"{what} gave a chunk of more than 1 MiB")
            stop = None if length is None else start + length
            require(b"".join(chunks) == content[start:stop], f"{what} gave other bytes than were put")

    async def _listing(self, store: Storage) -> None:
        for under in (f"{self._prefix}/", f"{self._prefix}/a/", f"{self._prefix}/a", f"{self._prefix}/nothing/"):
            with trying(f"{self._name}: list({under!r})"):
                listed = [each async for each in store.list(under)]
            wanted = sorted(key for key in self._contents if key.startswith(under))
            found = [each.key for each in listed]
            require(
                found == wanted,
                f"{self._name}: list({under!r}) gave {found} instead of {wanted}: every key that begins with the "
                "prefix, in the order of the keys",
            )
            for each in listed:
                require(
                    each.size == len(self._contents[each.key]),
                    f"{self._name}: list says {each.key!r} has {each.size} B",
                )

    async def _replacing(self, store: Storage) -> None:
        key = f"{self._prefix}/ab.txt"
        self._contents[key] = b"replaced by something longer"
        with trying(f"{self._name}: put over what is there"):
            await store.put(key, self._local(self._contents[key]))
        self._matches(await store.stat(key), key, self._contents[key], "stat after replacing")
        raised = await _raised(lambda: store.put(key, self._folder / "no such file"))
        require(raised is not None, f"{self._name}: put of a file that does not exist must raise")
        self._matches(await store.stat(key), key, self._contents[key], "stat after a put that failed")

    async def _links(self, store: Storage) -> None:
        key = f"{self._prefix}/ab.txt"
        with trying(f"{self._name}: link({key!r})"):
            link = await store.link(key, expires_in=timedelta(minutes=5), filename="café.txt")
        require(
            link is None or (isinstance(link, str) and "://" in link),
            f"{self._name}: link gave {link!r} instead of a URL or None",
        )

    async def _missing(self, store: Storage) -> None:
        key, target = f"{self._prefix}/a/missing", self._folder / "missing"
        for name, call in self._calls(store, key, target).items():
            refuses(await _raised(call), (NotFound,), f"{self._name}: {name} of a key that is not there")
        require(not target.exists(), f"{self._name}: fetch of a key that is not there left a file behind")
        with trying(f"{self._name}: delete of a key that is not there"):
            await store.delete(key)

    async def _hostile(self, store: Storage) -> None:
        source = self._local(b"never stored")
        for key in HOSTILE_KEYS:
            calls = self._calls(store, key, self._folder / "hostile") | {
                "put": lambda key=key: store.put(key, source),
                "delete": lambda key=key: store.delete(key),
            }
            for name, call in calls.items():
                refuses(await _raised(call), (InvalidInput,), f"{self._name}: {name} of the key {key!r}")

    def _calls(self, store: Storage, key: str, target: Path) -> dict[str, Callable[[], Awaitable[object]]]:
        return {
            "stat": lambda: store.stat(key),
            "read": lambda: _exhausted(store.read(key)),
            "fetch": lambda: store.fetch(key, target),
        }

    def _matches(self, stored: object, key: str, content: bytes, call: str) -> None:
        require(
            isinstance(stored, StoredObject),
            f"{self._name}: {call} returned {type(stored).__name__} instead of StoredObject",
        )
        assert isinstance(stored, StoredObject)
        wanted = (key, len(content), sha256(content).hexdigest())
        given = (stored.key, stored.size, stored.sha256)
        require(given == wanted, f"{self._name}: {call} said {given} instead of {wanted}")
        require(stored.modified.tzinfo is not None, f"{self._name}: {call} gave a time without its zone")

    def _local(self, content: bytes) -> Path:
        path = self._folder / f"{uuid.uuid4().hex}.source"
        path.write_bytes(content)
        return path


async def _exhausted(chunks: AsyncIterator[bytes]) -> None:
    async for _ in chunks:
        pass


async def _raised(call: Callable[[], Awaitable[object]]) -> Exception | None:
    try:
        await call()
    except (ReelhouseError, ContractError) as err:
        return err
    except Exception as err:  # noqa: BLE001 - whatever it is, the contract is asked about it
        return err
    return None
