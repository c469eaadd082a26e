"""What the storage tests share: buckets, places where a store can be opened, files."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from core.api import JsonValue, PluginContext, Storage, StorageBackend, parse_values
from plugins.storage import local, s3
from tests.support.peers import REGION, Peer

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

MIB = 1024 * 1024
[LOCAL] = local.reelhouse_storage_backends()
[S3] = s3.reelhouse_storage_backends()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket, with a client to look at what lies in it."""

    peer: Peer
    name: str
    client: "S3Client"

    def config(self, **changed: JsonValue) -> dict[str, JsonValue]:
        """Return the settings of a store in this bucket."""
        return {
            "bucket": self.name,
            "endpoint_url": self.peer.endpoint_url,
            "region": REGION,
            "addressing": "path",
            "access_key": self.peer.access_key,
            "secret_key": self.peer.secret_key,
            "multipart_threshold": 5,
            "part_size": 5,
            "attempts": 1,
            **changed,
        }

    def names(self) -> list[str]:
        """Return the names of all objects."""
        return [each["Key"] for each in self.client.list_objects_v2(Bucket=self.name).get("Contents", [])]

    def uploads(self) -> list[str]:
        """Return the names of what is going up in parts."""
        return [each["Key"] for each in self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A backend with the settings of an empty store."""

    backend: StorageBackend
    config: Mapping[str, JsonValue]
    bucket: Bucket | None = None

    @classmethod
    def local(cls, folder: Path) -> "Place":
        """A store in a folder."""
        return cls(backend=LOCAL, config={"folder": str(folder)})

    @classmethod
    def s3(cls, bucket: Bucket) -> "Place":
        """A store in a bucket."""
        return cls(backend=S3, config=bucket.config(), bucket=bucket)


@asynccontextmanager
async def opened(backend: StorageBackend, config: Mapping[str, JsonValue]) -> AsyncIterator[Storage]:
    """Open a store and close it."""
    values, complaints = parse_values(backend.params, config, path="config")
    assert complaints == ()
    store = backend.open(PluginContext(plugin_id=f"reelhouse.{backend.id}", folder=Path("/nowhere"), config=values))
    try:
        yield store
    finally:
        await store.close()


def noise(size: int, seed: int = 1) -> bytes:
    """Return bytes that do not repeat."""
    return Random(seed).randbytes(size)


def file_of(folder: Path, content: bytes, name: str = "source.bin") -> Path:
    """Return a file with this content."""
    path = folder / name
    path.write_bytes(content)
    return path


async def content_of(store: Storage, key: str, **wanted: int) -> bytes:
    """Return what is stored."""
    return b"".join([chunk async for chunk in store.read(key, **wanted)])
