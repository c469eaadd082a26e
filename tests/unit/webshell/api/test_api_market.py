"""``/admin/market``: from a catalogue to a plugin that a workspace uses, without a restart."""

import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from core.market.catalogue import write_catalogue
from core.market.publishers import make_key, sign, trust
from tenants.control.models.audit import AuditEntry
from tenants.control.roles import HousePermission
from tests.support.api import Api, opened_api
from tests.support.wheels import write_wheel
from webshell.auth.principal import Principal


@pytest.fixture
def restored_path() -> Iterator[None]:
    before = list(sys.path)
    yield
    sys.path[:] = before


@pytest.fixture
async def market(tmp_path: Path, restored_path: None) -> AsyncIterator[tuple[Api, Principal]]:
    stall = tmp_path / "stall"
    trust(tmp_path / "market", "Acme", make_key(tmp_path / "key"))
    for number in ("1.0", "1.1"):
        wheel = write_wheel(stall, "acme-bright", number, manifest='[capabilities]\nnet = ["a.example:443"]\n')
        sign(wheel, "Acme", tmp_path / "key")
    sign(write_catalogue(stall, "Acme's", stall.glob("*.whl")), "Acme", tmp_path / "key")
    async with opened_api(tmp_path, {"REELHOUSE_MARKET_CATALOGUES": f"{stall},{tmp_path / 'nowhere'}"}) as api:
        everything = frozenset(map(str, HousePermission))
        yield api, api.known_as(Principal(user=uuid4(), tenant=None, permissions=everything, proven=datetime.now(UTC)))


async def test_a_plugin_comes_from_a_catalogue_into_use(market: tuple[Api, Principal]) -> None:
    api, admin = market
    page = (await api.ask(admin, "GET", "/admin/market")).json
    assert [(each["name"], each["problem"] == "") for each in page["stalls"]] == [("Acme's", True), ("nowhere", False)]
    assert [(each["id"], each["version"]) for each in page["stalls"][0]["offers"]] == [
        ("acme.bright", "1.0"),
        ("acme.bright", "1.1"),
    ]
    plan = (await api.ask(admin, "POST", "/admin/market/plan", json={"id": "acme.bright", "version": "1.0"})).json
    assert (plan["publisher"], plan["hosts"], plan["brings"]) == ("Acme", ["a.example:443"], {"acme-bright": "1.0"})
    agreed = {"id": "acme.bright", "version": "1.0", "sha256": plan["sha256"], "hosts": plan["hosts"]}
    placed = await api.ask(admin, "POST", "/admin/market/install", json=agreed)
    assert (placed.status, placed.json["version"], placed.json["in_use"]) == (200, "1.0", True), placed.body
    ada = await api.somebody("acme")
    offered = (await api.ask(ada, "GET", "/plugins/acme.bright")).json
    assert [each["id"] for each in offered["offers"]] == ["acme.bright.invert"]

    newer = (await api.ask(admin, "POST", "/admin/market/plan", json={"id": "acme.bright"})).json
    assert (newer["version"], newer["replaces"]) == ("1.1", "1.0")
    agreed = {"id": "acme.bright", "sha256": newer["sha256"], "hosts": newer["hosts"]}
    placed = await api.ask(admin, "POST", "/admin/market/install", json=agreed)
    assert (placed.json["version"], placed.json["in_use"]) == ("1.1", False)
    back = await api.ask(admin, "POST", "/admin/market/acme.bright/rollback")
    assert (back.json["version"], back.json["in_use"]) == ("1.0", True)
    assert (await api.ask(admin, "DELETE", "/admin/market/acme.bright")).status == 204
    assert (await api.ask(admin, "GET", "/admin/market")).json["installed"] == []
    done = [row.action for row in await AuditEntry.filter(action__startswith="plugin.").order_by("sequence")]
    assert done == ["plugin.install", "plugin.install", "plugin.roll_back", "plugin.remove"]


async def test_what_was_not_agreed_to_is_not_installed(market: tuple[Api, Principal]) -> None:
    api, admin = market
    plan = (await api.ask(admin, "POST", "/admin/market/plan", json={"id": "acme.bright"})).json
    for agreed, code in (
        ({"id": "acme.bright", "sha256": plan["sha256"]}, "not_consented"),
        ({"id": "acme.bright", "sha256": "0" * 64, "hosts": plan["hosts"]}, "not_consented"),
        ({"id": "acme.bright", "sha256": "x", "hosts": plan["hosts"]}, "invalid_input"),
        ({"id": "acme.other", "sha256": plan["sha256"]}, "not_found"),
        ({"id": "acme.bright", "sha256": plan["sha256"], "catalogue": 2}, "invalid_input"),
        ({"id": "acme.bright", "sha256": plan["sha256"], "catalogue": 1}, "invalid_input"),
    ):
        refused = await api.ask(admin, "POST", "/admin/market/install", json=agreed)
        assert (refused.status in {404, 409, 422}, refused.json["code"]) == (True, code)
    assert (await api.ask(admin, "GET", "/admin/market")).json["installed"] == []
    for method, path in (("POST", "/admin/market/acme.bright/rollback"), ("DELETE", "/admin/market/acme.bright")):
        assert (await api.ask(admin, method, path)).status == 404


async def test_only_who_may_installs(market: tuple[Api, Principal]) -> None:
    api, admin = market
    support = api.known_as(admin, permissions=frozenset({"system:read"}))
    assert (await api.ask(support, "GET", "/admin/market")).status == 200
    for method, path, sent in (
        ("POST", "/plan", {"id": "acme.bright"}),
        ("POST", "/install", {"id": "acme.bright", "sha256": "0" * 64}),
        ("POST", "/acme.bright/rollback", None),
        ("DELETE", "/acme.bright", None),
    ):
        assert (await api.ask(support, method, f"/admin/market{path}", json=sent)).status == 403
