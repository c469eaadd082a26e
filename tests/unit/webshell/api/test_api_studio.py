"""From a timeline to a video that is watched, over the API, with the real runner and real renders."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tenants.control.models.object import StoredObject
from tests.support.api import Api
from webshell.auth.principal import Principal

TIMELINE: dict[str, Any] = {
    "version": 1,
    "output": {"width": 160, "height": 90, "fps": 10},
    "tracks": [
        {
            "clips": [
                {"start": 0, "duration": 1, "asset": {"type": "color", "color": "#336699"}},
            ]
        }
    ],
}


@pytest.fixture
async def ada(api: Api) -> AsyncIterator[Principal]:
    """A member of a tenant, while jobs are done."""
    who = await api.somebody("acme")
    async with api.working():
        yield who


async def test_a_project_becomes_a_video_that_is_watched_in_ranges_named_and_deleted(
    api: Api, ada: Principal, home: Path
) -> None:
    made = await api.ask(ada, "POST", "/projects", json={"name": "First", "document": TIMELINE})
    assert made.status == 201, made.body
    asked = await api.ask(
        ada, "POST", "/renders", json={"project": made.json["id"]}, headers={"Idempotency-Key": "once"}
    )
    assert asked.status == 202, asked.body
    again = await api.ask(
        ada, "POST", "/renders", json={"project": made.json["id"]}, headers={"Idempotency-Key": "once"}
    )
    assert again.json["id"] == asked.json["id"]
    done = await api.ended(ada, f"/renders/{asked.json['id']}")
    assert (done.json["state"], done.json["error"], done.json["progress"]) == ("done", None, 1.0)
    [video] = (await api.ask(ada, "GET", "/videos")).json["items"]
    assert (video["id"], video["status"], video["title"]) == (asked.json["video"], "ready", "First")
    assert (video["width"], video["height"], video["duration_ms"]) == (160, 90, 1000)
    whole = await api.ask(ada, "GET", f"/videos/{video['id']}/content")
    assert (whole.status, len(whole.body), whole.headers["content-type"]) == (200, video["size"], "video/mp4")
    part = await api.ask(ada, "GET", f"/videos/{video['id']}/content", headers={"Range": "bytes=10-19"})
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{video['size']}"
    last = await api.ask(ada, "GET", f"/videos/{video['id']}/content", headers={"Range": "bytes=-4"})
    assert last.body == whole.body[-4:]
    outside = await api.ask(ada, "GET", f"/videos/{video['id']}/content", headers={"Range": "bytes=99999999-"})
    assert (outside.status, outside.json["code"]) == (416, "range_not_satisfiable")
    same = await api.ask(ada, "GET", f"/videos/{video['id']}/content", headers={"If-None-Match": whole.headers["etag"]})
    assert (same.status, same.body) == (304, b"")
    assert video["poster_url"], video["files"]
    poster = await api.ask(ada, "GET", video["poster_url"].removeprefix("/api/v1"))
    assert (poster.status, poster.headers["content-type"]) == (200, "image/jpeg")
    usage = {each["metric"]: each["used"] for each in (await api.ask(ada, "GET", "/usage")).json["items"]}
    assert usage["render_seconds"] == 1
    assert usage["storage_bytes"] == sum(each["size"] for each in video["files"])
    renamed = await api.ask(ada, "PATCH", f"/videos/{video['id']}", json={"title": "New/../name", "tags": ["a", "a"]})
    assert (renamed.json["title"], renamed.json["tags"]) == ("New/../name", ["a"])
    saved = await api.ask(ada, "GET", f"/videos/{video['id']}/content?download=true")
    assert saved.headers["content-disposition"] == "attachment; filename=New_.._name.mp4"
    [told] = (await api.ask(ada, "GET", "/notifications")).json["items"]
    assert (told["kind"], told["facts"]["video"]) == ("video.ready", video["id"])
    assert (await api.ask(ada, "DELETE", f"/videos/{video['id']}")).status == 204
    assert (await api.ask(ada, "GET", f"/videos/{video['id']}")).status == 404
    assert await StoredObject.all().count() == 0
    usage = {each["metric"]: each["used"] for each in (await api.ask(ada, "GET", "/usage")).json["items"]}
    assert (usage["storage_bytes"], usage["render_seconds"]) == (0, 1)


async def test_an_upload_becomes_an_asset_that_is_rendered(api: Api, ada: Principal) -> None:
    written = BytesIO()
    Image.new("RGB", (64, 48), "orange").save(written, "PNG")
    data = written.getvalue()
    tus = {"Tus-Resumable": "1.0.0"}
    begun = await api.ask(
        ada,
        "POST",
        "/uploads",
        headers={**tus, "Upload-Length": str(len(data)), "Upload-Metadata": "filename YS5wbmc="},
    )
    place = begun.headers["location"].removeprefix("/api/v1")
    early = await api.ask(ada, "POST", "/assets", json={"upload": place.rpartition("/")[2]})
    assert (await api.ended(ada, f"/assets/imports/{early.json['id']}")).json["state"] == "failed"
    sent = await api.ask(
        ada, "PATCH", place, data=data,
        headers={**tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
    )  # fmt: skip
    assert sent.status == 204, sent.body
    asked = await api.ask(ada, "POST", "/assets", json={"upload": place.rpartition("/")[2], "title": "A picture"})
    done = await api.ended(ada, f"/assets/imports/{asked.json['id']}")
    assert (done.json["state"], done.json["error"]) == ("done", None)
    asset = (await api.ask(ada, "GET", f"/assets/{asked.json['asset']}")).json
    assert (asset["kind"], asset["title"], asset["size"], asset["licence"]) == ("image", "A picture", len(data), "own")
    assert (await api.ask(ada, "GET", f"/assets/{asset['id']}/content")).body == data
    clip = {"start": 0, "duration": 0.5, "asset": {"type": "image", "src": asset["src"]}}
    timeline = {**TIMELINE, "tracks": [{"clips": [clip]}]}
    render = await api.ask(ada, "POST", "/renders", json={"timeline": timeline, "title": "With a picture"})
    assert render.status == 202, render.body
    rendered = await api.ended(ada, f"/renders/{render.json['id']}")
    assert (rendered.json["state"], rendered.json["error"]) == ("done", None)
    bob = await api.somebody("other")
    refused = await api.ask(bob, "POST", "/renders", json={"timeline": timeline})
    assert (refused.status, refused.json["complaints"][0]["path"]) == (422, "tracks[0].clips[0].asset.src")
    assert (await api.ask(bob, "GET", "/renders")).json["items"] == []


async def test_what_can_t_be_rendered_is_refused_with_its_paths_and_nothing_is_asked_for(
    api: Api, ada: Principal
) -> None:
    clip = {"start": 0, "duration": 1, "asset": {"type": "image", "src": "file:/etc/passwd"}}
    wrong = {**TIMELINE, "tracks": [{"clips": [clip]}]}
    refused = await api.ask(ada, "POST", "/renders", json={"timeline": wrong})
    assert (refused.status, refused.json["complaints"][0]["path"]) == (422, "tracks[0].clips[0].asset.src")
    bad = await api.ask(ada, "POST", "/projects/check", json={"document": {"tracks": 3}})
    assert bad.json["complaints"]
    good = await api.ask(ada, "POST", "/projects/check", json={"document": TIMELINE})
    assert good.json == {"complaints": []}
    neither = await api.ask(ada, "POST", "/renders", json={})
    assert (neither.status, neither.json["path"]) == (422, "project")
    assert (await api.ask(ada, "GET", "/videos")).json["items"] == []
    assert (await api.ask(ada, "GET", "/renders")).json["items"] == []


async def test_a_render_that_is_cancelled_leaves_no_file_and_its_video_says_so(api: Api, home: Path) -> None:
    ada = await api.somebody("acme")
    asked = await api.ask(ada, "POST", "/renders", json={"timeline": TIMELINE})
    assert (await api.ask(ada, "POST", f"/renders/{asked.json['id']}/cancel")).json["state"] == "cancelled"
    twice = await api.ask(ada, "POST", f"/renders/{asked.json['id']}/cancel")
    assert (twice.status, twice.json["code"]) == (409, "wrong_state")
    running = asyncio.create_task(api.shell.runner.run())
    other = await api.ask(ada, "POST", "/renders", json={"timeline": TIMELINE})
    await api.ended(ada, f"/renders/{other.json['id']}")
    await api.ended(ada, f"/videos/{asked.json['video']}")
    running.cancel()
    await asyncio.wait([running])
    assert (await api.ask(ada, "GET", f"/videos/{asked.json['video']}")).json["status"] == "cancelled"
    assert (await api.ask(ada, "DELETE", f"/videos/{other.json['video']}")).status == 204
    assert await StoredObject.all().count() == 0


async def test_projects_keep_their_revisions_and_nobody_saves_over_another(api: Api) -> None:
    ada = await api.somebody("acme")
    made = await api.ask(ada, "POST", "/projects", json={"name": "First", "document": {"draft": 1}})
    path, etag = f"/projects/{made.json['id']}", made.headers["etag"]
    assert (await api.ask(ada, "PUT", path, json={"document": {"draft": 2}})).status == 428
    saved = await api.ask(ada, "PUT", path, json={"document": {"draft": 2}}, headers={"If-Match": etag})
    assert (saved.status, saved.json["revision"], saved.headers["etag"]) == (200, 2, '"2"')
    late = await api.ask(ada, "PUT", path, json={"document": {"draft": 3}}, headers={"If-Match": etag})
    assert (late.status, late.json["code"]) == (412, "stale_revision")
    at_once = await asyncio.gather(
        *(api.ask(ada, "PUT", path, json={"document": {"n": n}}, headers={"If-Match": '"2"'}) for n in range(8))
    )
    assert sorted(each.status for each in at_once) == [200] + [412] * 7
    restored = await api.ask(ada, "POST", f"{path}/restore", json={"number": 1}, headers={"If-Match": '"3"'})
    assert restored.json["revision"] == 4
    shown = await api.ask(ada, "GET", path)
    assert (shown.json["document"], shown.headers["etag"]) == ({"draft": 1}, '"4"')
    listed = (await api.ask(ada, "GET", f"{path}/revisions")).json["items"]
    assert [each["number"] for each in listed] == [4, 3, 2, 1]
    copy = await api.ask(ada, "POST", f"{path}/duplicate", json={"name": "Second"})
    assert (copy.json["name"], copy.json["revision"]) == ("Second", 1)
    bob = await api.somebody("other")
    for method, sent in (("GET", None), ("DELETE", None), ("PUT", {"document": {}}), ("PATCH", {"name": "x"})):
        refused = await api.ask(bob, method, path, json=sent, headers={"If-Match": '"4"'})
        assert (refused.status, refused.json["code"]) == (404, "not_found"), method
    assert (await api.ask(ada, "DELETE", path)).status == 204
    assert [each["name"] for each in (await api.ask(ada, "GET", "/projects")).json["items"]] == ["Second"]


async def test_lists_go_on_where_the_page_before_ended(api: Api) -> None:
    ada = await api.somebody("acme")
    for number in range(5):
        await api.ask(ada, "POST", "/projects", json={"name": f"Project {number}"})
    names, cursor = [], ""
    while True:
        page = (await api.ask(ada, "GET", f"/projects?limit=2{cursor}")).json
        names += [each["name"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert names == [f"Project {number}" for number in (4, 3, 2, 1, 0)]
    assert (await api.ask(ada, "GET", "/projects?cursor=bm9uZQ")).status == 422
