"""Users, jobs, videos and settings, as those who run the house see them; and that nobody else does."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from tenants.control.jobs import enqueue
from tenants.control.models.audit import AuditEntry
from tenants.control.models.event import Event
from tenants.control.models.job import Job, JobState
from tenants.control.models.membership import Role
from tenants.control.models.object import StoredObject
from tenants.control.models.user import HouseRole, User
from tenants.control.roles import HOUSE_PERMISSIONS, PERMISSIONS
from tenants.control.users import create_user
from tests.support.api import Api, opened_api
from webshell.auth.principal import Principal


@pytest.fixture
def admin(api: Api) -> Principal:
    return api.known_as(staff(HouseRole.ADMIN))


def staff(role: HouseRole) -> Principal:
    permissions = frozenset(map(str, HOUSE_PERMISSIONS[role]))
    return Principal(user=uuid4(), tenant=None, permissions=permissions, proven=datetime.now(UTC))


async def test_users_are_listed_page_by_page_and_found(api: Api, admin: Principal) -> None:
    for name in ("dora", "ada", "bob"):
        await create_user(f"{name}@example.com", name.capitalize(), actor="test")
    await create_user("root@example.com", "Root", actor="test", house_role=HouseRole.ADMIN)
    first = await api.ask(admin, "GET", "/admin/users?limit=2")
    assert [each["email"] for each in first.json["items"]] == ["ada@example.com", "bob@example.com"]
    rest = await api.ask(admin, "GET", f"/admin/users?limit=2&cursor={first.json['next']}")
    assert [each["email"] for each in rest.json["items"]] == ["dora@example.com", "root@example.com"]
    assert rest.json["next"] is None
    for query, found in (("q=DOR", ["dora"]), ("role=admin", ["root"]), ("state=disabled", [])):
        listed = await api.ask(admin, "GET", f"/admin/users?{query}")
        assert [each["name"].lower() for each in listed.json["items"]] == found
    assert b"password" not in first.body


async def test_a_user_is_shown_disabled_enabled_and_given_a_role(api: Api, admin: Principal) -> None:
    root = await create_user("root@example.com", "Root", actor="test", house_role=HouseRole.ADMIN)
    await api.somebody("acme")
    owner = await User.get(email="owner@acme.example")
    at = f"/admin/users/{owner.id}"
    shown = (await api.ask(admin, "GET", at)).json
    assert [(each["slug"], each["role"]) for each in shown["memberships"]] == [("acme", "owner")]
    disabled = await api.ask(admin, "PUT", f"{at}/state", json={"state": "disabled", "reason": "spam"})
    assert disabled.json["state"] == "disabled"
    assert (await api.ask(admin, "PUT", f"{at}/state", json={"state": "active"})).json["state"] == "active"
    assert (await api.ask(admin, "PUT", f"{at}/role", json={"role": "support"})).json["house_role"] == "support"
    last = await api.ask(admin, "PUT", f"/admin/users/{root.id}/role", json={"role": None})
    assert (last.status, last.json["code"]) == (409, "wrong_state")
    assert (await User.get(id=root.id)).house_role is HouseRole.ADMIN
    assert (await api.ask(admin, "GET", f"/admin/users/{uuid4()}")).status == 404
    told = [row.action for row in await AuditEntry.filter(target=f"user:{owner.id}")]
    assert {"user.disable", "user.enable", "user.house_role"} <= set(told)


async def test_jobs_are_counted_found_and_ended_without_what_they_are_about(api: Api, admin: Principal) -> None:
    ada, bob = await api.somebody("acme"), await api.somebody("bobs")
    now = datetime.now(UTC)
    made = [
        await enqueue(kind, {"word": "s3cret-title"}, tenant=who.tenant, now=now)
        for kind, who in (("render", ada), ("render", bob), ("import", bob))
    ]
    counts = (await api.ask(admin, "GET", "/admin/jobs/counts")).json
    assert counts["items"] == [
        {"kind": "import", "state": "queued", "count": 1},
        {"kind": "render", "state": "queued", "count": 2},
    ]
    assert counts["oldest"] is not None
    of_bob = await api.ask(admin, "GET", f"/admin/jobs?tenant={bob.tenant}&limit=1")
    [newest] = of_bob.json["items"]
    assert newest["tenant"] == str(bob.tenant)
    [other] = (
        await api.ask(admin, "GET", f"/admin/jobs?tenant={bob.tenant}&limit=1&cursor={of_bob.json['next']}")
    ).json["items"]
    assert {newest["kind"], other["kind"]} == {"render", "import"}
    assert b"s3cret-title" not in of_bob.body
    at = f"/admin/jobs/{made[0].id}"
    assert (await api.ask(admin, "POST", f"{at}/cancel")).json["state"] == "cancelled"
    assert (await api.ask(admin, "POST", f"{at}/cancel")).status == 409
    assert (await api.ask(admin, "GET", at)).json["ended"] is not None
    assert await Job.filter(state=JobState.CANCELLED).count() == 1
    assert [row.target for row in await AuditEntry.filter(action="job.cancel")] == [f"job:{made[0].id}"]
    assert await Event.filter(tenant_id=ada.tenant, topic="job").exists()
    listed = await api.ask(admin, "GET", "/admin/jobs?state=queued&kind=render")
    assert [each["id"] for each in listed.json["items"]] == [str(made[1].id)]


async def test_videos_are_told_by_their_files_alone(api: Api, admin: Principal) -> None:
    ada, bob = await api.somebody("acme"), await api.somebody("bobs")
    made = []
    for who in (ada, ada, bob):
        video = uuid4()
        made.append((str(who.tenant), str(video)))
        for name, size in (("video.mp4", 100), ("video.poster.jpg", 7)):
            await StoredObject.create(
                tenant_id=who.tenant,
                backend="local",
                key=f"{who.tenant}/videos/{video}/{name}",
                sha256="0" * 64,
                size=size,
                purpose="video",
            )
    await StoredObject.create(
        tenant_id=bob.tenant, backend="local", key=f"{bob.tenant}/assets/x", sha256="0" * 64, size=1, purpose="asset"
    )
    seen = []
    cursor = ""
    while True:
        page = (await api.ask(admin, "GET", f"/admin/videos?limit=1{cursor}")).json
        seen += [(each["tenant"], each["id"], each["size"], each["files"]) for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [(*each, 107, 2) for each in sorted(made)]
    own = await api.ask(admin, "GET", f"/admin/videos?tenant={bob.tenant}")
    assert [each["id"] for each in own.json["items"]] == [made[2][1]]


async def test_settings_are_shown_without_what_is_secret(tmp_path: Path) -> None:
    given = {"REELHOUSE_MAIL_SERVER": "smtps://me:s3cret@mail.example", "REELHOUSE_JOBS_SLOTS": "5"}
    async with opened_api(tmp_path, given) as api:
        admin = api.known_as(staff(HouseRole.SUPPORT))
        answered = await api.ask(admin, "GET", "/admin/settings")
        assert b"s3cret" not in answered.body
        shown = {each["name"]: each for each in answered.json["items"]}
        assert (shown["jobs.slots"]["value"], shown["jobs.slots"]["is_default"]) == (5, False)
        assert (shown["mail.server"]["value"], shown["mail.server"]["is_default"]) == (None, False)
        assert (shown["server.port"]["value"], shown["server.port"]["is_default"]) == (8000, True)


async def test_nobody_else_sees_or_changes_anything(api: Api) -> None:
    user = await create_user("root@example.com", "Root", actor="test", house_role=HouseRole.ADMIN)
    job = await enqueue("render", {}, tenant=None, now=datetime.now(UTC))
    owner = await api.somebody("acme", frozenset(map(str, PERMISSIONS[Role.OWNER])))
    support = api.known_as(staff(HouseRole.SUPPORT))
    writes = (
        ("PUT", f"/admin/users/{user.id}/role", {"role": None}),
        ("PUT", f"/admin/users/{user.id}/state", {"state": "disabled"}),
        ("POST", f"/admin/jobs/{job.id}/cancel", None),
    )
    reads = tuple(("GET", f"/admin/{each}", None) for each in ("users", "jobs", "jobs/counts", "videos", "settings"))
    for method, path, sent in (*writes, *reads):
        assert (await api.ask(None, method, path, json=sent)).status == 401, path
        assert (await api.ask(owner, method, path, json=sent)).status == 403, path
    for method, path, sent in writes:
        assert (await api.ask(support, method, path, json=sent)).status == 403, path
    assert (await User.get(id=user.id)).house_role is HouseRole.ADMIN
    assert (await Job.get(id=job.id)).state is JobState.QUEUED
