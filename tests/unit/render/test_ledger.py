"""Pieces are kept whole or not at all, each for its owner alone, as many as there is room for."""

import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.render.ledger import CHECKSUM, LEFT_AFTER, PIECE, Ledger, LedgerFailed
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


@pytest.mark.parametrize("owner", ["bob", "ADA", "ada/", "../ada", "", "ada\0", "a" * 10_000])
def test_another_owner_finds_nothing(tmp_path: Path, ledger: Ledger, owner: str) -> None:
    ledger.put(KEY, made(tmp_path))
    assert Ledger(tmp_path / "ledger", owner=owner).get(KEY) is None
    assert ledger.get(KEY) is not None


def test_what_an_owner_forgets_is_gone_and_nothing_else(tmp_path: Path, ledger: Ledger) -> None:
    other = Ledger(tmp_path / "ledger", owner="bob")
    ledger.put(KEY, made(tmp_path))
    other.put(KEY, made(tmp_path, b"bob's"))
    ledger.forget()
    assert Ledger(tmp_path / "ledger", owner="ada").get(KEY) is None
    assert other.get(KEY) is not None


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


@pytest.mark.parametrize("missing", [PIECE, CHECKSUM])
def test_half_an_entry_counts_as_absent_and_gives_way(tmp_path: Path, ledger: Ledger, missing: str) -> None:
    (ledger.put(KEY, made(tmp_path)).parent / missing).unlink()
    assert ledger.get(KEY) is None
    ledger.put(KEY, made(tmp_path, b"anew"))
    kept = ledger.get(KEY)
    assert kept is not None
    assert kept.read_bytes() == b"anew"


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


def test_a_piece_that_is_linked_outlasts_its_entry(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", owner="ada", limit=10)
    (tmp_path / "mine").hardlink_to(ledger.put(KEY, made(tmp_path, b"pixels")))
    ledger.put(OTHER, made(tmp_path, bytes(8)))
    assert ledger.get(KEY) is None
    assert (tmp_path / "mine").read_bytes() == b"pixels"


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


def test_what_a_killed_writer_left_goes_when_it_is_old(tmp_path: Path, ledger: Ledger) -> None:
    [owner] = (tmp_path / "ledger").iterdir()
    for name in (".old", ".young"):
        (owner / name).mkdir()
        (owner / name / PIECE).write_bytes(b"half")
    an_hour_ago = owner.stat().st_mtime - LEFT_AFTER - 1
    os.utime(owner / ".old", (an_hour_ago, an_hour_ago))
    Ledger(tmp_path / "ledger", owner="ada")
    assert entries(tmp_path) == [".young"]
