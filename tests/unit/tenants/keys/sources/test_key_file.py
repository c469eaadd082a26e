"""The master key in a file: made once, read by its owner alone, followed by another without a moment without."""

import base64
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tenants.keys import LocalMasterKey, MasterKeyInvalid
from tenants.keys.sources import KeyFile, MasterRequest, begin_rotation, drop_older, open_masters
from tests.support.unprivileged import NOBODY

KEY = bytes(range(32))


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "master.key")


def put(path: Path, content: bytes, mode: int = 0o600) -> None:
    path.write_bytes(content)
    path.chmod(mode)


def test_a_new_house_makes_its_key_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    (master,) = open_masters(MasterRequest(home=home, settings={}, is_new=True))
    path = home / "master.key"
    assert path.stat().st_mode & 0o7777 == 0o600
    assert home.stat().st_mode & 0o7777 == 0o700
    assert LocalMasterKey(bytes.fromhex(path.read_text())).id == master.id
    assert [each.name for each in home.iterdir()] == ["master.key"]


def test_a_house_that_is_started_again_keeps_its_key(tmp_path: Path) -> None:
    first = open_masters(MasterRequest(home=tmp_path, settings={}, is_new=True))
    before = (tmp_path / "master.key").read_bytes()
    again = open_masters(MasterRequest(home=tmp_path, settings={}))
    once_more = open_masters(MasterRequest(home=tmp_path, settings={}, is_new=True))
    assert first[0].id == again[0].id == once_more[0].id
    assert (tmp_path / "master.key").read_bytes() == before


def test_a_house_that_has_keys_never_makes_another_master_key(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyInvalid, match="missing"):
        open_masters(MasterRequest(home=tmp_path, settings={}))
    assert list(tmp_path.iterdir()) == []


def test_a_setting_names_another_file(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    put(elsewhere, KEY.hex().encode())
    request = MasterRequest(home=tmp_path / "home", settings={"REELHOUSE_MASTER_KEY_FILE": str(elsewhere)})
    assert open_masters(request)[0].id == LocalMasterKey(KEY).id


def test_of_many_who_start_at_once_one_makes_the_key(file: KeyFile) -> None:
    start = threading.Barrier(8)
    found: list[str] = []

    def begin() -> None:
        start.wait()
        file.create()
        found.append(file.open()[0].id)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [each.name for each in file.path.parent.iterdir()] == ["master.key"]


@pytest.mark.parametrize(
    "text",
    [KEY.hex(), KEY.hex().upper() + "\n", f"  {KEY.hex()}\r\n\n", base64.b64encode(KEY).decode()],
    ids=["hex", "upper case", "white space", "base64"],
)
def test_a_key_may_be_written_in_several_ways(file: KeyFile, text: str) -> None:
    put(file.path, text.encode())
    assert file.open()[0].id == LocalMasterKey(KEY).id


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        KEY,
        KEY.hex().encode()[:-1],
        KEY.hex().encode() + b"0",
        KEY.hex().encode()[:-1] + b"g",
        base64.b64encode(KEY)[:-1],
        base64.urlsafe_b64encode(bytes([255]) * 31 + b"\0"),
        b"0" * 64,
        b"f" * 64,
        KEY.hex().encode() + b"\nrest",
        (KEY.hex() + "\n").encode() * 17,
        b"\xff\xfe" + KEY.hex().encode(),
        KEY.hex().encode() + b"\n" * 10_000,
    ],
    ids=[
        "empty", "blank", "raw", "short", "long", "no digit", "base64 cut off", "other base64", "zeros", "ones",
        "something more", "too many", "not text", "too large",
    ],
)  # fmt: skip
def test_a_malformed_file_is_refused_and_left_and_nothing_of_it_is_told(file: KeyFile, content: bytes) -> None:
    put(file.path, content)
    for use in (file.open, lambda: begin_rotation(file), lambda: drop_older(file)):
        with pytest.raises(MasterKeyInvalid) as caught:
            use()
        assert KEY.hex()[:16] not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert file.path.read_bytes() == content


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610, 0o601, 0o620, 0o777])
def test_a_file_that_others_can_use_is_refused(file: KeyFile, mode: int) -> None:
    put(file.path, KEY.hex().encode(), mode)
    with pytest.raises(MasterKeyInvalid, match="others") as caught:
        file.open()
    assert caught.value.hint == f"chmod 600 {file.path}"


