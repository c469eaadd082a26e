"""Webhooks, with a receiver on loopback that checks signatures as Standard Webhooks has it."""

import asyncio
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from quart import Quart, Response, request

from tenants.control.models.job import Job
from tests.support.answering import answering
from tests.support.api import Answered, Api, opened_api
from tests.unit.webshell.api.test_api_videos_shared import timeline


@dataclass
class Receiver:
    """A program that hears messages. ``statuses`` are its next answers; then it answers with 204."""

    url: str = ""
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, body in self.heard]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    heard = Receiver()
    app = Quart("receiver")

    @app.post("/hook")
    async def hook() -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        heard.heard.append((headers, await request.get_data()))
        return Response(status=heard.statuses.pop(0) if heard.statuses else 204)

    async with answering(app) as address:
        heard.url = f"{address.replace('localhost', '127.0.0.1')}/hook"
        yield heard


@pytest.fixture
async def api(tmp_path: Path, receiver: Receiver) -> AsyncIterator[Api]:
    place = receiver.url.removeprefix("http://").removesuffix("/hook")
    settings = {"REELHOUSE_WEBHOOKS_ALLOWED": "127.0.0.0/8", "REELHOUSE_WEBHOOKS_PLAIN": place}
    async with opened_api(tmp_path, settings) as opened:
        yield opened


