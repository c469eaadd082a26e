"""A tenant's API key is what its providers ask with: lent for each call, counted, audited and judged."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tenants.control.models.audit import AuditEntry
from tests.support.api import Api, opened_api
from tests.support.services import KEY, Services, serving_services

OTHERS = "0ther-k3y-of-the-house"
SEARCH = "/providers/pexels/search?q=trees&kind=image&limit=3"


@pytest.fixture(scope="module")
def running() -> Iterator[Services]:
    with serving_services() as services:
        yield services


@pytest.fixture
def services(running: Services) -> Services:
    running.asked.clear()
    running.mishaps.clear()
    return running


def config(services: Services, extra: str = "") -> str:
    """Return a ``plugins.toml`` that sends providers to loopback."""
    return f"""
[network]
allowed = ["127.0.0.0/8"]
plain = ["{services.host}"]

[plugins]
"reelhouse.pexels" = {{ config = {{ endpoint = "{services.address}/pexels" }} {extra} }}
"""


@pytest.fixture
async def api(tmp_path: Path, services: Services) -> AsyncIterator[Api]:
    (tmp_path / "plugins.toml").write_text(config(services), "utf-8")
    async with opened_api(tmp_path) as opened:
        yield opened


async def add_key(api: Api, who: Any, secret: str = KEY, **more: Any) -> dict[str, Any]:
    body = {"provider": "reelhouse.pexels", "label": "mine", "secret": secret, **more}
    answered = await api.ask(who, "POST", "/keys", json=body)
    assert answered.status == 201, answered.body
    added: dict[str, Any] = answered.json
    return added


async def test_without_a_key_it_is_said_what_is_missing(api: Api, services: Services) -> None:
    ada = await api.somebody("acme")
    answered = await api.ask(ada, "GET", SEARCH)
    assert (answered.status, answered.json["code"]) == (502, "plugin_auth_failed")
    assert services.asked == []


async def test_each_call_is_counted_audited_and_judged(api: Api, services: Services) -> None:
    ada = await api.somebody("acme")
    key = await add_key(api, ada)
    assert (key["proof"], key["calls"]) == ("untested", 0)
    for _ in range(2):
        found = await api.ask(ada, "GET", SEARCH)
        assert found.status == 200, found.body
        assert len(found.json["items"]) == 3
    shown = (await api.ask(ada, "GET", f"/keys/{key['id']}")).json
    assert (shown["proof"], shown["calls"]) == ("accepted", 2)
    used = [each.target for each in await AuditEntry.filter(action="key.use")]
    assert used == ["plugin:reelhouse.pexels"] * 2
    assert not any(KEY in str(each.details) for each in await AuditEntry.all())


async def test_a_refused_key_is_marked(api: Api, services: Services) -> None:
    ada = await api.somebody("acme")
    key = await add_key(api, ada, "n0t-the-right-one")
    answered = await api.ask(ada, "GET", SEARCH)
    assert (answered.status, answered.json["code"]) == (502, "plugin_auth_failed")
    assert b"n0t-the-right-one" not in answered.body
    assert (await api.ask(ada, "GET", f"/keys/{key['id']}")).json["proof"] == "refused"


async def test_a_spent_budget_stops_before_anything_is_sent(api: Api, services: Services) -> None:
    ada = await api.somebody("acme")
    await add_key(api, ada, budget={"calls": 1})
    assert (await api.ask(ada, "GET", SEARCH)).status == 200
    services.asked.clear()
    answered = await api.ask(ada, "GET", SEARCH)
    assert answered.status == 409, answered.body
    assert services.asked == []


async def test_nobody_borrows_another_tenants_key(api: Api, services: Services) -> None:
    ada, bob = await api.somebody("acme"), await api.somebody("bobs")
    await add_key(api, ada)
    assert (await api.ask(bob, "GET", SEARCH)).status == 502
    assert services.asked == []
    assert (await api.ask(ada, "GET", SEARCH)).status == 200


async def test_a_key_is_tried_and_a_new_one_proven_before_it_replaces_the_old(api: Api, services: Services) -> None:
    ada = await api.somebody("acme")
    key = await add_key(api, ada)
    tried = await api.ask(ada, "POST", f"/keys/{key['id']}/test")
    assert (tried.status, tried.json["proof"]) == (200, "accepted")
    await api.ask(ada, "POST", f"/keys/{key['id']}/rotate", json={"secret": "n0t-the-right-one"})
    proven = await api.ask(ada, "POST", f"/keys/{key['id']}/rotate/prove")
    assert (proven.status, proven.json["code"]) == (422, "api_key_unproven")
    assert (await api.ask(ada, "GET", SEARCH)).status == 200
    services.mishaps += [(503, {}, b"")] * 3
    assert (await api.ask(ada, "POST", f"/keys/{key['id']}/test")).status == 503
    assert (await api.ask(ada, "GET", f"/keys/{key['id']}")).json["proof"] == "accepted"


async def test_a_key_for_what_is_no_provider_can_not_be_tried(api: Api, services: Services) -> None:
    ada = await api.somebody("acme")
    for plugin in ("reelhouse.color", "acme.nothing"):
        body = {"provider": plugin, "label": "x", "secret": "whatever-it-is"}
        key = (await api.ask(ada, "POST", "/keys", json=body)).json
        assert (await api.ask(ada, "POST", f"/keys/{key['id']}/test")).status == 404


async def test_the_houses_key_is_used_where_a_tenant_has_none(tmp_path: Path, services: Services) -> None:
    text = config(services, f', secrets = {{ api_key = "{KEY}" }}')
    (tmp_path / "plugins.toml").write_text(text, "utf-8")
    async with opened_api(tmp_path) as api:
        ada, bob = await api.somebody("acme"), await api.somebody("bobs")
        assert (await api.ask(ada, "GET", SEARCH)).status == 200
        await add_key(api, bob, OTHERS)
        assert (await api.ask(bob, "GET", SEARCH)).status == 502, "a tenant's own key goes first, be it wrong"


async def test_what_was_found_is_brought_into_the_library(api: Api, services: Services) -> None:
    ada = await api.somebody("acme")
    key = await add_key(api, ada)
    async with api.working():
        asked = await api.ask(ada, "POST", "/assets", json={"provider": "pexels", "provider_id": "photo/101"})
        assert asked.status == 202, asked.body
        done = await api.ended(ada, asked.headers["location"].removeprefix("/api/v1"))
    assert (done.json["state"], done.json["error"]) == ("done", None)
    [asset] = (await api.ask(ada, "GET", "/assets")).json["items"]
    assert asset["attribution"] == "Photo by Lukas Rodriguez on Pexels"
    assert (await api.ask(ada, "GET", f"/keys/{key['id']}")).json["calls"] == 1
