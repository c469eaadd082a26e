"""Videos beyond watching: stills before they are made, links for others, another content, and another try."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image

from tenants.control.models.job import Job, JobState
from tenants.control.models.object import StoredObject
from tenants.control.models.tenant import Tenant, TenantState
from tenants.vault.models.share import Share
from tenants.vault.scope import scope
from tests.support.api import Api
from webshell.auth.principal import Principal


def timeline(color: str = "#336699", seconds: float = 1, size: tuple[int, int] = (160, 90)) -> dict[str, Any]:
    clip = {"start": 0, "duration": seconds, "asset": {"type": "color", "color": color}}
    return {
        "version": 1,
        "name": "One colour",
        "output": {"width": size[0], "height": size[1], "fps": 10, "encoder": "mp4-h264", "quality": "draft"},
        "tracks": [{"clips": [clip]}],
    }


@pytest.fixture
async def ada(api: Api) -> AsyncIterator[Principal]:
    who = await api.somebody("acme")
    async with api.working():
        yield who


async def rendered(api: Api, who: Principal, **asked: Any) -> str:
    """Return the id of a video that was made."""
    begun = await api.ask(who, "POST", "/renders", json={"timeline": timeline(), **asked})
    assert begun.status == 202, begun.body
    done = await api.ended(who, f"/renders/{begun.json['id']}")
    assert done.json["state"] == "done", done.body
    video: str = begun.json["video"]
    return video


async def test_a_still_shows_what_the_video_will(api: Api) -> None:
    who = await api.somebody("acme")
    sent = {"timeline": timeline("#c02040", size=(640, 720)), "at": 0.55}
    drawn = await api.ask(who, "POST", "/frames", json=sent)
    assert (drawn.status, drawn.headers["content-type"], drawn.headers["x-frame-number"]) == (200, "image/png", "5")
    picture = Image.open(BytesIO(drawn.body))
    assert picture.size == (320, 360)
    red, green, blue = picture.convert("RGB").getpixel((160, 180))
    assert max(abs(red - 0xC0), abs(green - 0x20), abs(blue - 0x40)) <= 3
    whole = await api.ask(who, "POST", "/frames", json={**sent, "draft": False})
    assert Image.open(BytesIO(whole.body)).size == (640, 720)


async def test_a_still_of_what_is_wrong_tells_what(api: Api) -> None:
    who = await api.somebody("acme")
    late = await api.ask(who, "POST", "/frames", json={"timeline": timeline(), "at": 1})
    assert (late.status, late.json["path"]) == (422, "at")
    wrong = await api.ask(who, "POST", "/frames", json={"timeline": {"version": 1}, "at": 0})
    assert wrong.status == 422
    nothing = await api.ask(who, "POST", "/frames", json={"at": 0})
    assert (nothing.status, nothing.json["path"]) == (422, "project")
    gone = await api.ask(who, "POST", "/frames", json={"project": str(uuid4()), "at": 0})
    assert gone.status == 404


async def test_a_link_is_watched_without_an_account_until_it_is_taken_back(api: Api, ada: Principal) -> None:
    video = await rendered(api, ada)
    own = await api.ask(ada, "GET", f"/videos/{video}/content")
    made = await api.ask(ada, "POST", f"/videos/{video}/shares", json={})
    assert made.status == 201
    at = made.json["url"].removeprefix("/api/v1")
    shown = await api.ask(None, "GET", at)
    assert (shown.status, shown.json["title"], shown.json["duration_ms"]) == (200, "One colour", 1000)
    watched = await api.ask(None, "GET", f"{at}/content", headers={"Range": "bytes=10-19"})
    assert (watched.status, watched.body) == (206, own.body[10:20])
    assert (await api.ask(None, "GET", f"{at}/poster")).headers["content-type"] == "image/jpeg"
    assert (await api.ask(None, "GET", f"{at}/content?download=true")).status == 404, "for watching alone"
    [listed] = (await api.ask(ada, "GET", f"/videos/{video}/shares")).json["items"]
    assert listed["id"] == made.json["id"]
    assert "token" not in listed
    async with scope(UUID(str(ada.tenant))):
        assert made.json["token"] not in str([row.__dict__ for row in await Share.all()])
    assert (await api.ask(ada, "DELETE", f"/videos/{video}/shares/{made.json['id']}")).status == 204
    assert (await api.ask(None, "GET", at)).status == 404


async def test_every_link_that_leads_nowhere_is_answered_alike(api: Api, ada: Principal) -> None:
    video = await rendered(api, ada)
    soon = (datetime.now(UTC) + timedelta(seconds=0.5)).isoformat()
    made = (await api.ask(ada, "POST", f"/videos/{video}/shares", json={"expires": soon})).json
    token = made["token"]
    assert (await api.ask(None, "GET", f"/shared/{token}")).status == 200
    bob = await api.somebody("bobs")
    wrong = [token[:-2] + "AA", "A" * len(token), token[:-4], "x", "%00", token + "A" * 4, f"{'é' * 10}"]
    await asyncio.sleep(0.6)
    answers = [await api.ask(None, "GET", f"/shared/{each}") for each in (token, *wrong)]
    kept = (await api.ask(ada, "POST", f"/videos/{video}/shares", json={})).json["token"]
    await Tenant.filter(id=ada.tenant).update(state=TenantState.SUSPENDED)
    answers.append(await api.ask(bob, "GET", f"/shared/{kept}"))
    assert {each.status for each in answers} == {404}
    told = [{name: each.json[name] for name in ("code", "detail")} for each in answers]
    assert told == [told[0]] * len(told)


async def test_a_link_is_made_by_who_may_and_for_what_is_there(api: Api, ada: Principal) -> None:
    video = await rendered(api, ada)
    for who, path in ((await api.somebody("bobs"), video), (ada, str(uuid4()))):
        assert (await api.ask(who, "POST", f"/videos/{path}/shares", json={})).status == 404
    viewer = api.known_as(ada, permissions=frozenset({"workspace:read"}))
    assert (await api.ask(viewer, "POST", f"/videos/{video}/shares", json={})).status == 403
    past = {"expires": "2020-01-01T00:00:00Z"}
    assert (await api.ask(ada, "POST", f"/videos/{video}/shares", json=past)).status == 422
    assert (await api.ask(ada, "GET", f"/videos/{video}/shares")).json["items"] == []


async def test_another_videos_content_takes_the_place_and_links_stay(api: Api, ada: Principal, home: Path) -> None:
    first = await rendered(api, ada, title="Mine")
    second = await rendered(api, ada, timeline=timeline("#ffffff", 2), title="Theirs")
    link = (await api.ask(ada, "POST", f"/videos/{first}/shares", json={})).json["url"].removeprefix("/api/v1")
    newer = await api.ask(ada, "GET", f"/videos/{second}/content")
    replaced = await api.ask(ada, "POST", f"/videos/{first}/replace", json={"video": second})
    assert (replaced.status, replaced.json["title"], replaced.json["duration_ms"]) == (200, "Mine", 2000)
    assert (await api.ask(None, "GET", f"{link}/content")).body == newer.body
    assert (await api.ask(ada, "GET", f"/videos/{second}")).status == 404
    assert all(f"/videos/{second}/" in each.key for each in await StoredObject.all())
    assert (await api.ask(ada, "POST", f"/videos/{first}/replace", json={"video": first})).status == 422
    assert (await api.ask(ada, "DELETE", f"/videos/{first}")).status == 204
    assert await StoredObject.all().count() == 0
    usage = {each["metric"]: each["used"] for each in (await api.ask(ada, "GET", "/usage")).json["items"]}
    assert usage["storage_bytes"] == 0


async def test_what_failed_is_tried_once_more_as_often_as_asked(api: Api) -> None:
    who = await api.somebody("acme")
    begun = await api.ask(who, "POST", "/renders", json={"timeline": timeline(), "title": "Again"})
    at = f"/renders/{begun.json['id']}"
    assert (await api.ask(who, "POST", f"{at}/retry")).status == 409, "it has not ended"
    await api.ask(who, "POST", f"{at}/cancel")
    async with api.working():
        await api.ended(who, at)
        tried = await api.ask(who, "POST", f"{at}/retry")
        assert tried.status == 202, tried.body
        assert (await api.ask(who, "POST", f"{at}/retry")).json["id"] == tried.json["id"]
        done = await api.ended(who, f"/renders/{tried.json['id']}")
    assert done.json["state"] == "done"
    [video] = (await api.ask(who, "GET", "/videos")).json["items"]
    assert (video["id"], video["title"], video["status"]) == (tried.json["video"], "Again", "ready")
    assert await Job.filter(kind="render", state=JobState.CANCELLED).count() == 1
    bob = await api.somebody("bobs")
    assert (await api.ask(bob, "POST", f"{at}/retry")).status == 404
