"""Content: files out of storage, whole or in one range (RFC 9110, section 14), so that players can seek."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus

from quart import Response, request
from werkzeug.http import dump_options_header, parse_range_header

from core.api import ReelhouseError
from tenants.library.holdings import Holdings

_CHUNK = 256 * 1024


class RangeNotSatisfiable(ReelhouseError):
    """The range lies outside the file."""

    code = "range_not_satisfiable"
    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE

    def __init__(self, size: int) -> None:
        super().__init__(f"the file has {size} bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to answer with. ``name`` is what a browser saves it as, where it is to save it."""

    key: str
    size: int
    media_type: str
    etag: str
    name: str = ""


def answer_with(holdings: Holdings, file: File) -> Response:
    """Return the file, or the range of it that is asked for, or that nothing changed. Raise ``RangeNotSatisfiable``."""
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": f'"{file.etag}"',
        "Cache-Control": "private, no-cache",
        "Content-Type": file.media_type,
    }
    if file.name:
        headers["Content-Disposition"] = dump_options_header("attachment", {"filename": file.name})
    if request.if_none_match.contains(file.etag):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    start, end = 0, file.size
    status = HTTPStatus.OK
    if_range = request.headers.get("If-Range")
    asked = parse_range_header(request.headers.get("Range")) if if_range in (None, headers["ETag"]) else None
    if asked is not None and asked.units == "bytes" and len(asked.ranges) == 1:
        found = asked.range_for_length(file.size)
        if found is None:
            raise RangeNotSatisfiable(file.size)
        start, end = found
        status = HTTPStatus.PARTIAL_CONTENT
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD" or start == end:
        return Response(status=status, headers=headers)
    return Response(_bytes(holdings, file.key, start, end - start), status=status, headers=headers)


async def _bytes(holdings: Holdings, key: str, start: int, length: int) -> AsyncIterator[bytes]:
    async for piece in holdings.read(key, start=start, length=length):
        for at in range(0, len(piece), _CHUNK):
            yield piece[at : at + _CHUNK]
