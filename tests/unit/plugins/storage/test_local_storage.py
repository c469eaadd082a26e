"""What is a folder's own: kills at any moment, links, files that came by hand."""

import asyncio
import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from stores import LOCAL, MIB, content_of, file_of, noise, opened

from core.api import ConfigInvalid, InvalidInput, NotFound, NotReady, PluginError, Storage
from plugins.storage.local import store as local_store
from plugins.storage.local.arrivals import Arrivals

OWN = ".reelhouse"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


def config(root: Path) -> dict[str, str]:
    return {"folder": str(root)}


def files_in(root: Path) -> list[str]:
    """All files of the store, its own left out."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if OWN not in path.parts)


def arrivals_of(root: Path) -> list[Path]:
    return list((root / OWN / "arrivals").iterdir())


def is_there(path: Path) -> bool:
    return path.exists()


async def keys_of(store: Storage, prefix: str = "") -> list[str]:
    return [each.key async for each in store.list(prefix)]


def test_killed_before_any_step_the_old_or_the_new_file_is_there_whole(tmp_path: Path) -> None:
    program = Path(__file__).with_name("killed_puts.py")
    told = subprocess.run([sys.executable, program, tmp_path], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    found = [json.loads(line) for line in told.stdout.splitlines()]
    assert len(found) >= 12
    assert [each["is_killed"] for each in found] == [True] * (len(found) - 1) + [False]
    for each in found:
        assert each["content"] in ("old", "new"), each
        assert each["content_type"] == f"x/{each['content']}", each
        assert each["is_hash_right"], each
        assert (each["keys"], each["left"]) == (["a/b/film.mp4"], []), each
    contents = [each["content"] for each in found]
    assert set(contents) == {"old", "new"}
    assert contents == sorted(contents, reverse=True), "once the new file is there, it stays"


async def test_files_lie_under_their_keys_as_they_are(root: Path, tmp_path: Path) -> None:
    async with opened(LOCAL, config(root)) as store:
        await store.put("videos/2026/film.mp4", file_of(tmp_path, b"the film"))
    assert (root / "videos/2026/film.mp4").read_bytes() == b"the film"
    assert arrivals_of(root) == []


async def test_deleting_removes_the_folders_that_it_empties_and_no_others(root: Path, tmp_path: Path) -> None:
    source = file_of(tmp_path, b"x")
    async with opened(LOCAL, config(root)) as store:
        for key in ("a/b/c/1", "a/b/2", "d/3"):
            await store.put(key, source)
        await store.delete("a/b/c/1")
        assert files_in(root) == ["a", "a/b", "a/b/2", "d", "d/3"]
        await store.delete("a/b/2")
        await store.delete("a/b")
        await store.delete("d")
        assert files_in(root) == ["d", "d/3"]
        await store.delete("d/3")
    assert files_in(root) == []
    assert list((root / OWN / "records").rglob("*.json")) == []


async def test_links_are_not_followed(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    file_of(outside, b"secret", "secret.txt")
    async with opened(LOCAL, config(root)) as store:
        (root / "folder").symlink_to(outside)
        (root / "file.txt").symlink_to(outside / "secret.txt")
        (root / "loop").symlink_to(root / "loop")
        for key in ("folder/secret.txt", "file.txt", "loop", "loop/x"):
            with pytest.raises(NotFound):
                await store.stat(key)
            with pytest.raises(NotFound):
                await content_of(store, key)
            await store.delete(key)
        assert await keys_of(store) == []
        with pytest.raises(InvalidInput, match='"folder" is no folder here'):
            await store.put("folder/new.txt", file_of(tmp_path, b"x"))
        await store.put("file.txt", file_of(tmp_path, b"in its place"))
        assert await content_of(store, "file.txt") == b"in its place"
    assert [path.name for path in outside.iterdir()] == ["secret.txt"]
    assert (outside / "secret.txt").read_bytes() == b"secret"


async def test_what_is_no_file_is_not_there(root: Path) -> None:
    async with opened(LOCAL, config(root)) as store:
        os.mkfifo(root / "pipe")
        (root / "folder").mkdir()
        for key in ("pipe", "folder"):
            with pytest.raises(NotFound):
                await content_of(store, key)
        assert await keys_of(store) == []


async def test_a_key_that_would_be_file_and_folder_is_refused(root: Path, tmp_path: Path) -> None:
    source = file_of(tmp_path, b"x")
    async with opened(LOCAL, config(root)) as store:
        await store.put("a/b", source)
        with pytest.raises(InvalidInput, match="it is a folder here"):
            await store.put("a", source)
        with pytest.raises(InvalidInput, match='"b" is no folder here'):
            await store.put("a/b/c", source)
        assert await keys_of(store) == ["a/b"]
    assert arrivals_of(root) == []


@pytest.mark.parametrize("key", [OWN, f"{OWN}/records/x", f"{OWN}/arrivals"])
async def test_the_folder_of_the_store_itself_is_no_key(root: Path, tmp_path: Path, key: str) -> None:
    async with opened(LOCAL, config(root)) as store:
        with pytest.raises(InvalidInput, match="the store's own"):
            await store.put(key, file_of(tmp_path, b"x"))
        with pytest.raises(InvalidInput, match="the store's own"):
            await store.delete(key)


async def test_a_file_that_came_by_hand_is_read_once_and_then_known(root: Path, tmp_path: Path) -> None:
    async with opened(LOCAL, config(root)) as store:
        (root / "by").mkdir()
        (root / "by/hand.png").write_bytes(b"not really")
        stored = await store.stat("by/hand.png")
        assert stored.sha256 == sha256(b"not really").hexdigest()
        assert stored.content_type == "image/png"
        [record] = (root / OWN / "records").rglob("*.json")
        assert json.loads(record.read_text())["key"] == "by/hand.png"
        (root / "by/hand.png").write_bytes(b"changed by hand")
        assert (await store.stat("by/hand.png")).sha256 == sha256(b"changed by hand").hexdigest()


async def test_a_copy_of_the_whole_folder_is_the_same_store(root: Path, tmp_path: Path) -> None:
    async with opened(LOCAL, config(root)) as store:
        stored = await store.put("a/b.bin", file_of(tmp_path, b"content"), content_type="x/special")
    await asyncio.to_thread(subprocess.run, ["cp", "-a", root, tmp_path / "copy"], check=True)
    async with opened(LOCAL, config(tmp_path / "copy")) as store:
        assert await store.stat("a/b.bin") == stored


async def test_a_damaged_record_is_made_anew(root: Path, tmp_path: Path) -> None:
    async with opened(LOCAL, config(root)) as store:
        stored = await store.put("a.mp4", file_of(tmp_path, b"content"), content_type="video/mp4")
        [record] = (root / OWN / "records").rglob("*.json")
        record.write_text('{"versions": [{"size"')
        assert await store.stat("a.mp4") == stored


async def test_a_file_that_rotted_is_not_fetched(root: Path, tmp_path: Path) -> None:
    async with opened(LOCAL, config(root)) as store:
        await store.put("a", file_of(tmp_path, b"content"))
        times = (root / "a").stat()
        (root / "a").write_bytes(b"cont\0nt")
        os.utime(root / "a", ns=(times.st_atime_ns, times.st_mtime_ns))
        with pytest.raises(PluginError, match="is damaged"):
            await store.fetch("a", tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_two_files_of_one_size_and_time_are_told_apart(tmp_path: Path) -> None:
    with file_of(tmp_path, b"new").open("rb", buffering=0) as source:
        (tmp_path / "arrivals").mkdir()
        with Arrivals(tmp_path / "arrivals").receive(source, lambda: None) as arrival:
            old = arrival.stat()
            arrival.differ_from(old)
            assert arrival.stat().st_mtime_ns > old.st_mtime_ns
            changed = arrival.stat()
            arrival.differ_from(old)
            assert arrival.stat().st_mtime_ns == changed.st_mtime_ns


async def test_a_put_that_is_cancelled_leaves_nothing_behind(root: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    async with opened(LOCAL, config(root)) as store:
        put = asyncio.create_task(store.put("a/b", pipe))
        writer = await asyncio.to_thread(pipe.open, "wb", 0)
        writer.write(noise(1000))
        put.cancel()
        await asyncio.sleep(0)
        writer.write(noise(1000))
        writer.close()
        with pytest.raises(asyncio.CancelledError):
            await put
    assert files_in(root) == []
    assert arrivals_of(root) == []


async def test_what_a_stopped_process_left_is_swept_away_and_what_arrives_now_is_not(
    root: Path, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    async with opened(LOCAL, config(root)) as store:
        put = asyncio.create_task(store.put("a", pipe))
        writer = await asyncio.to_thread(pipe.open, "wb", 0)
        writer.write(noise(MIB))  # far more than a pipe holds: it is being read when this returns
        (root / OWN / "arrivals" / "orphan").write_bytes(b"half a film")
        async with opened(LOCAL, config(root)):
            assert [path.name for path in arrivals_of(root)] != ["orphan"]
            assert len(arrivals_of(root)) == 1
        writer.write(b"the end")
        writer.close()
        await put
        assert await content_of(store, "a") == noise(MIB) + b"the end"


async def test_a_reader_sees_the_old_file_to_its_end_while_it_is_replaced(root: Path, tmp_path: Path) -> None:
    old, new = noise(3 * MIB, 1), noise(3 * MIB, 2)
    async with opened(LOCAL, config(root)) as store:
        await store.put("a", file_of(tmp_path, old))
        chunks = store.read("a")
        read = await anext(chunks)
        await store.put("a", file_of(tmp_path, new))
        read += b"".join([chunk async for chunk in chunks])
        assert read == old
        assert await content_of(store, "a") == new


async def test_keys_come_and_go_in_one_folder_at_once(root: Path, tmp_path: Path) -> None:
    source = file_of(tmp_path, b"x")
    async with opened(LOCAL, config(root)) as store, opened(LOCAL, config(root)) as other:

        async def come_and_go(store: Storage, name: str) -> None:
            for _ in range(15):
                await store.put(f"deep/er/{name}", source)
                await store.delete(f"deep/er/{name}")

        await asyncio.gather(*(come_and_go(each, f"{index}") for index in range(3) for each in (store, other)))
        assert await keys_of(store) == []
    assert files_in(root) == []


async def test_listing_many_goes_in_steps_and_skips_what_is_deleted_meanwhile(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_store, "LISTED_AT_ONCE", 2)
    source = file_of(tmp_path, b"x")
    async with opened(LOCAL, config(root)) as store:
        for index in range(7):
            await store.put(f"k{index}", source)
        listed = store.list()
        first = (await anext(listed)).key
        await store.delete("k4")
        assert [first, *[each.key async for each in listed]] == ["k0", "k1", "k2", "k3", "k5", "k6"]


async def test_a_folder_that_is_gone_is_not_ready_rather_than_empty(root: Path, tmp_path: Path) -> None:
    async with opened(LOCAL, config(root)) as store:
        await store.put("a", file_of(tmp_path, b"x"))
        await asyncio.to_thread(root.rename, tmp_path / "unmounted")
        with pytest.raises(NotReady, match="can't be used"):
            await store.stat("a")
        with pytest.raises(NotReady, match="can't be used"):
            await store.put("b", file_of(tmp_path, b"x"))
        with pytest.raises(NotReady, match="can't be used"):
            await store.delete("a")
        with pytest.raises(NotReady, match="can't be used"):
            await keys_of(store)
    assert not is_there(root)
    assert (tmp_path / "unmounted/a").read_bytes() == b"x"


async def test_a_put_that_fails_at_its_last_step_removes_the_folders_it_made(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    async with opened(LOCAL, config(root)) as store:
        await store.put("a/kept", file_of(tmp_path, b"x"))
        source = file_of(tmp_path, b"new")
        monkeypatch.setattr(os, "rename", full)
        with pytest.raises(NotReady, match="No space left on device"):
            await store.put("a/b/c", source)
        monkeypatch.undo()
        assert await keys_of(store) == ["a/kept"]
    assert files_in(root) == ["a", "a/kept"]
    assert arrivals_of(root) == []


async def test_a_disk_that_is_full_is_not_ready_and_keeps_the_old_file(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    async with opened(LOCAL, config(root)) as store:
        await store.put("a", file_of(tmp_path, b"old"))
        source = file_of(tmp_path, b"new")
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(NotReady, match="No space left on device"):
            await store.put("a", source)
        monkeypatch.undo()
        assert await content_of(store, "a") == b"old"
    assert arrivals_of(root) == []


async def test_where_there_can_be_no_folder_the_setting_is_wrong(tmp_path: Path) -> None:
    occupied = file_of(tmp_path, b"a file")
    with pytest.raises(ConfigInvalid) as caught:
        async with opened(LOCAL, config(occupied)):
            pass
    assert caught.value.field == "folder"
