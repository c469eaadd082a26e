"""Pieces, files and notes in a store are found from every machine, whole and verified, each for its owner alone."""

import asyncio
import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from core.api import InvalidInput, NotFound, NotReady, Storage, StorageBackend
from core.render.distance import NOTES_KEPT, sweep_notes
from core.render.errands import ROOM, FolderErrand, StoredErrand, WorkerLost
from core.render.ledger import Ledger, SharedFiles, StoredLedger, StoreFailed
from core.render.ledger.shelf import Shelf
from core.render.ledger.stored import TOUCH_AFTER
from tests.support import peers
from tests.support.peers import client_of
from tests.unit.plugins.storage.stores import LOCAL, S3, Bucket, opened

KEY, OTHER = "a" * 64, "b" * 64


@contextmanager
def open_store(backend: StorageBackend, config: dict[str, Any]) -> Iterator[Storage]:
    """Open a store, and close it."""
    with asyncio.Runner() as runner:
        store = opened(backend, config)
        yield runner.run(store.__aenter__())
        runner.run(store.__aexit__(None, None, None))


class Refusing:
    """A store that refuses what it is told to: an exception by the name of the call."""

    def __init__(self, inner: Storage) -> None:
        self.refuse: dict[str, Exception] = {}
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        async def refused(*_: object, **__: object) -> None:
            raise self.refuse[name]

        return refused if name in self.refuse else getattr(self._inner, name)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Refusing]:
    """A store in the folder ``store``."""
    with open_store(LOCAL, {"folder": str(tmp_path / "store")}) as inner:
        yield Refusing(inner)


type Machine = Callable[..., StoredLedger]


@pytest.fixture
def machine(tmp_path: Path, store: Refusing) -> Machine:
    """Opens the ledger on a machine, by its name."""

    def ledger(name: str = "here", *, owner: str = "ada", **more: Any) -> StoredLedger:
        return StoredLedger(cast(Storage, store), tmp_path / name, owner=owner, **more)

    return ledger


def made(tmp_path: Path, content: bytes = b"pixels", name: str = "made") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def content(path: Path | None) -> bytes | None:
    return None if path is None else path.read_bytes()


def stored_in(tmp_path: Path) -> list[Path]:
    """Return the files of the store, without its own records."""
    return sorted(path for path in (tmp_path / "store").rglob("*") if path.is_file() and ".reelhouse" not in path.parts)


