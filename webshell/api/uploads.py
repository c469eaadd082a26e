"""``/uploads``: files in parts, by tus 1.0; any of its clients works.

The protocol: https://tus.io/protocols/resumable-upload, with creation, checksum, termination and expiration.
"""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from quart import Blueprint, Response, request
from quart.wrappers.request import Body
from werkzeug.http import http_date

from core.api import InvalidInput, ReelhouseError
from tenants.control.roles import Permission
from tenants.library.staging import ALGORITHMS, Checksum
from tenants.library.uploads import LARGEST, UploadView
from webshell.api.endpoint import EVERYBODY, Rules, endpoint
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal, tenant
from webshell.shell import shell

VERSION = "1.0.0"
PART = "application/offset+octet-stream"
"""The media type of parts: the one kind of body that is taken as it comes, and not held in memory."""

PATIENCE_S = 60
"""How long the next piece of a part is waited for."""

uploads = Blueprint("uploads", __name__, url_prefix="/uploads")

_RESUMABLE = {"Tus-Resumable": VERSION}


class UnknownTus(ReelhouseError):
    """The client speaks another version of tus."""

    code = "tus_version"
    status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self) -> None:
        super().__init__(f"this speaks tus {VERSION}: send Tus-Resumable: {VERSION}")


class Stalled(ReelhouseError):
    """Nothing came for too long. What came before is kept."""

    code = "upload_stalled"
    status = HTTPStatus.REQUEST_TIMEOUT

    def __init__(self) -> None:
        super().__init__("nothing came for too long; what came before is kept")


class NotAPart(ReelhouseError):
    """The body is not said to be a part."""

    code = "not_a_part"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE

    def __init__(self) -> None:
        super().__init__(f"a part's content type is {PART}")


_PROBLEMS = (404, 408, 409, 412, 413, 415, 423, 460, 507)


@endpoint(uploads, "", "OPTIONS", Rules(needs=EVERYBODY, gives={204: None}))
async def tell_tus() -> Response:
    """Tell which version of tus this speaks, and how large a file may be."""
    return _answer(
        HTTPStatus.NO_CONTENT,
        {
            "Tus-Version": VERSION,
            "Tus-Extension": "creation,checksum,termination,expiration",
            "Tus-Max-Size": str(LARGEST),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


@endpoint(
    uploads,
    "",
    "POST",
    Rules(needs=Permission.ASSETS, rate=RateClass.WRITE, gives={201: None}, problems=(402, 403, 412, 413, 507)),
)
async def begin_upload() -> Response:
    """Begin an upload of ``Upload-Length`` bytes; ``Upload-Metadata`` names ``filename``, ``filetype``, ``folder``."""
    _require_tus()
    described = _metadata(request.headers.get("Upload-Metadata", ""))
    view = await shell().uploads.create(
        tenant(),
        _number("Upload-Length"),
        described.get("filename") or described.get("name") or "untitled",
        now=_now(),
        media_type=described.get("filetype") or described.get("type") or "",
        folder=described.get("folder", ""),
        user=principal().user,
    )
    location = {"Location": f"/api/v1/uploads/{view.id}"}
    return _answer(HTTPStatus.CREATED, {**_expires(view), **location})


@endpoint(uploads, "/<uuid:upload_id>", "HEAD", Rules(needs=Permission.ASSETS, gives={200: None}, problems=_PROBLEMS))
async def show_upload(upload_id: UUID) -> Response:
    """Tell how much of an upload has come: ``Upload-Offset`` of ``Upload-Length`` bytes."""
    _require_tus()
    view = await shell().uploads.show(tenant(), upload_id, now=_now())
    return _answer(
        HTTPStatus.OK, {"Upload-Offset": str(view.offset), "Upload-Length": str(view.size), **_expires(view)}
    )


@endpoint(
    uploads,
    "/<uuid:upload_id>",
    "PATCH",
    Rules(needs=Permission.ASSETS, rate=RateClass.READ, gives={204: None}, problems=_PROBLEMS),
)
async def send_part(upload_id: UUID) -> Response:
    """Send a part that begins at ``Upload-Offset``. What has come when the connection breaks is kept."""
    _require_tus()
    if request.mimetype != PART:
        raise NotAPart
    view = await shell().uploads.append(
        tenant(),
        upload_id,
        _timely(request.body),
        offset=_number("Upload-Offset"),
        now=_now(),
        checksum=_checksum(request.headers.get("Upload-Checksum")),
    )
    return _answer(HTTPStatus.NO_CONTENT, {"Upload-Offset": str(view.offset), **_expires(view)})


@endpoint(
    uploads,
    "/<uuid:upload_id>",
    "DELETE",
    Rules(needs=Permission.ASSETS, rate=RateClass.WRITE, gives={204: None}, problems=_PROBLEMS),
)
async def give_up_upload(upload_id: UUID) -> Response:
    """Forget an upload, and what has come of it."""
    _require_tus()
    await shell().uploads.give_up(tenant(), upload_id, now=_now())
    return _answer(HTTPStatus.NO_CONTENT, {})


async def _timely(body: Body) -> AsyncIterator[bytes]:
    """Yield a body's pieces; raise ``Stalled`` when none comes for too long."""
    pieces = aiter(body)
    while True:
        try:
            async with asyncio.timeout(PATIENCE_S):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Stalled from None
        yield piece


def _require_tus() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise UnknownTus


def _answer(status: int, headers: dict[str, str]) -> Response:
    return Response(status=status, headers={**_RESUMABLE, **headers})


def _expires(view: UploadView) -> dict[str, str]:
    return {"Upload-Expires": http_date(view.expires)}


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise InvalidInput(f"{header} must be a number of bytes", path=header)
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """Return the pairs of ``Upload-Metadata``: a key, a space, and its value in base64; commas between."""
    found: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as err:
            raise InvalidInput(f"the value of {key!r} is not base64 of UTF-8", path="Upload-Metadata") from err
    return found


def _checksum(header: str | None) -> Checksum | None:
    if header is None:
        return None
    algorithm, _, digest = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise InvalidInput(f"must be one of {', '.join(ALGORITHMS)}, not {algorithm!r}", path="Upload-Checksum")
    try:
        return Checksum(algorithm=algorithm, digest=base64.b64decode(digest, validate=True))
    except binascii.Error as err:
        raise InvalidInput("is not base64", path="Upload-Checksum") from err


def _now() -> datetime:
    return datetime.now(UTC)
