"""``/plugins`` and ``/usage``, as a client sees them."""

from tests.support.api import Api


async def test_a_plugin_is_left_out_and_taken_back_for_one_tenant_alone(api: Api) -> None:
    ada, bob = await api.somebody("acme"), await api.somebody("beta")
    left_out = await api.ask(ada, "POST", "/plugins/reelhouse.gif/disable")
    assert (left_out.status, left_out.json["standing"], left_out.json["enabled"]) == (200, "refused", False)
    for who, enabled in ((ada, False), (bob, True)):
        listed = (await api.ask(who, "GET", "/plugins")).json["items"]
        assert {each["id"]: each["enabled"] for each in listed}["reelhouse.gif"] is enabled
    assert (await api.ask(ada, "POST", "/plugins/reelhouse.gif/enable")).json["standing"] == "default"


async def test_a_plugins_page_says_what_it_offers(api: Api) -> None:
    ada = await api.somebody("acme")
    page = (await api.ask(ada, "GET", "/plugins/reelhouse.gif")).json
    assert (page["name"], page["licence"], page["problem"]) == ("GIF", "Apache-2.0", "")
    assert [each["id"] for each in page["offers"]] == ["gif"]
    assert page["offers"][0]["parameters"]["type"] == "object"
    assert (page["health"]["state"], page["health"]["faults"]) == ("closed", [])


async def test_a_plugin_is_configured_and_its_secrets_are_not_shown(api: Api) -> None:
    ada = await api.somebody("acme")
    address = "/plugins/reelhouse.s3/configuration"
    sent = {"config": {"bucket": "films"}, "secrets": {"secret_key": "canary-secret-7890"}}
    page = await api.ask(ada, "PUT", address, json=sent)
    assert page.status == 200, page.body
    assert page.json["configured"]["config"] == {"bucket": "films"}
    assert page.json["configured"]["secrets"] == {"secret_key": "7890"}
    assert b"canary-secret" not in page.body
    refused = await api.ask(ada, "PUT", address, json={"config": {"bukket": "films"}})
    assert (refused.status, refused.json["code"]) == (422, "plugin_config_refused")
    assert [each["path"] for each in refused.json["complaints"]] == ["config.bukket"]
    assert (await api.ask(ada, "DELETE", address)).json["configured"] is None


async def test_a_plugin_that_is_not_there_is_told_so(api: Api) -> None:
    ada = await api.somebody("acme")
    for method, path in (
        ("GET", ""),
        ("POST", "/enable"),
        ("POST", "/disable"),
        ("POST", "/resume"),
        ("PUT", "/configuration"),
        ("DELETE", "/configuration"),
    ):
        answered = await api.ask(ada, method, f"/plugins/reelhouse.gf{path}", json={} if method == "PUT" else None)
        assert (answered.status, answered.json["code"]) == (404, "not_found"), path


async def test_usage_shows_every_limit_and_sums(api: Api) -> None:
    ada = await api.somebody("acme")
    shown = (await api.ask(ada, "GET", "/usage")).json["items"]
    assert {each["metric"]: each["used"] for each in shown}["render_seconds"] == 0
    assert (await api.ask(ada, "GET", "/usage/tallies?by=day")).json == {"items": []}
    for query, path in (
        ("by=week", "by"),
        ("", "by"),
        ("by=day&start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", ""),
        ("by=day&start=2020-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", ""),
        ("by=day&start=2026-01-02", "start"),
        ("by=day&strt=2026-01-02T00:00:00Z", "strt"),
    ):
        refused = await api.ask(ada, "GET", f"/usage/tallies?{query}")
        assert (refused.status, refused.json["complaints"][0]["path"]) == (422, path)
