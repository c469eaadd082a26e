"""Pieces are kept whole or not at all, each for its owner alone, as many as there is room for."""

import errno
import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from core.api import InvalidInput
from core.render.ledger import CHECKSUM, LEFT_AFTER, PIECE, Ledger, LedgerFailed, folder
from tests.support.full_disk import full_disk

KEY, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger", owner="ada")


def made(tmp_path: Path, content: bytes = b"pixels", name: str = "made") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def entries(tmp_path: Path) -> list[str]:
    return sorted(path.name for folder in (tmp_path / "ledger").iterdir() for path in folder.iterdir())


def test_what_is_kept_is_found_again_by_its_key_alone(tmp_path: Path, ledger: Ledger) -> None:
    path = made(tmp_path)
    kept = ledger.put(KEY, path)
    assert kept.read_bytes() == b"pixels"
    assert not path.exists()
    assert ledger.get(KEY) == kept
    assert ledger.get(OTHER) is None
    assert Ledger(tmp_path / "ledger", owner="ada").get(KEY) == kept


@pytest.mark.parametrize("owner", ["bob", "ADA", "ada/", "../ada", "", "ada\0", "a" * 10_000, "\ud800"])
def test_another_owner_finds_nothing(tmp_path: Path, ledger: Ledger, owner: str) -> None:
    ledger.put(KEY, made(tmp_path))
    assert Ledger(tmp_path / "ledger", owner=owner).get(KEY) is None
    assert ledger.get(KEY) is not None


@pytest.mark.parametrize("key", ["", ".", "..", "../b", "a/b", "/etc/passwd", ".made-1", "a\0", "a\n", "é", "a" * 201])
def test_a_key_that_is_no_plain_name_is_refused(tmp_path: Path, ledger: Ledger, key: str) -> None:
    path = made(tmp_path)
    before = entries(tmp_path)
    calls: list[Callable[[], object]] = [
        lambda: ledger.get(key),
        lambda: ledger.has(key),
        lambda: ledger.put(key, path),
        lambda: ledger.take(key, tmp_path / "mine"),
    ]
    for call in calls:
        with pytest.raises(InvalidInput, match="no key of a piece"):
            call()
    assert path.read_bytes() == b"pixels"
    assert entries(tmp_path) == before


def test_looking_whether_there_is_a_piece_is_no_use_of_it(tmp_path: Path, ledger: Ledger) -> None:
    assert not ledger.has(KEY)
    entry = ledger.put(KEY, made(tmp_path)).parent
    os.utime(entry, ns=(1, 1))
    assert ledger.has(KEY)
    assert entry.stat().st_mtime_ns == 1
    assert ledger.get(KEY) is not None
    assert entry.stat().st_mtime_ns > 1


def test_what_an_owner_forgets_is_gone_and_nothing_else(tmp_path: Path, ledger: Ledger) -> None:
    other = Ledger(tmp_path / "ledger", owner="bob")
    ledger.put(KEY, made(tmp_path))
    other.put(KEY, made(tmp_path, b"bob's"))
    ledger.forget()
    assert Ledger(tmp_path / "ledger", owner="ada").get(KEY) is None
    assert other.get(KEY) is not None
    assert list((tmp_path / "ledger").glob(".*/*")) == []


def test_who_was_forgotten_may_come_again(tmp_path: Path, ledger: Ledger) -> None:
    ledger.put(KEY, made(tmp_path))
    ledger.forget()
    ledger.forget()
    assert ledger.get(KEY) is None
    ledger.put(KEY, made(tmp_path, b"anew"))
    found = ledger.get(KEY)
    assert found is not None
    assert found.read_bytes() == b"anew"