def damage(tmp_path: Path, content: bytes) -> None:
    """Change the only stored file as a failing disk does: nobody is told."""
    [stored] = stored_in(tmp_path)
    before = stored.stat()
    assert before.st_size == len(content)
    stored.chmod(0o600)
    stored.write_bytes(content)
    os.utime(stored, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_pieces_go_from_machine_to_machine_through_s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with peers.moto() as peer:
        bucket = Bucket(peer=peer, name=f"reelhouse-{uuid.uuid4().hex}", client=client_of(peer))
        bucket.client.create_bucket(Bucket=bucket.name)
        with open_store(S3, dict(bucket.config())) as storage:
            here = StoredLedger(storage, tmp_path / "here", owner="ada")
            there = StoredLedger(storage, tmp_path / "there", owner="ada")
            large = bytes(range(256)) * 4 * 6000  # goes up in parts
            assert content(here.put(KEY, made(tmp_path, large))) == large
            assert not (tmp_path / "made").exists()
            assert content(there.get(KEY)) == large
            assert [name.split("/")[0] for name in bucket.names()] == ["ledger"]
            here.remove(KEY)
            assert (there.get(KEY), bucket.names()) == (None, [])


def test_a_piece_is_found_on_every_machine_and_stays_where_it_is_taken(tmp_path: Path, machine: Machine) -> None:
    here, there = machine("here"), machine("there")
    here.put(KEY, made(tmp_path))
    assert (there.has(KEY), there.has(OTHER), there.get(OTHER)) == (True, False, None)
    assert there.take(KEY, tmp_path / "taken")
    assert not there.take(OTHER, tmp_path / "not taken")
    here.remove(KEY)
    here.remove(KEY)
    assert (there.get(KEY), here.get(KEY), there.has(KEY)) == (None, None, False)
    assert (tmp_path / "taken").read_bytes() == b"pixels"
    assert not (tmp_path / "not taken").exists()


def test_nobody_finds_another_owners_pieces(tmp_path: Path, machine: Machine) -> None:
    mine, theirs = machine(owner="ada"), machine(owner="bob")
    mine.put(KEY, made(tmp_path, b"mine"))
    assert theirs.get(KEY) is None
    theirs.put(KEY, made(tmp_path, b"theirs"))
    assert (content(mine.get(KEY)), content(theirs.get(KEY))) == (b"mine", b"theirs")
    mine.forget()
    assert (mine.get(KEY), content(theirs.get(KEY))) == (None, b"theirs")


def test_what_was_damaged_in_the_store_is_no_piece_and_goes(tmp_path: Path, machine: Machine) -> None:
    machine("here").put(KEY, made(tmp_path))
    damage(tmp_path, b"other!")
    assert machine("there").get(KEY) is None
    assert stored_in(tmp_path) == []
    machine("there").put(KEY, made(tmp_path, b"anew"))
    assert content(machine("third").get(KEY)) == b"anew"


@pytest.mark.parametrize("call", ["stat", "fetch", "put"])
def test_a_store_that_fails_is_told_and_loses_nothing(
    tmp_path: Path, store: Refusing, machine: Machine, call: str
) -> None:
    machine("here").put(KEY, made(tmp_path))
    store.refuse[call] = NotReady("the service is away", retry_after=1)
    there = machine("there")
    ask = partial(there.put, OTHER, made(tmp_path)) if call == "put" else partial(there.get, KEY)
    with pytest.raises(StoreFailed, match="the store of finished work failed: the service is away"):
        ask()
    assert call != "put" or (tmp_path / "made").read_bytes() == b"pixels"
    store.refuse.clear()
    assert content(machine("there").get(KEY)) == b"pixels"
    assert machine("there").get(OTHER) is None


def test_the_longest_unused_go_when_the_store_is_full(tmp_path: Path, machine: Machine) -> None:
    ledger = machine(limit=1000)
    for number in range(12):
        ledger.put(f"{number:064}", made(tmp_path, bytes([number]) * 100))
        for age, path in enumerate(reversed(stored_in(tmp_path))):
            os.utime(path, (1_700_000_000 - age,) * 2)
    found = [number for number in range(12) if ledger.has(f"{number:064}")]
    assert 11 in found
    assert len(found) <= 10


def test_a_use_after_long_stores_a_piece_anew(tmp_path: Path, machine: Machine, store: Refusing) -> None:
    machine().put(KEY, made(tmp_path))
    puts: list[str] = []
    store.refuse = {}
    inner_put = store._inner.put

    async def counted(key: str, source: Path, **more: str) -> Any:
        puts.append(key)
        return await inner_put(key, source, **more)

    store._inner.put = counted  # type: ignore[method-assign]
    late = datetime.now(UTC) + TOUCH_AFTER + timedelta(hours=1)
    assert content(machine("there", now=lambda: datetime.now(UTC)).get(KEY)) == b"pixels"
    assert puts == []
    assert content(machine("there", now=lambda: late).get(KEY)) == b"pixels"
    assert len(puts) == 1


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_is_shared_once_and_taken_whole(tmp_path: Path, store: Refusing) -> None:
    here, there = (SharedFiles(cast(Storage, store), tmp_path / name, owner="ada") for name in ("here", "there"))
    clip = made(tmp_path, b"a clip", "clip.mp4")
    here.share(clip, hash_of(b"a clip"))
    store.refuse["put"] = NotReady("nothing is to be put again")
    here.share(clip, hash_of(b"a clip"))
    there.take(hash_of(b"a clip"), tmp_path / "place.mp4")
    assert (tmp_path / "place.mp4").read_bytes() == b"a clip"
    assert clip.read_bytes() == b"a clip"
    stranger = SharedFiles(cast(Storage, store), tmp_path / "there", owner="bob")
    with pytest.raises(NotFound, match="is not shared, or not whole"):
        stranger.take(hash_of(b"a clip"), tmp_path / "stolen.mp4")
    assert not (tmp_path / "stolen.mp4").exists()


def test_a_file_that_has_changed_is_not_shared(tmp_path: Path, store: Refusing) -> None:
    files = SharedFiles(cast(Storage, store), tmp_path / "here", owner="ada")
    with pytest.raises(InvalidInput, match=r"clip\.mp4 is not what it was"):
        files.share(made(tmp_path, b"another clip", "clip.mp4"), hash_of(b"a clip"))
    assert stored_in(tmp_path) == []


def test_a_damaged_file_is_not_handed_out(tmp_path: Path, store: Refusing) -> None:
    here, there = (SharedFiles(cast(Storage, store), tmp_path / name, owner="ada") for name in ("here", "there"))
    clip = made(tmp_path, b"a clip", "clip.mp4")
    here.share(clip, hash_of(b"a clip"))
    damage(tmp_path, b"a clap")
    with pytest.raises(NotFound):
        there.take(hash_of(b"a clip"), tmp_path / "place.mp4")
    assert not (tmp_path / "place.mp4").exists()
    here.share(clip, hash_of(b"a clip"))
    there.take(hash_of(b"a clip"), tmp_path / "place.mp4")


def notes_of(store: Refusing, folder: Path, owner: str = "ada") -> Shelf:
    return Shelf(cast(Storage, store), Ledger(folder, owner=owner), room=ROOM, owner=owner)


@pytest.mark.parametrize("kind", ["folder", "store"])
def test_an_errand_is_begun_once_and_stopped_from_afar(tmp_path: Path, store: Refusing, kind: str) -> None:
    caller: FolderErrand | StoredErrand
    worker: FolderErrand | StoredErrand
    if kind == "folder":
        caller = worker = FolderErrand(tmp_path / "errand")
    else:
        caller, worker = (StoredErrand(notes_of(store, tmp_path / name), "errand") for name in ("here", "there"))
    worker.begin()
    with pytest.raises(WorkerLost, match="the worker that began this work is gone"):
        worker.begin()
    caller.close()
    caller.close()
    assert not FolderErrand(tmp_path / "another").is_set()
    caller.stop()
    assert worker.is_set()
    assert worker.is_set()


def test_notes_that_nobody_removed_go_after_a_day(tmp_path: Path, store: Refusing) -> None:
    notes = notes_of(store, tmp_path / "here")
    notes.note("lost.begun")
    sweep_notes(notes)
    assert list(notes.files()) == ["lost.begun"]
    sweep_notes(notes, datetime.now(UTC) + NOTES_KEPT + timedelta(minutes=1))
    assert notes.files() == {}
