"""``/uploads``, word by word as tus 1.0 has it."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import uuid4

import pytest

from tenants.control.models.plan import Plan
from tenants.control.models.quota import QuotaTotal
from tenants.vault.models.upload import Upload
from tenants.vault.scope import scope
from tests.support.api import Answered, Api
from webshell.auth.principal import Principal

TUS = {"Tus-Resumable": "1.0.0"}
PART = {**TUS, "Content-Type": "application/offset+octet-stream"}


def metadata(**pairs: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


async def begin(api: Api, who: Principal, size: int, **pairs: str) -> str:
    sent = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata(filename="a.mp4", **pairs)}
    made = await api.ask(who, "POST", "/uploads", headers=sent)
    assert made.status == 201, made.body
    return made.headers["location"].removeprefix("/api/v1")


async def part(api: Api, who: Principal, upload: str, offset: int, data: bytes, **headers: Any) -> Answered:
    sent = {**PART, "Upload-Offset": str(offset), **headers}
    return await api.ask(who, "PATCH", upload, headers=sent, data=data)


async def reserved(who: Principal) -> int:
    total = await QuotaTotal.get_or_none(tenant_id=who.tenant, metric="storage_bytes")
    return 0 if total is None else total.reserved


async def test_what_is_spoken_here(api: Api) -> None:
    told = await api.ask(None, "OPTIONS", "/uploads")
    assert (told.status, told.headers["tus-version"]) == (204, "1.0.0")
    assert told.headers["tus-extension"] == "creation,checksum,termination,expiration"
    assert told.headers["tus-checksum-algorithm"] == "sha256,sha1,md5"
    assert int(told.headers["tus-max-size"]) == 64 * 2**30


async def test_a_file_comes_in_parts(api: Api) -> None:
    ada = await api.somebody("acme")
    upload = await begin(api, ada, 6, filetype="video/mp4", folder="Shots/Day 1")
    assert await reserved(ada) == 6
    assert (await part(api, ada, upload, 0, b"abc")).headers["upload-offset"] == "3"
    shown = await api.ask(ada, "HEAD", upload, headers=TUS)
    assert {
        name: shown.headers[name] for name in ("upload-offset", "upload-length", "tus-resumable", "cache-control")
    } == {
        "upload-offset": "3",
        "upload-length": "6",
        "tus-resumable": "1.0.0",
        "cache-control": "no-store",
    }
    expires = parsedate_to_datetime(shown.headers["upload-expires"])
    assert timedelta(hours=23) < expires - datetime.now(UTC) <= timedelta(hours=24)
    done = await part(api, ada, upload, 3, b"def")
    assert (done.status, done.headers["upload-offset"]) == (204, "6")
    assert ada.tenant is not None
    async with scope(ada.tenant):
        row = await Upload.get()
    assert (row.filename, row.media_type, row.folder, row.size, row.user) == (
        "a.mp4",
        "video/mp4",
        "Shots/Day 1",
        6,
        ada.user,
    )


async def test_an_upload_is_given_up_and_its_room_given_back(api: Api) -> None:
    ada = await api.somebody("acme")
    upload = await begin(api, ada, 6)
    await part(api, ada, upload, 0, b"abc")
    assert (await api.ask(ada, "DELETE", upload, headers=TUS)).status == 204
    assert await reserved(ada) == 0
    for method in ("HEAD", "DELETE"):
        assert (await api.ask(ada, method, upload, headers=TUS)).status == 404
    assert (await part(api, ada, upload, 3, b"def")).status == 404


async def test_checksums_are_held_to(api: Api) -> None:
    ada = await api.somebody("acme")
    upload = await begin(api, ada, 6)
    right = base64.b64encode(hashlib.sha1(b"abc").digest()).decode()
    refused = await part(api, ada, upload, 0, b"abd", **{"Upload-Checksum": f"sha1 {right}"})
    assert (refused.status, refused.json["code"]) == (460, "checksum_mismatch")
    assert (await part(api, ada, upload, 0, b"abc", **{"Upload-Checksum": f"sha1 {right}"})).status == 204
    for wrong in ("crc32 AAAA", "sha1 not base64!", "sha1"):
        refused = await part(api, ada, upload, 3, b"def", **{"Upload-Checksum": wrong})
        assert refused.status in {422, 460}
    assert (await api.ask(ada, "HEAD", upload, headers=TUS)).headers["upload-offset"] == "3"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload-Length": "5"}, 412, "tus_version"),
        ({"Tus-Resumable": "0.2.2", "Upload-Length": "5"}, 412, "tus_version"),
        (TUS, 422, "invalid_input"),
        ({**TUS, "Upload-Length": "-5"}, 422, "invalid_input"),
        ({**TUS, "Upload-Length": "٥"}, 422, "invalid_input"),
        ({**TUS, "Upload-Length": str(64 * 2**30 + 1)}, 413, "upload_too_large"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "filename ???"}, 422, "invalid_input"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": metadata(filename="a\nb")}, 422, "invalid_input"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": metadata(filename="x" * 301)}, 422, "invalid_input"),
    ],
)
async def test_what_can_not_begin_begins_nothing(api: Api, headers: dict[str, str], status: int, code: str) -> None:
    ada = await api.somebody("acme")
    refused = await api.ask(ada, "POST", "/uploads", headers=headers)
    assert (refused.status, refused.json["code"]) == (status, code)
    assert await reserved(ada) == 0
    assert ada.tenant is not None
    async with scope(ada.tenant):
        assert await Upload.all().count() == 0


async def test_a_part_must_say_what_it_is_and_where_it_begins(api: Api) -> None:
    ada = await api.somebody("acme")
    upload = await begin(api, ada, 6)
    other = await api.ask(ada, "PATCH", upload, headers={**TUS, "Upload-Offset": "0"}, data=b"abc")
    assert (other.status, other.json["code"]) == (415, "not_a_part")
    wrong = await part(api, ada, upload, 2, b"abc")
    assert (wrong.status, wrong.json["code"]) == (409, "wrong_offset")
    assert (await api.ask(ada, "PATCH", upload, headers=PART, data=b"abc")).status == 422
    larger = await part(api, ada, upload, 0, b"abcdefgh")
    assert (larger.status, larger.json["code"]) == (413, "upload_too_large")
    assert (await api.ask(ada, "HEAD", upload, headers=TUS)).headers["upload-offset"] == "6"


async def test_a_name_is_no_path(api: Api) -> None:
    ada = await api.somebody("acme")
    sent = {**TUS, "Upload-Length": "1", "Upload-Metadata": metadata(filename="..\\../etc/passwd")}
    assert (await api.ask(ada, "POST", "/uploads", headers=sent)).status == 201
    assert ada.tenant is not None
    async with scope(ada.tenant):
        assert (await Upload.get()).filename == "passwd"


async def test_a_full_plan_takes_no_more(api: Api) -> None:
    await Plan.filter(is_default=True).update(limits={"storage_bytes": 10})
    ada = await api.somebody("acme")
    await begin(api, ada, 6)
    sent = {**TUS, "Upload-Length": "5", "Upload-Metadata": metadata(filename="b.mp4")}
    refused = await api.ask(ada, "POST", "/uploads", headers=sent)
    assert (refused.status, refused.json["code"]) == (402, "quota_exceeded")
    assert await reserved(ada) == 6


async def test_another_tenants_upload_is_one_that_is_not_there(api: Api) -> None:
    ada, bob = await api.somebody("acme"), await api.somebody("beta")
    theirs = await begin(api, ada, 6)
    for upload in (theirs, f"/uploads/{uuid4()}"):
        assert (await api.ask(bob, "HEAD", upload, headers=TUS)).status == 404
        told = await part(api, bob, upload, 0, b"abc")
        assert (told.status, told.json["detail"]) == (404, "there is no such upload")
        assert (await api.ask(bob, "DELETE", upload, headers=TUS)).status == 404
    assert (await api.ask(ada, "HEAD", theirs, headers=TUS)).headers["upload-offset"] == "0"
