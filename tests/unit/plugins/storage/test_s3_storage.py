"""What is S3's own: parts, links, credentials, buckets that go away, connections that break."""

import asyncio
import threading
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3
from botocore.exceptions import ClientError
from stores import MIB, S3, Bucket, content_of, file_of, noise, opened

from core.api import (
    AuthFailed,
    ConfigInvalid,
    InvalidInput,
    JsonValue,
    NotFound,
    NotReady,
    PluginContext,
    PluginError,
    ReelhouseError,
    Storage,
    parse_values,
)
from plugins.storage.s3 import store as s3_store
from plugins.storage.s3.faults import from_answer
from plugins.storage.s3.settings import Settings
from plugins.storage.s3.store import disposition
from plugins.storage.s3.upload import part_size
from tests.support.breaking import BreakingProxy, breaking_proxy

EVERY_CALL = ["put", "stat", "read", "fetch", "delete", "list", "link"]


@asynccontextmanager
async def store_in(bucket: Bucket, **changed: JsonValue) -> AsyncIterator[Storage]:
    async with opened(S3, bucket.config(**changed)) as store:
        yield store


@pytest.fixture
def proxy(bucket: Bucket) -> Iterator[BreakingProxy]:
    with breaking_proxy(bucket.peer.endpoint_url) as running:
        yield running


async def call(store: Storage, name: str, folder: Path) -> object:
    """Make a call of this name for the key "k"."""
    match name:
        case "put":
            return await store.put("k", file_of(folder, b"new"))
        case "read":
            return await content_of(store, "k")
        case "fetch":
            return await store.fetch("k", folder / "fetched")
        case "list":
            return [each async for each in store.list()]
        case "link":
            return await store.link("k", expires_in=timedelta(minutes=1))
        case _:
            return await getattr(store, name)("k")


async def test_a_large_file_goes_up_in_parts_and_a_small_one_whole(
    bucket: Bucket, proxy: BreakingProxy, tmp_path: Path
) -> None:
    async with store_in(bucket, endpoint_url=proxy.url) as store:
        await store.put("large", file_of(tmp_path, noise(12 * MIB)))
        parts = sorted(query(line)["partNumber"] for line in proxy.asked if "partNumber" in line)
        assert parts == ["1", "2", "3"]
        assert sum(line.startswith("POST") for line in proxy.asked) == 2
        proxy.asked.clear()
        await store.put("small", file_of(tmp_path, noise(MIB)))
        assert [line.split(" ")[0] for line in proxy.asked] == ["PUT", "HEAD"]


def query(line: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(line).query).items()}


def test_a_file_that_would_need_too_many_parts_gets_larger_ones() -> None:
    assert part_size(12 * MIB, 5 * MIB) == 5 * MIB
    assert part_size(10_000 * 8 * MIB, 8 * MIB) == 8 * MIB
    assert part_size(10_000 * 8 * MIB + 1, 8 * MIB) == 9 * MIB
    assert 5 * MIB * MIB / part_size(5 * MIB * MIB, 8 * MIB) <= 10_000


async def test_an_upload_that_breaks_is_not_ready_and_leaves_the_old_file_and_no_parts(
    bucket: Bucket, proxy: BreakingProxy, tmp_path: Path
) -> None:
    async with store_in(bucket, endpoint_url=proxy.url) as store:
        await store.put("k", file_of(tmp_path, b"old"))
        proxy.rule = lambda method, path: -1 if "partNumber=2" in path else None
        with pytest.raises(NotReady, match="can't be reached"):
            await store.put("k", file_of(tmp_path, noise(12 * MIB)))
        assert await content_of(store, "k") == b"old"
        assert sum(line.startswith("DELETE") for line in proxy.asked) == 1
    assert bucket.names() == ["k"]
    if bucket.peer.aborts_uploads:
        assert bucket.uploads() == []


async def test_a_put_that_is_cancelled_leaves_no_object_and_no_parts(
    bucket: Bucket, proxy: BreakingProxy, tmp_path: Path
) -> None:
    is_going, may_go_on = threading.Event(), threading.Event()

    def hold(method: str, path: str) -> None:
        if "partNumber" in path:
            is_going.set()
            may_go_on.wait()

    proxy.rule = hold
    async with store_in(bucket, endpoint_url=proxy.url, parallel_parts=1) as store:
        put = asyncio.create_task(store.put("k", file_of(tmp_path, noise(12 * MIB))))
        await asyncio.to_thread(is_going.wait)
        put.cancel()
        may_go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await put
    assert bucket.names() == []
    assert sum("partNumber" in line for line in proxy.asked) < 3
    if bucket.peer.aborts_uploads:
        assert bucket.uploads() == []


