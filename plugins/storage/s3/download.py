"""Downloads: an object's bytes as they come, taken up again where a connection breaks."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from core.api import NotReady, PluginError
from plugins.storage.s3.faults import BROKEN_STREAM, is_past_the_end
from plugins.storage.s3.settings import MIB

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef, GetObjectRequestTypeDef

CHUNK = MIB


class Download:
    """One object on its way, from ``start`` to ``end`` (exclusive; None for its last byte).

    Used by one thread at a time. ``attempts`` is how often in a row a connection may break before a byte has come.
    """

    def __init__(
        self, client: "S3Client", bucket: str, name: str, *, start: int = 0, end: int | None = None, attempts: int = 1
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._name = name
        self._at = start
        self._end = end
        self._attempts = attempts
        self._etag: str | None = None
        self._size: int | None = None
        self._body: StreamingBody | None = None

    def open(self) -> "GetObjectOutputTypeDef | None":
        """Ask for the bytes; return the answer's head, or None where there are none from here on."""
        request: GetObjectRequestTypeDef = {"Bucket": self._bucket, "Key": self._name}
        if self._at or self._end is not None:
            request["Range"] = f"bytes={self._at}-" if self._end is None else f"bytes={self._at}-{self._end - 1}"
        if self._etag is not None:
            request["IfMatch"] = self._etag
        try:
            answer = self._client.get_object(**request)
        except ClientError as err:
            if is_past_the_end(err):
                return None
            if err.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 412:
                raise NotReady(f'"{self._name}" was replaced while it was being read', retry_after=1) from err
            raise
        self._body = answer["Body"]
        if self._etag is not None and answer["ETag"] != self._etag:
            raise NotReady(f'"{self._name}" was replaced while it was being read', retry_after=1)
        if self._at and "ContentRange" not in answer:
            raise PluginError("the S3 service does not give ranges")
        if answer.get("ContentRange", "").endswith("/0"):  # some services count a byte in an empty object
            self.close()
            return None
        self._etag = answer["ETag"]
        end = self._at + answer["ContentLength"]
        self._end = end if self._end is None else min(self._end, end)
        return answer

    def read(self) -> bytes:
        """Return the next bytes, at most 1 MiB; none at the end."""
        if self._body is None or self._end is None:
            return b""
        for left in range(self._attempts - 1, -1, -1):
            try:
                chunk = self._take()
            except BROKEN_STREAM:
                if not left:
                    raise
                chunk = b""
            self._at += len(chunk)
            if chunk or self._at >= self._end:
                return chunk
            self.close()
            if left:
                self.open()
        raise ConnectionError(f"the connection broke {self._end - self._at} bytes before the end")

    def _take(self) -> bytes:
        if self._body is None or self._end is None or self._at >= self._end:
            return b""
        return self._body.read(min(CHUNK, self._end - self._at))

    def close(self) -> None:
        """Release the connection."""
        if self._body is not None:
            self._body.close()
            self._body = None