def signature_of(secret: str, headers: dict[str, str], body: bytes) -> str:
    """Return the signature as the standard computes it."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), signed, sha256)).decode()


async def added(api: Api, who: Any, url: str, **more: Any) -> dict[str, Any]:
    made = await api.ask(who, "POST", "/webhooks", json={"url": url, **more})
    assert made.status == 201, made.body
    webhook: dict[str, Any] = made.json
    return webhook


async def delivered(api: Api, who: Any, webhook: str, *, state: str = "delivered", count: int = 1) -> list[Any]:
    """Return the deliveries once so many stand so."""
    async with asyncio.timeout(30):
        while True:
            items: list[Any] = (await api.ask(who, "GET", f"/webhooks/{webhook}/deliveries")).json["items"]
            if sum(each["state"] == state for each in items) >= count:
                return items
            await asyncio.sleep(0.05)


async def tried_often(api: Api, who: Any, webhook: str, attempts: int) -> dict[str, Any]:
    """Return the only delivery once it was tried so often."""
    async with asyncio.timeout(30):
        while True:
            [told] = (await api.ask(who, "GET", f"/webhooks/{webhook}/deliveries")).json["items"]
            if told["attempts"] >= attempts:
                return dict(told)
            await asyncio.sleep(0.05)


async def test_a_finished_render_is_told_signed_and_once(api: Api, receiver: Receiver) -> None:
    who = await api.somebody("acme")
    webhook = await added(api, who, receiver.url)
    async with api.working():
        begun = await api.ask(who, "POST", "/renders", json={"timeline": timeline()})
        await api.ended(who, f"/renders/{begun.json['id']}")
        [told] = await delivered(api, who, webhook["id"])
    assert (told["event"], told["attempts"], told["answered"], told["error"]) == ("video.ready", 1, 204, "")
    [(headers, body)] = receiver.heard
    assert headers["webhook-signature"] == signature_of(webhook["secret"], headers, body)
    assert headers["webhook-id"] == told["message"]
    said = json.loads(body)
    assert (said["type"], said["data"]["video"], said["data"]["duration_ms"]) == (
        "video.ready",
        begun.json["video"],
        1000,
    )


async def test_a_failed_render_is_told(api: Api, receiver: Receiver) -> None:
    who = await api.somebody("acme")
    webhook = await added(api, who, receiver.url, events=["video.failed"])
    broken = timeline()
    broken["tracks"][0]["clips"][0]["asset"] = {"type": "image", "src": "provider:library/nothing.png"}
    async with api.working():
        begun = await api.ask(who, "POST", "/renders", json={"timeline": broken})
        ended = await api.ended(who, f"/renders/{begun.json['id']}")
        assert ended.json["state"] == "failed"
        await delivered(api, who, webhook["id"])
    [said] = receiver.bodies()
    assert (said["type"], said["data"]["status"]) == ("video.failed", "failed")
    assert said["data"]["error"]


async def test_who_does_not_answer_well_is_told_again_later_under_the_same_id(api: Api, receiver: Receiver) -> None:
    who = await api.somebody("acme")
    webhook = await added(api, who, receiver.url)
    receiver.statuses += [500, 302]
    at = f"/webhooks/{webhook['id']}"
    assert (await api.ask(who, "POST", f"{at}/test")).status == 202
    async with api.working():
        for tried in (1, 2):
            await tried_often(api, who, webhook["id"], tried)
            job = await Job.get(kind="deliver")
            assert (job.due - job.created).total_seconds() >= 5
            await Job.filter(id=job.id).update(due=job.created)
        [told] = await delivered(api, who, webhook["id"])
    assert told["attempts"] == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1
    assert [body["type"] for body in receiver.bodies()] == ["ping"] * 3


async def test_who_is_gone_is_told_nothing_any_more(api: Api, receiver: Receiver) -> None:
    who = await api.somebody("acme")
    webhook = await added(api, who, receiver.url)
    receiver.statuses.append(410)
    await api.ask(who, "POST", f"/webhooks/{webhook['id']}/test")
    async with api.working():
        [told] = await delivered(api, who, webhook["id"], state="failed")
    assert told["answered"] == 410
    assert (await api.ask(who, "GET", f"/webhooks/{webhook['id']}")).json["enabled"] is False
    assert len(receiver.heard) == 1


async def test_a_message_is_replayed_under_its_id(api: Api, receiver: Receiver) -> None:
    who = await api.somebody("acme")
    webhook = await added(api, who, receiver.url)
    at = f"/webhooks/{webhook['id']}"
    first = (await api.ask(who, "POST", f"{at}/test")).json
    async with api.working():
        await delivered(api, who, webhook["id"])
        again = await api.ask(who, "POST", f"{at}/deliveries/{first['id']}/replay")
        assert (again.status, again.json["message"]) == (202, first["message"])
        await delivered(api, who, webhook["id"], count=2)
    assert {headers["webhook-id"] for headers, _ in receiver.heard} == {first["message"]}
    assert (await api.ask(who, "POST", f"{at}/deliveries/{uuid4()}/replay")).status == 404


async def test_a_changed_secret_signs_at_once_and_the_old_is_never_shown(api: Api, receiver: Receiver) -> None:
    who = await api.somebody("acme")
    webhook = await added(api, who, receiver.url)
    at = f"/webhooks/{webhook['id']}"
    changed = (await api.ask(who, "POST", f"{at}/secret")).json
    assert changed["secret"] != webhook["secret"]
    for shown in (await api.ask(who, "GET", at), await api.ask(who, "GET", "/webhooks")):
        assert b"whsec_" not in shown.body
    await api.ask(who, "POST", f"{at}/test")
    async with api.working():
        await delivered(api, who, webhook["id"])
    [(headers, body)] = receiver.heard
    assert headers["webhook-signature"] == signature_of(changed["secret"], headers, body)


async def test_addresses_inside_are_not_reached(tmp_path: Path, receiver: Receiver) -> None:
    async with opened_api(tmp_path) as closed:
        who = await closed.somebody("acme")
        for url in (receiver.url, "https://127.0.0.1/hook", "https://169.254.169.254/latest", "https://[::1]/"):
            webhook = await added(closed, who, url)
            await closed.ask(who, "POST", f"/webhooks/{webhook['id']}/test")
            async with closed.working():
                told = await tried_often(closed, who, webhook["id"], 1)
            assert told["answered"] is None
            assert told["error"]
    assert receiver.heard == []


async def test_what_is_wrong_is_told_and_others_see_nothing(api: Api) -> None:
    ada, bob = await api.somebody("acme"), await api.somebody("bobs")
    for wrong in (
        {"url": "ftp://x.example"},
        {"url": "not an address"},
        {"url": "https://user:word@x.example"},
        {"url": "https://x.example", "events": ["ping"]},
        {"url": "https://x.example", "events": []},
    ):
        assert (await api.ask(ada, "POST", "/webhooks", json=wrong)).status == 422, wrong
    webhook = await added(api, ada, "https://x.example/hook", events=["video.ready", "video.ready"])
    assert webhook["events"] == ["video.ready"]
    at = f"/webhooks/{webhook['id']}"
    answers: list[Answered] = [
        await api.ask(bob, "GET", at),
        await api.ask(bob, "PATCH", at, json={"enabled": False}),
        await api.ask(bob, "POST", f"{at}/test"),
        await api.ask(bob, "POST", f"{at}/secret"),
        await api.ask(bob, "GET", f"{at}/deliveries"),
        await api.ask(bob, "DELETE", at),
    ]
    assert {each.status for each in answers} == {404}
    assert (await api.ask(bob, "GET", "/webhooks")).json["items"] == []
    [kept] = (await api.ask(ada, "GET", "/webhooks")).json["items"]
    assert kept["enabled"] is True
    assert (await api.ask(ada, "DELETE", at)).status == 204
    assert (await api.ask(ada, "GET", "/webhooks")).json["items"] == []