async def test_a_source_that_changes_on_the_way_is_refused(
    bucket: Bucket, proxy: BreakingProxy, tmp_path: Path
) -> None:
    source = file_of(tmp_path, noise(12 * MIB))

    def change(method: str, path: str) -> None:
        if "partNumber=3" in path:
            source.write_bytes(b"something else")

    proxy.rule = change
    async with store_in(bucket, endpoint_url=proxy.url, parallel_parts=1) as store:
        with pytest.raises(InvalidInput, match="changed while"):
            await store.put("k", source)
    assert bucket.names() == []


@pytest.mark.parametrize("peer", ["moto"], indirect=True)
async def test_a_source_that_is_removed_on_the_way_is_refused_and_its_parts_are_dropped(
    bucket: Bucket, proxy: BreakingProxy, tmp_path: Path
) -> None:
    source = file_of(tmp_path, noise(12 * MIB))

    def remove(method: str, path: str) -> None:
        if "partNumber=1" in path:
            source.unlink()

    proxy.rule = remove
    async with store_in(bucket, endpoint_url=proxy.url, parallel_parts=1) as store:
        with pytest.raises(InvalidInput, match="was removed while"):
            await store.put("k", source)
    assert bucket.names() == []
    assert bucket.uploads() == []


@pytest.mark.parametrize("peer", ["moto"], indirect=True)
async def test_a_disk_that_is_full_is_not_ready_and_keeps_no_half_of_a_fetched_file(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    async with store_in(bucket) as store:
        await store.put("k", file_of(tmp_path, b"content"))
        monkeypatch.setattr(s3_store, "_receive", full)
        with pytest.raises(NotReady, match="No space left on device"):
            await store.fetch("k", tmp_path / "back")
    assert not (tmp_path / "back").exists()


async def test_a_download_that_breaks_is_taken_up_where_it_broke(
    bucket: Bucket, proxy: BreakingProxy, tmp_path: Path
) -> None:
    content = noise(3 * MIB)
    breaks = iter([MIB + 5, 1000])
    async with store_in(bucket, endpoint_url=proxy.url, attempts=2) as store:
        await store.put("k", file_of(tmp_path, content))
        proxy.asked.clear()
        proxy.rule = lambda method, path: next(breaks, None) if method == "GET" else None
        stored = await store.fetch("k", tmp_path / "back")
        assert stored.sha256 == sha256(content).hexdigest()
        assert [line.split(" ")[0] for line in proxy.asked] == ["GET"] * 3
    assert (tmp_path / "back").read_bytes() == content


async def test_a_download_that_keeps_breaking_is_not_ready_and_leaves_no_file(
    bucket: Bucket, proxy: BreakingProxy, tmp_path: Path
) -> None:
    async with store_in(bucket, endpoint_url=proxy.url, attempts=2) as store:
        await store.put("k", file_of(tmp_path, noise(2 * MIB)))
        proxy.rule = lambda method, path: 0 if method == "GET" else None
        with pytest.raises(NotReady, match="can't be reached"):
            await store.fetch("k", tmp_path / "back")
        with pytest.raises(NotReady, match="can't be reached"):
            await content_of(store, "k", start=1000)
    assert not (tmp_path / "back").exists()


async def test_what_is_replaced_between_two_pieces_is_not_mixed(
    bucket: Bucket, proxy: BreakingProxy, tmp_path: Path
) -> None:
    old, new = noise(2 * MIB, 1), noise(2 * MIB, 2)
    async with store_in(bucket, endpoint_url=proxy.url, attempts=2) as store:
        await store.put("k", file_of(tmp_path, old))

        def replace_and_break(method: str, path: str) -> int | None:
            if method == "GET":
                proxy.rule = lambda method, path: None
                return MIB
            return None

        proxy.rule = replace_and_break
        chunks = store.read("k")
        assert old.startswith(await anext(chunks))
        bucket.client.put_object(Bucket=bucket.name, Key="k", Body=new)
        with pytest.raises(NotReady, match="was replaced while it was being read"):
            await anext(chunks)


@pytest.mark.parametrize("peer", ["s3rver", "ministack"], indirect=True)  # moto looks at no key
async def test_a_wrong_key_is_refused_and_nothing_changes(bucket: Bucket, tmp_path: Path) -> None:
    bucket.client.put_object(Bucket=bucket.name, Key="k", Body=b"old")
    async with store_in(bucket, access_key="NOBODY", secret_key="wrong") as store:
        for name in EVERY_CALL:
            with pytest.raises(AuthFailed, match="refuses the key"):
                await call(store, name, tmp_path)
    assert bucket.client.get_object(Bucket=bucket.name, Key="k")["Body"].read() == b"old"
    assert not (tmp_path / "fetched").exists()


async def test_a_bucket_that_is_gone_is_told_by_its_name(bucket: Bucket, tmp_path: Path) -> None:
    bucket.client.delete_bucket(Bucket=bucket.name)
    async with store_in(bucket) as store:
        for name in EVERY_CALL:
            with pytest.raises(ConfigInvalid, match=f'there is no bucket "{bucket.name}"') as caught:
                await call(store, name, tmp_path)
            assert caught.value.field == "bucket"
    assert not (tmp_path / "fetched").exists()


@pytest.mark.parametrize("peer", ["moto"], indirect=True)
async def test_a_service_that_is_away_is_not_ready(bucket: Bucket, tmp_path: Path) -> None:
    with breaking_proxy(bucket.peer.endpoint_url) as gone:
        pass
    async with store_in(bucket, endpoint_url=gone.url) as store:
        for name in EVERY_CALL:
            with pytest.raises(NotReady, match="can't be reached"):
                await call(store, name, tmp_path)
    assert not (tmp_path / "fetched").exists()
    assert bucket.names() == []


async def test_a_link_opens_without_keys_and_names_the_file(bucket: Bucket, tmp_path: Path) -> None:
    async with store_in(bucket) as store:
        await store.put("videos/é.mp4", file_of(tmp_path, b"the film"), content_type="video/mp4")
        link = await store.link("videos/é.mp4", expires_in=timedelta(minutes=5), filename='Été "26".mp4')
    assert link is not None
    assert bucket.peer.secret_key not in link or bucket.peer.secret_key == bucket.peer.access_key
    assert query(link)["X-Amz-Expires"] == "300"
    answer = await asyncio.to_thread(urllib3.request, "GET", link)
    assert (answer.status, answer.data) == (200, b"the film")
    assert answer.headers["Content-Type"] == "video/mp4"
    assert "filename*=UTF-8''%C3%89t%C3%A9%20%2226%22.mp4" in answer.headers["Content-Disposition"]


def test_a_filename_is_given_in_ascii_and_in_utf_8() -> None:
    assert disposition("a.mp4") == "attachment; filename=\"a.mp4\"; filename*=UTF-8''a.mp4"
    hostile = disposition('a"\r\nX-Evil: 1/é')
    assert hostile.startswith('attachment; filename="a___X-Evil: 1/_"; ')
    assert "\r" not in hostile


@pytest.mark.parametrize("peer", ["moto"], indirect=True)
async def test_links_may_begin_with_an_address_of_their_own(bucket: Bucket, tmp_path: Path) -> None:
    async with store_in(bucket, public_endpoint_url="https://media.example.org:9000") as store:
        await store.put("k", file_of(tmp_path, b"x"))
        link = await store.link("k", expires_in=timedelta(hours=1))
    assert link is not None
    assert link.startswith(f"https://media.example.org:9000/{bucket.name}/k?")


@pytest.mark.parametrize("seconds", [0, -5, 8 * 24 * 3600])
@pytest.mark.parametrize("peer", ["moto"], indirect=True)
async def test_a_link_that_s3_would_not_sign_is_refused(bucket: Bucket, tmp_path: Path, seconds: int) -> None:
    async with store_in(bucket) as store:
        await store.put("k", file_of(tmp_path, b"x"))
        with pytest.raises(InvalidInput) as caught:
            await store.link("k", expires_in=timedelta(seconds=seconds))
    assert caught.value.path == "expires_in"


async def test_stores_with_prefixes_of_their_own_share_a_bucket(bucket: Bucket, tmp_path: Path) -> None:
    async with store_in(bucket, prefix="/one/") as one, store_in(bucket, prefix="one-more") as other:
        await one.put("k", file_of(tmp_path, b"1"))
        await other.put("k", file_of(tmp_path, b"2"))
        assert await content_of(one, "k") == b"1"
        assert [each.key async for each in one.list()] == ["k"]
        await one.delete("k")
        assert await content_of(other, "k") == b"2"
    assert bucket.names() == ["one-more/k"]


async def test_what_another_tool_stored_is_described_by_its_bytes(bucket: Bucket) -> None:
    content = noise(2 * MIB)
    bucket.client.put_object(Bucket=bucket.name, Key="foreign.mp4", Body=content, ContentType="video/mp4")
    bucket.client.put_object(Bucket=bucket.name, Key="folder/", Body=b"")
    async with store_in(bucket) as store:
        stored = await store.stat("foreign.mp4")
        assert [each async for each in store.list()] == [stored], "what other tools make for folders is no key"
    assert stored.sha256 == sha256(content).hexdigest()
    assert (stored.size, stored.content_type) == (2 * MIB, "video/mp4")


async def test_a_damaged_object_is_not_fetched(bucket: Bucket, tmp_path: Path) -> None:
    wrong = {"sha256": sha256(b"what was stored").hexdigest()}
    bucket.client.put_object(Bucket=bucket.name, Key="k", Body=b"what lies there", Metadata=wrong)
    async with store_in(bucket) as store:
        with pytest.raises(PluginError, match="is damaged"):
            await store.fetch("k", tmp_path / "back")
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("peer", ["moto", "ministack"], indirect=True)  # s3rver breaks at its second page
async def test_a_listing_of_several_pages_is_whole(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_store, "PAGE", 3)
    names = [f"n{index:02}" for index in range(11)]
    for name in names:
        bucket.client.put_object(Bucket=bucket.name, Key=name, Body=b"", Metadata={"sha256": "0" * 64})
    async with store_in(bucket) as store:
        assert [each.key async for each in store.list("n")] == names
        assert [each.key async for each in store.list("n1")] == ["n10"]


@pytest.mark.parametrize("peer", ["s3rver"], indirect=True)  # a process of its own: this one's memory is the store's
async def test_memory_stays_flat(bucket: Bucket, tmp_path: Path) -> None:
    async with store_in(bucket) as store:
        source = file_of(tmp_path, noise(24 * MIB))
        tracemalloc.start()
        try:
            await store.put("large", source)
            async for _ in store.read("large"):
                pass
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 8 * MIB


@pytest.mark.parametrize("peer", ["s3rver"], indirect=True)
async def test_without_keys_of_its_own_boto3_finds_them(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyless = {"access_key": "", "secret_key": ""}
    async with store_in(bucket, **keyless) as store:
        with pytest.raises(AuthFailed, match="no credentials"):
            await store.put("k", file_of(tmp_path, b"x"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", bucket.peer.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", bucket.peer.secret_key)
    async with store_in(bucket, **keyless) as store:
        await store.put("k", file_of(tmp_path, b"x"))
    assert bucket.names() == ["k"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"bucket": ""}, "bucket"),
        ({"bucket": "a/b"}, "bucket"),
        ({"bucket": "Not A Bucket!"}, "bucket"),
        ({"prefix": "a/../b"}, "prefix"),
        ({"endpoint_url": "s3.example.com"}, "endpoint_url"),
        ({"endpoint_url": "ftp://s3.example.com"}, "endpoint_url"),
        ({"endpoint_url": "https://me:secret@s3.example.com"}, "endpoint_url"),
        ({"public_endpoint_url": "https://"}, "public_endpoint_url"),
        ({"access_key": "only this", "secret_key": ""}, "secret_key"),
        ({"access_key": "", "secret_key": "only this"}, "access_key"),
    ],
)
async def test_a_wrong_setting_is_told_by_its_field(changed: dict[str, JsonValue], field: str) -> None:
    config: dict[str, JsonValue] = {"bucket": "media", "access_key": "a", "secret_key": "b"}
    with pytest.raises(ConfigInvalid) as caught:
        async with opened(S3, config | changed) as store:
            await store.stat("k")
    assert caught.value.field == field
    assert "secret@" not in str(caught.value)


