"""``/keys``, as a client sees it."""

from uuid import uuid4

from tests.support.api import Api

NEW = {"provider": "reelhouse.pexels", "label": "Mine", "secret": "a-secret-of-ours-1234", "budget": {"calls": 100}}


async def test_a_key_is_kept_and_never_shown(api: Api) -> None:
    ada = await api.somebody("acme")
    made = await api.ask(ada, "POST", "/keys", json=NEW)
    assert made.status == 201
    assert {name: made.json[name] for name in ("provider", "label", "state", "proof", "last_four", "calls")} == {
        "provider": "reelhouse.pexels",
        "label": "Mine",
        "state": "active",
        "proof": "untested",
        "last_four": "1234",
        "calls": 0,
    }
    assert made.json["budget"] == {"calls": 100, "money": None, "currency": "USD"}
    listed = await api.ask(ada, "GET", "/keys?provider=reelhouse.pexels")
    shown = await api.ask(ada, "GET", f"/keys/{made.json['id']}")
    assert listed.json["items"] == [shown.json] == [made.json]
    assert all(b"a-secret-of-ours" not in answered.body for answered in (made, listed, shown))
    assert (await api.ask(ada, "GET", "/keys?provider=other")).json == {"items": []}


async def test_a_key_is_changed_rotated_and_revoked(api: Api) -> None:
    ada = await api.somebody("acme")
    key = f"/keys/{(await api.ask(ada, 'POST', '/keys', json=NEW)).json['id']}"
    changed = await api.ask(ada, "PATCH", key, json={"label": "Ours", "expires": "2099-01-01T00:00:00Z"})
    assert (changed.json["label"], changed.json["expires"]) == ("Ours", "2099-01-01T00:00:00Z")
    assert (await api.ask(ada, "PATCH", key, json={"expires": None})).json["expires"] is None
    rotating = await api.ask(ada, "POST", f"{key}/rotate", json={"secret": "another-one-5678"})
    assert (rotating.json["last_four"], rotating.json["next"]["last_four"]) == ("1234", "5678")
    assert (await api.ask(ada, "DELETE", f"{key}/rotate")).json["next"] is None
    assert (await api.ask(ada, "DELETE", key)).json["state"] == "revoked"
    refused = await api.ask(ada, "PATCH", key, json={"label": "Back"})
    assert (refused.status, refused.json["code"]) == (409, "api_key_unusable")


async def test_what_is_wrong_is_told_by_its_path_without_the_secret(api: Api) -> None:
    ada = await api.somebody("acme")
    sent = {**NEW, "budget": {"calls": -1}, "labl": "x", "secret": ["a-secret-of-ours"]}
    refused = await api.ask(ada, "POST", "/keys", json=sent)
    assert refused.status == 422
    assert [each["path"] for each in refused.json["complaints"]] == ["secret", "budget.calls", "labl"]
    assert b"a-secret-of-ours" not in refused.body
    assert (await api.ask(ada, "GET", "/keys")).json == {"items": []}


async def test_another_tenants_key_is_one_that_is_not_there(api: Api) -> None:
    ada, bob = await api.somebody("acme"), await api.somebody("beta")
    theirs = (await api.ask(ada, "POST", "/keys", json=NEW)).json["id"]
    nowhere = str(uuid4())
    for method, end, sent in (
        ("GET", "", None),
        ("PATCH", "", {"label": "x"}),
        ("DELETE", "", None),
        ("POST", "/rotate", {"secret": "another-one-5678"}),
        ("DELETE", "/rotate", None),
    ):
        told = [await api.ask(bob, method, f"/keys/{each}{end}", json=sent) for each in (theirs, nowhere)]
        assert [each.status for each in told] == [404, 404]
        assert told[0].json["detail"].replace(theirs, nowhere) == told[1].json["detail"]
    assert (await api.ask(ada, "GET", f"/keys/{theirs}")).json["label"] == "Mine"