def test_a_file_that_may_not_even_be_written_is_taken(file: KeyFile) -> None:
    put(file.path, KEY.hex().encode(), 0o400)
    assert file.open()[0].id == LocalMasterKey(KEY).id


def test_links_folders_and_pipes_are_refused(tmp_path: Path) -> None:
    def link(path: Path) -> None:
        put(tmp_path / "real", KEY.hex().encode())
        path.symlink_to(tmp_path / "real")

    def link_to_nowhere(path: Path) -> None:
        path.symlink_to(tmp_path / "nowhere")

    kinds: list[Callable[[Path], object]] = [link, link_to_nowhere, Path.mkdir, os.mkfifo]
    for number, make in enumerate(kinds):
        file = KeyFile(tmp_path / str(number))
        make(file.path)
        file.create()
        with pytest.raises(MasterKeyInvalid):
            file.open()
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("owner", [NOBODY])
def test_a_file_of_another_user_is_refused(file: KeyFile, owner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    put(file.path, KEY.hex().encode())
    if os.geteuid() == 0:
        os.chown(file.path, owner, owner)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: owner)
    with pytest.raises(MasterKeyInvalid, match="another user"):
        file.open()


def test_a_new_key_is_put_before_the_old_one_which_still_opens(file: KeyFile) -> None:
    put(file.path, KEY.hex().encode())
    first, second = begin_rotation(file)
    assert second.id == LocalMasterKey(KEY).id != first.id
    assert [master.id for master in file.open()] == [first.id, second.id]
    assert file.path.stat().st_mode & 0o7777 == 0o600


def test_older_keys_are_dropped_but_for_the_last_one(file: KeyFile) -> None:
    put(file.path, KEY.hex().encode())
    begin_rotation(file)
    newest = [master.id for master in begin_rotation(file)]
    assert drop_older(file) == 1
    assert [master.id for master in file.open()] == newest[:2]
    assert drop_older(file) == 0
    assert drop_older(file, keep=1) == 1
    assert [master.id for master in file.open()] == newest[:1]
    with pytest.raises(ValueError, match="at least one"):
        drop_older(file, keep=0)
    assert [master.id for master in file.open()] == newest[:1]


def test_rotations_without_end_are_refused_and_nothing_is_lost(file: KeyFile) -> None:
    put(file.path, b"".join(os.urandom(32).hex().encode() + b"\n" for _ in range(16)))
    before = file.path.read_bytes()
    with pytest.raises(MasterKeyInvalid, match="16 keys"):
        begin_rotation(file)
    assert file.path.read_bytes() == before


def test_of_rotations_that_begin_at_once_no_key_is_lost(file: KeyFile) -> None:
    put(file.path, KEY.hex().encode())
    start = threading.Barrier(6)
    begun: list[str] = []

    def begin() -> None:
        start.wait()
        begun.append(begin_rotation(file)[0].id)

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {master.id for master in file.open()} == {*begun, LocalMasterKey(KEY).id}
    assert len(begun) == 6


def test_a_disk_that_fails_leaves_the_file_as_it_was(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    put(file.path, KEY.hex().encode())

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        begin_rotation(file)
    other = KeyFile(file.path.with_name("other.key"))
    with pytest.raises(OSError, match="No space"):
        other.create()
    assert file.path.read_text() == KEY.hex()
    assert [each.name for each in file.path.parent.iterdir()] == ["master.key"]
