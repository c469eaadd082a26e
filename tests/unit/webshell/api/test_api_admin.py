"""``/admin``, as those who run the house see it; and that nobody else does."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tenants.control.models.audit import AuditEntry
from tenants.control.models.membership import Role
from tenants.control.models.plugin import PluginInstall
from tenants.control.models.tenant import Tenant
from tenants.control.models.user import HouseRole
from tenants.control.roles import HOUSE_PERMISSIONS, PERMISSIONS, HousePermission
from tests.support.api import Api
from webshell.auth.principal import Principal


@pytest.fixture
def admin(api: Api) -> Principal:
    everything = frozenset(map(str, HOUSE_PERMISSIONS[HouseRole.ADMIN]))
    return api.known_as(Principal(user=uuid4(), tenant=None, permissions=everything, proven=datetime.now(UTC)))


async def actions() -> list[str]:
    return [row.action for row in await AuditEntry.all().order_by("sequence")]


async def test_workspaces_are_listed_page_by_page_and_found(api: Api, admin: Principal) -> None:
    for slug in ("delta", "acme", "beta", "charlie"):
        await api.somebody(slug)
    first = await api.ask(admin, "GET", "/admin/tenants?limit=3")
    assert [each["slug"] for each in first.json["items"]] == ["acme", "beta", "charlie"]
    rest = await api.ask(admin, "GET", f"/admin/tenants?limit=3&cursor={first.json['next']}")
    assert ([each["slug"] for each in rest.json["items"]], rest.json["next"]) == (["delta"], None)
    found = await api.ask(admin, "GET", "/admin/tenants?q=ET")
    assert [each["slug"] for each in found.json["items"]] == ["beta"]
    assert (await api.ask(admin, "GET", "/admin/tenants?state=suspended")).json["items"] == []
    for wrong in ("cursor=%F0%9F%98%80", "cursor=!!", "limit=0", "limit=101", "state=gone", f"q={'x' * 101}"):
        assert (await api.ask(admin, "GET", f"/admin/tenants?{wrong}")).status == 422


async def test_a_workspace_is_made_limited_suspended_and_resumed(api: Api, admin: Principal) -> None:
    made = await api.ask(
        admin, "POST", "/admin/tenants", json={"slug": "acme", "name": "Acme", "owner": "ada@example.com"}
    )
    assert (made.status, made.json["members"], made.json["state"]) == (201, 1, "active")
    assert (
        await api.ask(admin, "POST", "/admin/tenants", json={"slug": "acme", "name": "A", "owner": "b@example.com"})
    ).status == 409
    address = f"/admin/tenants/{made.json['id']}"
    limited = await api.ask(admin, "PUT", f"{address}/limits", json={"limits": {"members": 3}})
    assert (limited.json["limits"], {each["metric"]: each["limit"] for each in limited.json["usage"]}["members"]) == (
        {"members": 3},
        3,
    )
    refused = await api.ask(admin, "PUT", f"{address}/limits", json={"limits": {"member": 3}})
    assert (refused.status, refused.json["complaints"][0]["path"]) == (422, "limits.member")
    suspended = await api.ask(admin, "PUT", f"{address}/state", json={"state": "suspended", "reason": "unpaid"})
    assert suspended.json["state"] == "suspended"
    assert (await api.ask(admin, "PUT", f"{address}/state", json={"state": "suspended"})).status == 409
    assert (await api.ask(admin, "PUT", f"{address}/state", json={"state": "erased"})).status == 404
    assert (await api.ask(admin, "PUT", f"{address}/state", json={"state": "active"})).json["state"] == "active"
    assert (await api.ask(admin, "GET", f"/admin/tenants/{uuid4()}")).status == 404
    assert (await actions())[-3:] == ["tenant.limit", "tenant.suspended", "tenant.active"]


async def test_plans_are_made_changed_and_one_is_the_default(api: Api, admin: Principal) -> None:
    new = {"slug": "pro", "name": "Pro", "limits": {"render_minutes": 600}, "price_cents": 1900}
    made = await api.ask(admin, "POST", "/admin/plans", json=new)
    assert (made.status, made.json["is_default"], made.json["currency"]) == (201, False, "EUR")
    assert (await api.ask(admin, "POST", "/admin/plans", json=new)).json["code"] == "taken"
    changed = await api.ask(admin, "PUT", "/admin/plans/pro", json={"name": "Professional", "price_cents": 2900})
    assert (changed.json["name"], changed.json["limits"], changed.json["price_cents"]) == ("Professional", {}, 2900)
    assert (await api.ask(admin, "PUT", "/admin/plans/pro/default")).json["is_default"] is True
    listed = (await api.ask(admin, "GET", "/admin/plans")).json["items"]
    assert [each["slug"] for each in listed if each["is_default"]] == ["pro"]
    for wrong in (
        {**new, "slug": "A B"},
        {**new, "slug": "x", "limits": {"minutes": 1}},
        {**new, "slug": "x", "price_cents": -1},
    ):
        assert (await api.ask(admin, "POST", "/admin/plans", json=wrong)).status == 422
    for method, path in (("PUT", "/admin/plans/none"), ("PUT", "/admin/plans/none/default")):
        assert (await api.ask(admin, method, path, json={"name": "x"})).status == 404


async def test_a_plugin_is_switched_off_for_everybody_at_once(api: Api, admin: Principal) -> None:
    ada = await api.somebody("acme")
    off = await api.ask(admin, "PUT", "/admin/plugins/reelhouse.gif", json={"offered": False, "default": True})
    assert (off.status, off.json["offered"]) == (200, False)
    shown = (await api.ask(ada, "GET", "/plugins")).json["items"]
    assert {each["id"]: each["standing"] for each in shown}["reelhouse.gif"] == "withdrawn"
    assert (await api.ask(ada, "POST", "/plugins/reelhouse.gif/enable")).status == 409
    await api.ask(admin, "PUT", "/admin/plugins/reelhouse.gif", json={"offered": True, "default": False})
    shown = (await api.ask(ada, "GET", "/plugins")).json["items"]
    assert {each["id"]: each["standing"] for each in shown}["reelhouse.gif"] == "offered"
    assert await PluginInstall.all().count() == 1
    listed = (await api.ask(admin, "GET", "/admin/plugins")).json["items"]
    gif = next(each for each in listed if each["id"] == "reelhouse.gif")
    assert (gif["is_own"], gif["default"], gif["contributes"]) == (True, False, {"encoders": ["gif"]})
    assert (await api.ask(admin, "PUT", "/admin/plugins/none", json={"offered": True, "default": True})).status == 404


async def test_the_audit_is_read_backwards_and_checked(api: Api, admin: Principal) -> None:
    ada = await api.somebody("acme")
    await api.somebody("beta")
    first = await api.ask(admin, "GET", "/admin/audit?limit=2")
    second = await api.ask(admin, "GET", f"/admin/audit?limit=2&cursor={first.json['next']}")
    numbers = [each["sequence"] for page in (first, second) for each in page.json["items"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 4
    theirs = (await api.ask(admin, "GET", f"/admin/audit?tenant={ada.tenant}&action=tenant.create")).json["items"]
    assert [each["details"]["slug"] for each in theirs] == ["acme"]
    assert (await api.ask(admin, "POST", "/admin/audit/check")).json == {
        "intact": True,
        "entries": await AuditEntry.all().count(),
        "findings": [],
    }
    assert (await api.ask(admin, "GET", "/admin/audit?cursor=YWJj")).status == 422


async def test_the_house_is_shown_in_numbers(api: Api, admin: Principal) -> None:
    await api.somebody("acme")
    numbers = (await api.ask(admin, "GET", "/admin/statistics")).json
    assert numbers["tenants"] == {"active": 1, "suspended": 0, "erasing": 0, "erased": 0}
    assert numbers["users"] == {"active": 1, "disabled": 0}
    assert numbers["used"]["storage_bytes"] == 0
    assert (await api.ask(admin, "GET", "/admin/statistics/largest?metric=storage_bytes")).json == {"items": []}
    assert (await api.ask(admin, "GET", "/admin/statistics/largest?metric=gold")).status == 422


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/admin/tenants", None),
    ("POST", "/admin/tenants", {"slug": "x", "name": "x", "owner": "x@example.com"}),
    ("GET", f"/admin/tenants/{uuid4()}", None),
    ("PUT", f"/admin/tenants/{uuid4()}/state", {"state": "suspended"}),
    ("PUT", f"/admin/tenants/{uuid4()}/limits", {"limits": {}}),
    ("GET", "/admin/plans", None),
    ("POST", "/admin/plans", {"slug": "x", "name": "x"}),
    ("PUT", "/admin/plans/free", {"name": "x"}),
    ("PUT", "/admin/plans/free/default", None),
    ("GET", "/admin/plugins", None),
    ("PUT", "/admin/plugins/reelhouse.gif", {"offered": False, "default": False}),
    ("GET", "/admin/audit", None),
    ("POST", "/admin/audit/check", None),
    ("GET", "/admin/statistics", None),
    ("GET", "/admin/statistics/largest?metric=members", None),
]


async def test_owners_of_workspaces_run_nothing_of_the_house(api: Api) -> None:
    ada = await api.somebody("acme", frozenset(map(str, PERMISSIONS[Role.OWNER])))
    before = (await Tenant.all().count(), await AuditEntry.all().count(), await PluginInstall.all().count())
    for method, path, sent in ROUTES:
        assert (await api.ask(ada, method, path, json=sent)).status == 403, path
        assert (await api.ask(None, method, path, json=sent)).status == 401, path
    assert (await Tenant.all().count(), await AuditEntry.all().count(), await PluginInstall.all().count()) == before


async def test_support_looks_and_changes_nothing(api: Api, admin: Principal) -> None:
    support = api.known_as(admin, permissions=frozenset(map(str, HOUSE_PERMISSIONS[HouseRole.SUPPORT])))
    for method, path, sent in ROUTES:
        status = (await api.ask(support, method, path, json=sent)).status
        assert (status in {200, 404}) == (method == "GET" and "audit" not in path), path
    assert set(HousePermission) >= support.permissions
