"""``/providers``: what a tenant has enabled, and searching it."""

from tests.support.api import Api


async def test_the_providers_of_a_tenant_are_told(api: Api) -> None:
    ada = await api.somebody("acme")
    listed = (await api.ask(ada, "GET", "/providers")).json["items"]
    known = {each["id"]: each for each in listed}
    assert known["generator"]["plugin"] == "reelhouse.generator"
    assert "image" in known["generator"]["kinds"]
    await api.ask(ada, "POST", "/plugins/reelhouse.generator/disable")
    assert "generator" not in {each["id"] for each in (await api.ask(ada, "GET", "/providers")).json["items"]}


async def test_a_provider_is_searched(api: Api) -> None:
    ada = await api.somebody("acme")
    found = await api.ask(ada, "GET", "/providers/generator/search?q=hills&kind=image&limit=2")
    assert found.status == 200, found.body
    assert found.json["items"]
    assert all(each["src"] == f"provider:generator/{each['id']}" for each in found.json["items"])
    assert {each["kind"] for each in found.json["items"]} == {"image"}


async def test_what_is_not_enabled_or_not_there_is_not_found(api: Api) -> None:
    ada = await api.somebody("acme")
    await api.ask(ada, "POST", "/plugins/reelhouse.generator/disable")
    for provider in ("generator", "reelhouse.generator", "nothing"):
        answered = await api.ask(ada, "GET", f"/providers/{provider}/search?q=x&kind=image")
        assert answered.status == 404, answered.body


async def test_a_search_must_be_one(api: Api) -> None:
    ada = await api.somebody("acme")
    for query in (
        "q=&kind=image",
        "kind=image",
        "q=x",
        "q=x&kind=smell",
        "q=x&kind=image&page=0",
        "q=x&kind=image&limit=81",
    ):
        assert (await api.ask(ada, "GET", f"/providers/generator/search?{query}")).status == 422, query
