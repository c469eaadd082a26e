"""What every store must do, asked of each kind at each of its services."""

import asyncio
from hashlib import sha256
from pathlib import Path

import pytest
from stores import MIB, Place, content_of, file_of, noise, opened

from core.api import InvalidInput
from core.api.testing import check_storage


def test_it_keeps_the_contract(place: Place, tmp_path: Path) -> None:
    check_storage(place.backend, tmp_path / "check", config=place.config, size=1_500_000)


async def test_a_large_file_comes_back_whole_and_in_ranges_of_small_chunks(place: Place, tmp_path: Path) -> None:
    content = noise(12 * MIB)
    source = file_of(tmp_path, content)
    async with opened(place.backend, place.config) as store:
        stored = await store.put("videos/large.mp4", source, content_type="video/mp4")
        assert (stored.size, stored.sha256) == (len(content), sha256(content).hexdigest())
        assert stored.content_type == "video/mp4"
        assert await store.stat("videos/large.mp4") == stored
        chunks = [chunk async for chunk in store.read("videos/large.mp4")]
        assert max(map(len, chunks)) <= MIB
        assert b"".join(chunks) == content
        across = 5 * MIB - 7
        assert await content_of(store, "videos/large.mp4", start=across, length=20) == content[across : across + 20]
        assert await store.fetch("videos/large.mp4", tmp_path / "back.mp4") == stored
    assert (tmp_path / "back.mp4").read_bytes() == content


# moto and s3rver answer 500 when one key is written and asked for at the same time.
@pytest.mark.parametrize("place", ["local", "ministack"], indirect=True)
async def test_of_writers_at_once_one_wins_whole(place: Place, tmp_path: Path) -> None:
    contents = [noise(300_000, seed) for seed in range(6)]
    sources = [file_of(tmp_path, content, f"{index}.bin") for index, content in enumerate(contents)]
    async with opened(place.backend, place.config) as store:
        puts = [store.put("same", source, content_type=f"x/{source.stem}") for source in sources]
        told = await asyncio.gather(*puts)
        assert [each.sha256 for each in told] == [sha256(content).hexdigest() for content in contents]
        stored = await store.stat("same")
        winner = int(stored.content_type.removeprefix("x/"))
        assert stored.sha256 == sha256(contents[winner]).hexdigest()
        assert await content_of(store, "same") == contents[winner]
        assert [each.key async for each in store.list()] == ["same"]


async def test_what_is_there_already_is_not_written_over_by_a_fetch(place: Place, tmp_path: Path) -> None:
    async with opened(place.backend, place.config) as store:
        await store.put("a.txt", file_of(tmp_path, b"stored"))
        target = file_of(tmp_path, b"mine", "target")
        with pytest.raises(InvalidInput, match="can't be made"):
            await store.fetch("a.txt", target)
    assert target.read_bytes() == b"mine"


async def test_a_source_that_is_not_there_is_refused_by_name_and_nothing_is_stored(
    place: Place, tmp_path: Path
) -> None:
    async with opened(place.backend, place.config) as store:
        with pytest.raises(InvalidInput) as caught:
            await store.put("a.txt", tmp_path / "absent")
        assert caught.value.path == "source"
        assert [each.key async for each in store.list()] == []


@pytest.mark.parametrize("wanted", [{"start": -1}, {"length": -1}])
async def test_a_range_below_zero_is_refused(place: Place, tmp_path: Path, wanted: dict[str, int]) -> None:
    async with opened(place.backend, place.config) as store:
        await store.put("a.txt", file_of(tmp_path, b"stored"))
        with pytest.raises(InvalidInput, match="at least 0"):
            await content_of(store, "a.txt", **wanted)


@pytest.mark.parametrize("key", ["a\nb", "a" * 256, "/".join(["part"] * 300), "\ud800"])
async def test_a_key_that_no_service_could_name_is_refused(place: Place, tmp_path: Path, key: str) -> None:
    async with opened(place.backend, place.config) as store:
        with pytest.raises(InvalidInput, match="not an allowed key"):
            await store.put(key, file_of(tmp_path, b"x"))
        assert [each.key async for each in store.list()] == []


async def test_reading_may_stop_in_the_middle(place: Place, tmp_path: Path) -> None:
    content = noise(3 * MIB)
    async with opened(place.backend, place.config) as store:
        await store.put("a", file_of(tmp_path, content))
        chunks = store.read("a")
        first = await anext(chunks)
        await chunks.aclose()
        assert content.startswith(first)
        assert await content_of(store, "a", start=3 * MIB - 3) == content[-3:]


def test_a_store_serves_one_event_loop_after_another(place: Place, tmp_path: Path) -> None:
    async def put_and_read(content: bytes) -> bytes:
        async with opened(place.backend, place.config) as store:
            await store.put("k", file_of(tmp_path, content))
            return await content_of(store, "k")

    for content in (b"first", b"second"):
        assert asyncio.run(put_and_read(content)) == content
