"""Uploads: small files in one request, large ones in parts that go up side by side."""

import base64
import hashlib
import logging
import math
import os
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from io import SEEK_CUR, SEEK_END, SEEK_SET, RawIOBase
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast, override

from botocore.exceptions import BotoCoreError, ClientError

from core.api import InvalidInput
from plugins.storage.s3.settings import MIB, Settings

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef

CHUNK = MIB
MOST_PARTS = 10_000
SHA256 = "sha256"
"""The name of the metadata entry that holds the hash of an object's whole content."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A local file that goes up. It must not change meanwhile."""

    path: Path
    size: int
    mtime_ns: int
    sha256: str
    md5: bytes

    @classmethod
    def read(cls, path: Path, check: Callable[[], None]) -> "Source":
        """Hash a file; raise ``InvalidInput`` where it can't be read."""
        whole, quick = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        try:
            with path.open("rb") as file:
                found = os.fstat(file.fileno())
                while chunk := file.read(CHUNK):
                    check()
                    whole.update(chunk)
                    quick.update(chunk)
        except OSError as err:
            raise InvalidInput(f"{path} can't be read: {err.strerror}", path="source") from err
        return cls(
            path=path, size=found.st_size, mtime_ns=found.st_mtime_ns, sha256=whole.hexdigest(), md5=quick.digest()
        )

    def check_unchanged(self) -> None:
        """Raise ``InvalidInput`` if the file is no longer what was hashed."""
        try:
            found = self.path.stat()
        except OSError as err:
            raise InvalidInput(f"{self.path} was removed while it was being stored", path="source") from err
        if (found.st_size, found.st_mtime_ns) != (self.size, self.mtime_ns):
            raise InvalidInput(f"{self.path} changed while it was being stored", path="source")


class Upload:
    """The way of files into one bucket. ``parts`` are the threads that large files share."""

    def __init__(self, client: "S3Client", settings: Settings, parts: ThreadPoolExecutor) -> None:
        self._client = client
        self._settings = settings
        self._parts = parts

    def put(self, name: str, source: Source, content_type: str, check: Callable[[], None]) -> None:
        """Store a file whole or not at all. ``check`` is called between parts; what it raises ends the upload."""
        if source.size >= self._settings.multipart_threshold:
            self._put_in_parts(name, source, content_type, check)
            return
        source.check_unchanged()
        with source.path.open("rb") as body:
            self._client.put_object(
                Bucket=self._settings.bucket,
                Key=name,
                Body=body,
                ContentLength=source.size,
                ContentMD5=_encoded(source.md5),
                ContentType=content_type,
                Metadata={SHA256: source.sha256},
            )

    def _put_in_parts(self, name: str, source: Source, content_type: str, check: Callable[[], None]) -> None:
        bucket = self._settings.bucket
        upload_id = self._client.create_multipart_upload(
            Bucket=bucket, Key=name, ContentType=content_type, Metadata={SHA256: source.sha256}
        )["UploadId"]
        try:
            done = self._send_parts(name, upload_id, source, check)
            source.check_unchanged()
            check()
            self._client.complete_multipart_upload(
                Bucket=bucket, Key=name, UploadId=upload_id, MultipartUpload={"Parts": done}
            )
        except BaseException:
            self._abort(name, upload_id)
            raise

    def _send_parts(
        self, name: str, upload_id: str, source: Source, check: Callable[[], None]
    ) -> "list[CompletedPartTypeDef]":
        size = part_size(source.size, self._settings.part_size)
        running: set[Future[CompletedPartTypeDef]] = set()
        done: list[CompletedPartTypeDef] = []
        try:
            for number, start in enumerate(range(0, source.size, size), start=1):
                while len(running) >= self._settings.parallel_parts:
                    running = _collect(running, done)
                check()
                length = min(size, source.size - start)
                running.add(self._parts.submit(self._send, name, upload_id, source, number, start, length))
            while running:
                check()
                running = _collect(running, done)
        finally:
            # A part that is still on its way would outlive the abort, and be kept and paid for.
            for part in running:
                part.cancel()
            wait(running)
        return sorted(done, key=lambda part: part.get("PartNumber", 0))

    def _send(
        self, name: str, upload_id: str, source: Source, number: int, start: int, length: int
    ) -> "CompletedPartTypeDef":
        source.check_unchanged()
        with source.path.open("rb") as file:
            body = Slice(file, start, length)
            quick = hashlib.md5(usedforsecurity=False)
            while chunk := body.read(CHUNK):
                quick.update(chunk)
            body.seek(0)
            answer = self._client.upload_part(
                Bucket=self._settings.bucket,
                Key=name,
                UploadId=upload_id,
                PartNumber=number,
                Body=cast("IO[bytes]", body),
                ContentLength=length,
                ContentMD5=_encoded(quick.digest()),
            )
        return {"ETag": answer["ETag"], "PartNumber": number}

    def _abort(self, name: str, upload_id: str) -> None:
        """Drop the parts; where that fails, say so: the first error is the one to raise."""
        try:
            self._client.abort_multipart_upload(Bucket=self._settings.bucket, Key=name, UploadId=upload_id)
        except (ClientError, BotoCoreError) as err:
            log.warning("the parts of an upload that failed stay in the bucket until its lifecycle rule ends: %s", err)


def part_size(size: int, wanted: int) -> int:
    """Return the size of a file's parts: the wanted one, or the next MiB that needs at most 10 000 of them."""
    return max(wanted, math.ceil(size / MOST_PARTS / MIB) * MIB)


def _collect(
    running: "set[Future[CompletedPartTypeDef]]", done: "list[CompletedPartTypeDef]"
) -> "set[Future[CompletedPartTypeDef]]":
    """Wait for a part, add what is done, return what still runs; raise what a part raised."""
    ended, running = wait(running, return_when=FIRST_COMPLETED)
    done += [part.result() for part in ended]
    return running


def _encoded(md5: bytes) -> str:
    return base64.b64encode(md5).decode()


class Slice(RawIOBase):
    """A part of an open file, as a file: it is sent from the disk, never held in memory."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self._file = file
        self._start = start
        self._length = length
        self._at = 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    def __len__(self) -> int:
        return self._length

    @override
    def tell(self) -> int:
        return self._at

    @override
    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        base = {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    @override
    def read(self, size: int = -1, /) -> bytes:
        left = max(0, self._length - self._at)
        self._file.seek(self._start + self._at)
        chunk = self._file.read(left if size < 0 else min(size, left))
        self._at += len(chunk)
        return chunk
