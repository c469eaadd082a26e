"""What a workspace is told unasked: that a limit is near, and that its plugins changed."""

import asyncio
from pathlib import Path

from tenants.control.models.event import Event
from tenants.control.models.job import Job, JobState
from tenants.control.models.tenant import Tenant
from tenants.control.models.user import User
from tests.support.api import Api
from tests.unit.webshell.api.test_api_videos_shared import timeline


async def test_a_limit_that_is_reached_is_told_once_everywhere(api: Api, home: Path) -> None:
    ada = await api.somebody("acme")
    await User.filter(email="owner@acme.example").update(locale="fr-CA")
    await Tenant.filter(id=ada.tenant).update(limits={"render_minutes": 1})
    async with api.working():
        for seconds in (50, 1):
            begun = await api.ask(ada, "POST", "/renders", json={"timeline": timeline(seconds=seconds, size=(16, 16))})
            done = await api.ended(ada, f"/renders/{begun.json['id']}")
            assert done.json["state"] == "done", done.body
        async with asyncio.timeout(30):
            while True:
                if await Job.filter(kind="mail.quota", state=JobState.DONE).exists():
                    break
                await asyncio.sleep(0.05)
    told = [each for each in (await api.ask(ada, "GET", "/notifications")).json["items"] if "quota" in each["kind"]]
    assert [(each["kind"], each["facts"]["used"], each["facts"]["limit"]) for each in told] == [("quota.near", 50, 60)]
    [event] = await Event.filter(topic="quota")
    assert (event.tenant_id, event.data["kind"], event.data["metric"]) == (ada.tenant, "quota.near", "render_seconds")
    [letter] = list((home / "mail").glob("*.eml"))
    text = letter.read_bytes().decode()
    assert "owner@acme.example" in text
    assert "temps de rendu" in text
    assert "/usage" in text


async def test_a_change_of_plugins_is_told_to_its_own_workspace(api: Api) -> None:
    ada, bob = await api.somebody("acme"), await api.somebody("bobs")
    await api.ask(ada, "POST", "/plugins/reelhouse.generator/disable")
    await api.ask(ada, "POST", "/plugins/reelhouse.generator/enable")
    told = await Event.filter(topic="plugins").order_by("sequence")
    assert [(each.tenant_id, each.data["change"]) for each in told] == [
        (ada.tenant, "disabled"),
        (ada.tenant, "enabled"),
    ]
    assert not await Event.filter(tenant_id=bob.tenant, topic="plugins").exists()