def test_what_a_killed_process_did_not_forget_goes_when_anybody_comes(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.put(KEY, made(tmp_path))
    monkeypatch.setattr(shutil, "rmtree", lambda *_: None)  # as if it was killed before
    ledger.forget()
    monkeypatch.undo()
    assert len(list((tmp_path / "ledger").rglob(PIECE))) == 1
    assert Ledger(tmp_path / "ledger", owner="ada").get(KEY) is None
    Ledger(tmp_path / "ledger", owner="bob")
    assert list((tmp_path / "ledger").rglob(PIECE)) == []


def test_where_there_can_be_no_ledger_is_told(tmp_path: Path) -> None:
    made(tmp_path, name="file")
    with pytest.raises(LedgerFailed, match="can't be a ledger: Not a directory"):
        Ledger(tmp_path / "file", owner="ada")


@pytest.mark.parametrize("damaged", [b"pixelt", b"pixel", b"", b"pixels and more"])
def test_a_damaged_piece_counts_as_absent_and_goes(tmp_path: Path, ledger: Ledger, damaged: bytes) -> None:
    ledger.put(KEY, made(tmp_path)).write_bytes(damaged)
    assert ledger.get(KEY) is None
    assert entries(tmp_path) == []
    assert ledger.put(KEY, made(tmp_path)).read_bytes() == b"pixels"
    assert ledger.get(KEY) is not None


def test_damage_after_a_piece_was_verified_is_seen_too(tmp_path: Path, ledger: Ledger) -> None:
    kept = ledger.put(KEY, made(tmp_path))
    assert ledger.get(KEY) is not None
    kept.write_bytes(b"pixelt")
    os.utime(kept, ns=(1, 1))
    assert ledger.get(KEY) is None


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The pieces that are compared with their checksum, as they are."""
    paths: list[Path] = []

    def digest_of(path: Path) -> str:
        paths.append(path)
        return known(path)

    known = folder.digest_of
    monkeypatch.setattr(folder, "digest_of", digest_of)
    return paths


def test_a_piece_is_read_once_as_long_as_it_stays_the_same(tmp_path: Path, ledger: Ledger, read: list[Path]) -> None:
    kept = ledger.put(KEY, made(tmp_path))
    for _ in range(3):
        assert ledger.get(KEY) == kept
    assert read == [kept]


def test_only_so_many_pieces_are_remembered_as_read(
    tmp_path: Path, ledger: Ledger, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "REMEMBERED", 2)
    keys = [KEY, OTHER, "c" * 64]
    kept = [ledger.put(key, made(tmp_path)) for key in keys]
    for _ in range(2):
        assert [ledger.get(key) for key in keys] == kept
    assert [path.parent.name for path in read] == [*keys, *keys]


@pytest.mark.parametrize("checksum", [b"", b"\xff\xfe", b"0" * 64])
def test_a_damaged_checksum_is_damage_too(tmp_path: Path, ledger: Ledger, checksum: bytes) -> None:
    (ledger.put(KEY, made(tmp_path)).parent / CHECKSUM).write_bytes(checksum)
    assert ledger.get(KEY) is None
    assert entries(tmp_path) == []


@pytest.mark.parametrize("missing", [PIECE, CHECKSUM])
def test_half_an_entry_counts_as_absent_and_gives_way(tmp_path: Path, ledger: Ledger, missing: str) -> None:
    (ledger.put(KEY, made(tmp_path)).parent / missing).unlink()
    assert ledger.get(KEY) is None
    ledger.put(KEY, made(tmp_path, b"anew"))
    kept = ledger.get(KEY)
    assert kept is not None
    assert kept.read_bytes() == b"anew"


def test_a_file_in_an_entry_s_place_gives_way(tmp_path: Path, ledger: Ledger) -> None:
    [owner] = (tmp_path / "ledger").iterdir()
    (owner / KEY).write_bytes(b"no folder")
    assert ledger.get(KEY) is None
    assert ledger.put(KEY, made(tmp_path)).read_bytes() == b"pixels"
    assert entries(tmp_path) == [KEY]


def test_a_key_keeps_its_first_piece(tmp_path: Path, ledger: Ledger) -> None:
    ledger.put(KEY, made(tmp_path, b"first"))
    second = made(tmp_path, b"second")
    assert ledger.put(KEY, second).read_bytes() == b"first"
    assert not second.exists()
    assert entries(tmp_path) == [KEY]


def test_the_longest_unused_pieces_make_room(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", owner="ada", limit=100)
    for number in range(4):
        kept = ledger.put(str(number) * 64, made(tmp_path, bytes(25)))
        os.utime(kept.parent, ns=(number, number))
    assert ledger.get("0" * 64) is not None  # now used
    ledger.put("4" * 64, made(tmp_path, bytes(25)))
    assert entries(tmp_path) == [key * 64 for key in "034"]


def test_a_piece_larger_than_the_limit_stays_alone(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", owner="ada", limit=10)
    ledger.put(KEY, made(tmp_path, bytes(5)))
    ledger.put(OTHER, made(tmp_path, bytes(50)))
    assert entries(tmp_path) == [OTHER]


def test_one_owner_makes_no_room_at_another_s_cost(tmp_path: Path, ledger: Ledger) -> None:
    ledger.put(KEY, made(tmp_path, bytes(50)))
    small = Ledger(tmp_path / "ledger", owner="bob", limit=10)
    small.put(KEY, made(tmp_path, bytes(8)))
    small.put(OTHER, made(tmp_path, bytes(8)))
    assert ledger.get(KEY) is not None
    assert small.get(KEY) is None


def test_all_ledgers_of_an_owner_share_one_limit(tmp_path: Path) -> None:
    first, second = (Ledger(tmp_path / "ledger", owner="ada", limit=100) for _ in range(2))
    for number in range(10):
        ledger = (first, second)[number % 2]
        os.utime(ledger.put(str(number) * 64, made(tmp_path, bytes(30))).parent, ns=(number, number))
        assert len(entries(tmp_path)) <= 3
    assert entries(tmp_path) == [key * 64 for key in "789"]


def test_a_piece_that_is_taken_stays_when_its_entry_goes(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", owner="ada", limit=10)
    kept = ledger.put(KEY, made(tmp_path, b"pixels"))
    assert ledger.take(KEY, tmp_path / "mine")
    assert (tmp_path / "mine").samefile(kept)
    ledger.put(OTHER, made(tmp_path, bytes(8)))
    assert ledger.get(KEY) is None
    assert (tmp_path / "mine").read_bytes() == b"pixels"


def test_nothing_is_taken_of_what_is_missing_or_damaged(tmp_path: Path, ledger: Ledger) -> None:
    assert not ledger.take(KEY, tmp_path / "mine")
    ledger.put(KEY, made(tmp_path)).write_bytes(b"pixelt")
    assert not ledger.take(KEY, tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_a_piece_that_goes_while_it_is_taken_counts_as_absent(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = ledger.put(KEY, made(tmp_path))
    shutil.rmtree(kept.parent)
    monkeypatch.setattr(ledger, "get", lambda _key: kept)
    assert not ledger.take(KEY, tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_a_place_that_is_taken_already_is_told(tmp_path: Path, ledger: Ledger) -> None:
    ledger.put(KEY, made(tmp_path))
    mine = made(tmp_path, b"mine", "mine")
    with pytest.raises(LedgerFailed, match="can't be taken: File exists"):
        ledger.take(KEY, mine)
    assert mine.read_bytes() == b"mine"


def other_file_system(*_: object, **__: object) -> None:
    raise OSError(errno.EXDEV, "Invalid cross-device link")


def test_another_file_system_gets_a_copy(tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ledger.put(KEY, made(tmp_path))
    monkeypatch.setattr(os, "link", other_file_system)
    assert ledger.take(KEY, tmp_path / "mine")
    assert (tmp_path / "mine").read_bytes() == b"pixels"
    assert not (tmp_path / "mine").samefile(kept)


def test_half_a_copy_is_not_left(tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.put(KEY, made(tmp_path, bytes(100_000)))
    monkeypatch.setattr(os, "link", other_file_system)
    with full_disk(after=5000), pytest.raises(LedgerFailed, match="can't be taken: File too large"):
        ledger.take(KEY, tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that files can't be moved out of, as if it lay on another file system."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    known = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if path.parent == place:
            other_file_system()
        return known(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    return place


def test_a_file_comes_from_another_file_system(tmp_path: Path, ledger: Ledger, elsewhere: Path) -> None:
    path = made(elsewhere)
    assert ledger.put(KEY, path).read_bytes() == b"pixels"
    assert not path.exists()
    assert entries(tmp_path) == [KEY]


def test_a_disk_that_fills_up_while_a_file_is_copied_loses_nothing(
    tmp_path: Path, ledger: Ledger, elsewhere: Path
) -> None:
    path = made(elsewhere, bytes(100_000))
    with full_disk(after=5000), pytest.raises(LedgerFailed, match="File too large"):
        ledger.put(KEY, path)
    assert path.read_bytes() == bytes(100_000)
    assert entries(tmp_path) == []


@pytest.mark.parametrize("make", [lambda path: path.symlink_to("/etc/hosts"), lambda path: path.mkdir(), os.mkfifo])
def test_what_is_no_file_is_not_kept(tmp_path: Path, ledger: Ledger, make: Callable[[Path], object]) -> None:
    path = tmp_path / "made"
    make(path)
    kind = path.lstat().st_mode
    with pytest.raises(LedgerFailed, match="it is no file"):
        ledger.put(KEY, path)
    assert path.lstat().st_mode == kind
    assert entries(tmp_path) == []


def test_a_missing_file_is_told(tmp_path: Path, ledger: Ledger) -> None:
    with pytest.raises(LedgerFailed, match="can't be kept: No such file"):
        ledger.put(KEY, tmp_path / "missing")
    assert entries(tmp_path) == []


def test_a_full_disk_is_told_and_takes_nothing_away(tmp_path: Path, ledger: Ledger) -> None:
    ledger.put(OTHER, made(tmp_path))
    path = made(tmp_path)
    with full_disk(after=16), pytest.raises(LedgerFailed, match="File too large"):
        ledger.put(KEY, path)
    assert entries(tmp_path) == [OTHER]
    assert path.read_bytes() == b"pixels"


def test_many_threads_may_keep_and_find_at_once(tmp_path: Path, ledger: Ledger) -> None:
    def work(number: int) -> None:
        for turn in range(20):
            key = str(turn % 5) * 64
            ledger.put(key, made(tmp_path, key.encode(), name=f"made-{number}-{turn}"))
            found = ledger.get(key)
            assert found is not None
            assert found.read_bytes() == key.encode()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert entries(tmp_path) == [str(number) * 64 for number in range(5)]


def test_many_writers_agree_on_what_takes_the_place_of_damage(tmp_path: Path, ledger: Ledger) -> None:
    for turn in range(20):
        (ledger.put(KEY, made(tmp_path)).parent / PIECE).write_bytes(b"damaged")
        ledgers = [Ledger(tmp_path / "ledger", owner="ada") for _ in range(4)]
        files = [made(tmp_path, b"anew", f"made-{turn}-{number}") for number in range(4)]
        with ThreadPoolExecutor(4) as pool:
            kept = list(pool.map(lambda each, path: each.put(KEY, path), ledgers, files))
        assert [path.read_bytes() for path in kept] == [b"anew"] * 4
        assert entries(tmp_path) == [KEY]
        shutil.rmtree(kept[0].parent)


def put_and_die(ledger: Ledger, path: Path, steps: int) -> int:
    """Put in another process that is killed before its n-th step; return how that ended."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    taken = 0

    def step(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal taken
        if event.startswith(("os.", "open", "shutil.", "tempfile.", "fcntl.")):
            taken += 1
            if taken == steps:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(step)
    ledger.put(KEY, path)
    os._exit(0)


def test_a_writer_may_be_killed_before_any_step(tmp_path: Path) -> None:
    ends = []
    found: list[bytes | None] = []
    for steps in range(1, 100):
        place = tmp_path / str(steps)
        place.mkdir()
        ledger = Ledger(place / "ledger", owner="ada")
        ends.append(put_and_die(ledger, made(place), steps))
        path = Ledger(place / "ledger", owner="ada").get(KEY)
        found.append(None if path is None else path.read_bytes())
        [owner] = (place / "ledger").iterdir()
        for left in owner.iterdir():  # only a folder that had no lock yet, or no more, waits for its time
            assert left.name == KEY or not (left / "lock").exists()
        assert ledger.put(KEY, made(place, b"anew", "again")).read_bytes() == (found[-1] or b"anew")
        if ends[-1] == 0:
            break
    first = found.index(b"pixels")
    assert ends == [signal.SIGKILL] * (len(ends) - 1) + [0]
    assert found == [None] * first + [b"pixels"] * (len(found) - first)
    assert 5 < first < len(found) - 1


def put_for_ever(folder: Path, scratch: Path) -> None:
    """Keep one piece after another until killed."""
    ledger = Ledger(folder, owner="ada")
    for number in range(10**6):
        ledger.put(f"{number:064}", made(scratch, f"{number:064}".encode() * 500))


def test_a_killed_writer_leaves_whole_pieces_alone(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    for _ in range(5):
        writer = multiprocessing.get_context("fork").Process(target=put_for_ever, args=(folder, tmp_path))
        writer.start()
        while len(list(folder.glob("*/*"))) < 20:
            assert writer.is_alive()
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
    ledger = Ledger(folder, owner="ada")
    for key in entries(tmp_path):
        if not key.startswith("."):
            found = ledger.get(key)
            assert found is not None
            assert found.read_bytes() == key.encode() * 500


def wait_for_ever(folder: Path, told: Connection) -> None:
    """Be at it until killed."""
    with Ledger(folder, owner="ada").arriving() as place:
        (place / "half").write_bytes(b"pix")
        told.send(place.name)
        signal.pause()


def test_what_a_writer_is_at_stays_until_it_is_killed(tmp_path: Path) -> None:
    heard, told = multiprocessing.Pipe(duplex=False)
    writer = multiprocessing.get_context("fork").Process(target=wait_for_ever, args=(tmp_path / "ledger", told))
    writer.start()
    try:
        place = heard.recv()
        Ledger(tmp_path / "ledger", owner="ada")
        assert entries(tmp_path) == [place]
    finally:
        writer.kill()
        writer.join()
    Ledger(tmp_path / "ledger", owner="ada")
    assert entries(tmp_path) == []


def test_what_was_left_without_a_lock_goes_when_it_is_old(tmp_path: Path, ledger: Ledger) -> None:
    [owner] = (tmp_path / "ledger").iterdir()
    for name in (".made-old", ".made-young", ".gone-young"):
        (owner / name).mkdir()
        (owner / name / PIECE).write_bytes(b"half")
    an_hour_ago = owner.stat().st_mtime - LEFT_AFTER - 1
    os.utime(owner / ".made-old", (an_hour_ago, an_hour_ago))
    Ledger(tmp_path / "ledger", owner="ada")
    assert entries(tmp_path) == [".made-young"]
