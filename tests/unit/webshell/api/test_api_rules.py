"""What holds for every route: who may, how often, from where; and what is told of it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.api import Api, opened_api
from webshell.api.endpoint import EVERYBODY, RULES, Rules
from webshell.app import MAX_BODY, NOUNS


async def test_who_is_nobody_learns_nothing(api: Api) -> None:
    answered = await api.ask(None, "POST", "/keys", data=b"not even JSON")
    assert (answered.status, answered.json["code"]) == (401, "not_signed_in")


async def test_a_permission_that_lacks_is_named(api: Api) -> None:
    ada = await api.somebody("acme")
    viewer = api.known_as(ada, permissions=frozenset({"workspace:read"}))
    refused = await api.ask(viewer, "POST", "/keys", json={"provider": "a", "label": "b", "secret": "secret-1234"})
    assert (refused.status, refused.json["code"]) == (403, "not_allowed")
    assert "keys:write" in refused.json["detail"]
    assert (await api.ask(viewer, "GET", "/keys")).json == {"items": []}


async def test_secrets_need_a_proof_that_is_fresh(api: Api) -> None:
    ada = await api.somebody("acme")
    assert ada.proven is not None
    new = {"provider": "a", "label": "b", "secret": "secret-1234"}
    for proven in (None, ada.proven - timedelta(minutes=6)):
        refused = await api.ask(api.known_as(ada, proven=proven), "POST", "/keys", json=new)
        assert (refused.status, refused.json["code"]) == (403, "not_fresh")
    assert (await api.ask(ada, "GET", "/keys")).json == {"items": []}


async def test_too_often_is_refused_with_when_to_come_again(tmp_path: Path) -> None:
    async with opened_api(tmp_path, {"REELHOUSE_LIMITS_READ": "3"}) as api:
        ada, bob = await api.somebody("acme"), await api.somebody("beta")
        for _ in range(3):
            assert (await api.ask(ada, "GET", "/keys")).status == 200
        refused = await api.ask(ada, "GET", "/keys")
        assert (refused.status, refused.json["code"]) == (429, "too_often")
        assert 1 <= int(refused.headers["retry-after"]) <= 20
        assert (await api.ask(bob, "GET", "/keys")).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Origin": "http://localhost"}, 201),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 201),
        ({"Sec-Fetch-Site": "none"}, 201),
    ],
)
async def test_pages_of_other_sites_change_nothing(api: Api, headers: dict[str, str], status: int) -> None:
    ada = await api.somebody("acme")
    new = {"provider": "a", "label": "b", "secret": "secret-1234"}
    answered = await api.ask(ada, "POST", "/keys", json=new, headers=headers)
    assert answered.status == status
    assert len((await api.ask(ada, "GET", "/keys")).json["items"]) == (1 if status == 201 else 0)


async def test_what_is_too_large_is_refused(api: Api) -> None:
    ada = await api.somebody("acme")
    answered = await api.ask(ada, "POST", "/keys", data=b" " * (MAX_BODY + 1))
    assert (answered.status, answered.json["code"]) == (413, "content_too_large")


async def test_a_wrong_method_is_told_the_right_ones(api: Api) -> None:
    answered = await api.ask(None, "PUT", "/keys")
    assert (answered.status, answered.json["code"]) == (405, "method_not_allowed")
    assert "POST" in answered.headers["allow"]


def rules_of(api: Api) -> list[Rules]:
    """Return the rules of all routes."""
    return [getattr(view, RULES) for view in api.app.view_functions.values() if hasattr(view, RULES)]


async def test_every_route_has_rules(api: Api) -> None:
    views = [api.app.view_functions[rule.endpoint] for rule in api.app.url_map.iter_rules() if "/api/" in rule.rule]
    without = [view.__name__ for view in views if not hasattr(view, RULES)]
    assert without == ["openapi"]
    assert len(views) > len(NOUNS)
    ruled = {view.__name__: getattr(view, RULES) for view in views if hasattr(view, RULES)}
    assert {name for name, rules in ruled.items() if rules.needs == EVERYBODY} == {
        "tell_tus",
        "register",
        "confirm_registration",
        "sign_in",
        "send_code",
        "refresh",
        "forget_password",
        "reset_password",
        "confirm_email",
        "show_invitation",
        "accept_invitation",
        "challenge_passkey",
        "sign_in_with_passkey",
        "show_shared",
        "watch_shared",
        "show_shared_poster",
    }


async def test_the_document_that_is_checked_in_is_what_the_api_tells(api: Api) -> None:
    told = (await api.ask(None, "GET", "/openapi.json")).json
    assert told == json.loads((Path(__file__).parents[4] / "docs" / "openapi.json").read_text()), "scripts/openapi.py"
    assert told["paths"]["/api/v1/keys/{key_id}"]["patch"]["x-permission"] == "keys:write"
    shown = {model for each in rules_of(api) for model in each.gives.values() if model is not None}
    assert len({model.__name__ for model in shown}) == len(shown)  # else one's schema stands for the other's
    operations = [each["operationId"] for path in told["paths"].values() for each in path.values()]
    assert len(operations) == len(set(operations)) > 10
