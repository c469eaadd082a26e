"""The store in a bucket: what ``core.api.Storage`` asks for, as S3 requests."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from botocore.exceptions import ClientError

from core.api import Cancelled, ConfigInvalid, InvalidInput, NotFound, PluginError, StoredObject, check_key
from plugins.storage.s3.download import Download
from plugins.storage.s3.faults import is_missing, translated
from plugins.storage.s3.settings import CALLS, Settings
from plugins.storage.s3.upload import SHA256, Source, Upload

LONGEST_LINK = timedelta(days=7)
LONGEST_NAME = 1024
PAGE = 1000
PLAIN = "application/octet-stream"


class S3Storage:
    """The open store. Requests run in a bounded number of threads; boto3's client serves all of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bucket = settings.bucket
        self._prefix = f"{settings.prefix}/" if settings.prefix else ""
        self._client = settings.client(settings.endpoint_url)
        self._linking = self._client
        if settings.public_endpoint_url:
            self._linking = settings.client(settings.public_endpoint_url)
        self._calls = ThreadPoolExecutor(CALLS, thread_name_prefix="reelhouse-s3")
        # What a call in one pool waits for runs in the other: neither can wait for itself.
        self._side = ThreadPoolExecutor(settings.parallel_parts, thread_name_prefix="reelhouse-s3-side")
        self._upload = Upload(self._client, settings, self._side)

    async def put(self, key: str, source: Path, *, content_type: str = PLAIN) -> StoredObject:
        """Store a file whole or not at all, verified by its hash; replace what was there."""
        name = self._name(key)
        return await self._run(key, lambda check: self._put(key, name, source, content_type, check))

    async def stat(self, key: str) -> StoredObject:
        """Describe what is stored. What came here without Reelhouse is read once to know its hash."""
        name = self._name(key)
        return await self._run(key, lambda check: self._stat(key, name, check))

    async def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from ``start``, at most ``length`` of them, as they come."""
        name = self._name(key)
        for what, value in (("start", start), ("length", length)):
            if value is not None and value < 0:
                raise InvalidInput(f"must be at least 0, not {value}", path=what)
        if length == 0:
            await self._run(key, lambda _: self._head(key, name))
            return
        end = None if length is None else start + length
        download = self._download(name, start=start, end=end)
        try:
            await self._run(key, lambda _: self._open(key, name, download))
            while chunk := await self._run(key, lambda _: download.read()):
                yield chunk
        finally:
            await self._run(key, lambda _: download.close())

    async def fetch(self, key: str, target: Path) -> StoredObject:
        """Copy what is stored into a new local file, verified by its hash."""
        name = self._name(key)
        return await self._run(key, lambda check: self._fetch(key, name, target, check))

    async def delete(self, key: str) -> None:
        """Remove it; nothing happens when it is not there."""
        name = self._name(key)
        await self._run(key, lambda _: self._delete(name))

    async def list(self, prefix: str = "") -> AsyncIterator[StoredObject]:
        """Yield what is stored under a prefix, in the order of the keys.

        Listings hold no hashes: each object is asked for its own, several at a time.
        """
        found = self._described(prefix)
        while step := await self._run(prefix, lambda _: list(islice(found, 1))):
            yield step[0]

    async def link(self, key: str, *, expires_in: timedelta, filename: str | None = None) -> str | None:
        """Return a signed URL; ``filename`` is the name that a browser saves it under."""
        name = self._name(key)
        if not timedelta(seconds=1) <= expires_in <= LONGEST_LINK:
            raise InvalidInput("a link lasts from a second to seven days", path="expires_in")
        return await self._run(key, lambda _: self._link(key, name, expires_in, filename))

    async def close(self) -> None:
        """Release connections and threads."""
        self._calls.shutdown(wait=False)
        self._side.shutdown(wait=False)
        self._client.close()
        if self._linking is not self._client:
            self._linking.close()

    def _name(self, key: str) -> str:
        """Return an object's name in the bucket; raise ``InvalidInput`` for a key that is not allowed."""
        name = self._prefix + check_key(key)
        if len(name.encode()) > LONGEST_NAME:
            raise InvalidInput(f"{key[:40]!r}… is not an allowed key: too long behind the prefix", path="key")
        return name

    async def _run[T](self, key: str, work: Callable[[Callable[[], None]], T]) -> T:
        """Do requests in a thread; when the caller is cancelled, they end at the next step, cleaned up."""
        is_stopped = threading.Event()

        def check() -> None:
            if is_stopped.is_set():
                raise Cancelled("the transfer was stopped")

        def guarded() -> T:
            with translated(self._bucket, key):
                return work(check)

        running = asyncio.get_running_loop().run_in_executor(self._calls, guarded)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            is_stopped.set()
            await asyncio.gather(running, return_exceptions=True)
            raise

    def _put(self, key: str, name: str, path: Path, content_type: str, check: Callable[[], None]) -> StoredObject:
        source = Source.read(path, check)
        self._upload.put(name, source, content_type, check)
        stored = self._stat(key, name, check)
        if stored.sha256 == source.sha256 and stored.size != source.size:
            raise PluginError(f'"{key}" was stored as {stored.size} bytes instead of {source.size}')
        # Where another writer was faster, its file lies there now; this one was stored all the same.
        return replace(stored, size=source.size, sha256=source.sha256, content_type=content_type)

    def _head(self, key: str, name: str) -> tuple[int, datetime, str, str | None]:
        """Return size, time, content type and, where it is known, SHA-256; raise ``NotFound``."""
        try:
            answer = self._client.head_object(Bucket=self._bucket, Key=name)
        except ClientError as err:
            raise self._absent(key, err) from err
        kind = answer.get("ContentType") or PLAIN
        return answer["ContentLength"], answer["LastModified"], kind, answer["Metadata"].get(SHA256)

    def _absent(self, key: str, err: ClientError) -> Exception:
        """Return what an answer means: HEAD says 404 for an object and for its bucket alike."""
        if not is_missing(err):
            return err
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except ClientError as of_bucket:
            if is_missing(of_bucket):
                return ConfigInvalid(
                    f'there is no bucket "{self._bucket}"', field="bucket", hint="make it, or name another"
                )
        return NotFound(f'nothing is stored under "{key}"')

    def _stat(self, key: str, name: str, check: Callable[[], None]) -> StoredObject:
        size, modified, content_type, digest = self._head(key, name)
        if digest is None:
            digest = self._digest(key, name, check)
        return StoredObject(key=key, size=size, sha256=digest, modified=modified, content_type=content_type)

    def _digest(self, key: str, name: str, check: Callable[[], None]) -> str:
        whole, download = sha256(), self._download(name)
        try:
            self._open(key, name, download)
            while chunk := download.read():
                check()
                whole.update(chunk)
        finally:
            download.close()
        return whole.hexdigest()

    def _download(self, name: str, *, start: int = 0, end: int | None = None) -> Download:
        attempts = self._settings.attempts
        return Download(self._client, self._bucket, name, start=start, end=end, attempts=attempts)

    def _open(self, key: str, name: str, download: Download) -> None:
        if download.open() is None:
            self._head(key, name)  # some services answer 416 without looking whether there is anything

    def _fetch(self, key: str, name: str, target: Path, check: Callable[[], None]) -> StoredObject:
        download = self._download(name)
        answer = download.open()
        if answer is None:
            raise PluginError(f'the S3 service gave no bytes of "{key}"')
        try:
            copy = target.open("xb")
        except OSError as err:
            download.close()
            raise InvalidInput(f"{target} can't be made: {err.strerror}", path="target") from err
        try:
            with copy:
                size, digest = _receive(download, copy, check)
            wanted = answer["Metadata"].get(SHA256, digest)
            if digest != wanted:
                raise PluginError(
                    f'what is stored under "{key}" is damaged: its SHA-256 is {digest} instead of {wanted}',
                    hint="restore it from a backup or store it again",
                )
        except BaseException:
            target.unlink()
            raise
        finally:
            download.close()
        return StoredObject(
            key=key,
            size=size,
            sha256=digest,
            modified=answer["LastModified"],
            content_type=answer.get("ContentType") or PLAIN,
        )

    def _delete(self, name: str) -> None:
        try:
            self._client.delete_object(Bucket=self._bucket, Key=name)
        except ClientError as err:
            if not is_missing(err):
                raise

    def _described(self, prefix: str) -> Iterator[StoredObject]:
        """Ask for the descriptions of what is listed, a few ahead."""
        ahead: deque[Future[StoredObject | None]] = deque()
        for key in self._keys(prefix):
            ahead.append(self._side.submit(self._found, key))
            if len(ahead) > 2 * self._settings.parallel_parts and (first := ahead.popleft().result()):
                yield first
        while ahead:
            if first := ahead.popleft().result():
                yield first

    def _keys(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + prefix, PaginationConfig={"PageSize": PAGE}
        )
        last = ""
        for page in pages:
            # S3 lists in the order of UTF-8; a few of its likes take folder by folder, which shows within a page.
            for name in sorted(each["Key"] for each in page.get("Contents", ())):
                if name < last:
                    raise PluginError("the S3 service does not list in the order of the names")
                last = name
                if _is_key(key := name.removeprefix(self._prefix)):
                    yield key

    def _found(self, key: str) -> StoredObject | None:
        try:
            return self._stat(key, self._prefix + key, lambda: None)
        except NotFound:  # removed meanwhile
            return None

    def _link(self, key: str, name: str, expires_in: timedelta, filename: str | None) -> str:
        self._head(key, name)
        wanted = {"Bucket": self._bucket, "Key": name}
        if filename is not None:
            wanted["ResponseContentDisposition"] = disposition(filename)
        return self._linking.generate_presigned_url(
            "get_object", Params=wanted, ExpiresIn=int(expires_in.total_seconds())
        )


def disposition(filename: str) -> str:
    """Return the header that names a download (RFC 6266): plain ASCII for old clients, UTF-8 for the others."""
    plain = "".join(each if " " <= each <= "~" and each not in '"\\%' else "_" for each in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _receive(download: Download, copy: BinaryIO, check: Callable[[], None]) -> tuple[int, str]:
    whole, size = sha256(), 0
    while chunk := download.read():
        check()
        whole.update(chunk)
        size += len(chunk)
        copy.write(chunk)
    return size, whole.hexdigest()


def _is_key(key: str) -> bool:
    """Tell whether an object's name is a key: other tools make names that are none, like those of folders."""
    try:
        check_key(key)
    except InvalidInput:
        return False
    return True
