"""Assets are shown by small files, which are made after them."""

import asyncio
import json
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from tenants.control.models.job import Job, JobState
from tenants.control.models.object import StoredObject
from tests.support.api import Api
from webshell.auth.principal import Principal


@pytest.fixture
async def ada(api: Api) -> AsyncIterator[Principal]:
    who = await api.somebody("acme")
    async with api.working():
        yield who


async def imported(api: Api, who: Principal, wanted: str) -> dict[str, Any]:
    """Return an asset of the generator's once its previews were made."""
    asked = await api.ask(who, "POST", "/assets", json={"provider": "generator", "provider_id": wanted})
    done = await api.ended(who, f"/assets/imports/{asked.json['id']}")
    assert done.json["state"] == "done", done.body
    async with asyncio.timeout(60):
        while True:
            job = await Job.get_or_none(kind="preview", idempotency_key=asked.json["asset"])
            if job is not None and job.ended is not None:
                break
            await asyncio.sleep(0.05)
    assert (job.state, job.error) == (JobState.DONE, None)
    asset: dict[str, Any] = (await api.ask(who, "GET", f"/assets/{asked.json['asset']}")).json
    return asset


async def read(api: Api, who: Principal, url: str) -> bytes:
    answered = await api.ask(who, "GET", url.removeprefix("/api/v1"))
    assert answered.status == 200, answered.body
    return answered.body


async def test_a_film_is_shown_by_a_small_one_a_picture_and_a_storyboard(api: Api, ada: Principal) -> None:
    asset = await imported(api, ada, "flow?width=1280&height=720&duration=2&fps=10")
    with av.open(BytesIO(await read(api, ada, asset["proxy_url"]))) as proxy:
        stream = proxy.streams.video[0]
        assert (stream.width, stream.height) == (640, 360)
        assert proxy.duration is not None
        assert abs(proxy.duration / 1e6 - 2) < 0.1
    assert Image.open(BytesIO(await read(api, ada, asset["thumbnail_url"]))).size == (640, 360)
    assert (await read(api, ada, asset["storyboard_url"])).startswith(b"WEBVTT")
    ranged = await api.ask(ada, "GET", asset["proxy_url"].removeprefix("/api/v1"), headers={"Range": "bytes=4-7"})
    assert (ranged.status, ranged.body) == (206, b"ftyp")


async def test_a_tall_picture_is_shown_by_a_small_one(api: Api, ada: Principal) -> None:
    asset = await imported(api, ada, "still?scene=hills&width=720&height=1280")
    thumbnail = Image.open(BytesIO(await read(api, ada, asset["thumbnail_url"])))
    assert (thumbnail.size, thumbnail.format) == ((360, 640), "JPEG")
    assert (asset["proxy_url"], asset["waveform_url"]) == (None, None)


async def test_a_sound_is_shown_by_its_waveform(api: Api, ada: Principal) -> None:
    asset = await imported(api, ada, "beeps?duration=2")
    waveform = json.loads(await read(api, ada, asset["waveform_url"]))
    assert waveform
    with av.open(BytesIO(await read(api, ada, asset["proxy_url"]))) as proxy:
        assert proxy.streams.audio
    assert asset["thumbnail_url"] is None


async def test_previews_are_nobody_elses_and_go_with_their_asset(api: Api, ada: Principal, home: Path) -> None:
    asset = await imported(api, ada, "still?scene=waves&width=64&height=36")
    bob = await api.somebody("bobs")
    place = asset["thumbnail_url"].removeprefix("/api/v1")
    assert (await api.ask(bob, "GET", place)).status == 404
    assert (await api.ask(ada, "GET", f"/assets/{asset['id']}/files/..%2Foriginal.png")).status == 404
    usage = {each["metric"]: each["used"] for each in (await api.ask(ada, "GET", "/usage")).json["items"]}
    assert usage["storage_bytes"] == asset["size"]
    assert (await api.ask(ada, "DELETE", f"/assets/{asset['id']}")).status == 204
    assert await StoredObject.all().count() == 0
    assert (await api.ask(ada, "GET", place)).status == 404