def test_a_tenant_without_keys_does_not_get_the_machines_own(tmp_path: Path) -> None:
    values, _ = parse_values(S3.params, {"bucket": "the-operators"})
    context = PluginContext(plugin_id="reelhouse.s3", folder=tmp_path, config=values, is_operators=False)
    with pytest.raises(ConfigInvalid, match="operator's alone") as caught:
        S3.open(context)
    assert caught.value.field == "access_key"


def test_keys_are_not_shown() -> None:
    given: dict[str, JsonValue] = {"bucket": "b", "access_key": "AKIAOPEN", "secret_key": "hush", "session_token": "sh"}
    values, _ = parse_values(S3.params, given)
    shown = repr(Settings.read(values))
    assert "hush" not in shown
    assert "AKIAOPEN" not in shown


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (404, "NoSuchKey", NotFound),
        (404, "NoSuchBucket", ConfigInvalid),
        (301, "PermanentRedirect", ConfigInvalid),
        (400, "AuthorizationHeaderMalformed", ConfigInvalid),
        (403, "SignatureDoesNotMatch", AuthFailed),
        (403, "RequestTimeTooSkewed", AuthFailed),
        (400, "ExpiredToken", AuthFailed),
        (403, "403", AuthFailed),
        (503, "SlowDown", NotReady),
        (500, "InternalError", NotReady),
        (429, "TooManyRequests", NotReady),
        (400, "BadDigest", NotReady),
        (400, "KeyTooLongError", InvalidInput),
        (409, "BucketNotEmpty", PluginError),
    ],
)
def test_each_answer_has_its_error(status: int, code: str, error: type[ReelhouseError]) -> None:
    answer = {"Error": {"Code": code, "Message": "said so"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    assert type(from_answer(ClientError(answer, "PutObject"), "media", "k")) is error
