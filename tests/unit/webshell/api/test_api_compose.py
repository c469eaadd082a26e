"""Composing over the API: from a script to a timeline that renders; with services on loopback, and without any."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope
from tests.support.api import Api, opened_api
from tests.support.services import KEY, Services, serving_services
from tests.unit.webshell.api.test_api_videos_shared import timeline
from webshell.auth.principal import Principal

SCRIPT = "[green trees] The forest grows.\n\nNobody plants it."


@pytest.fixture(scope="module")
def running() -> Iterator[Services]:
    with serving_services() as services:
        yield services


@pytest.fixture
def services(running: Services) -> Services:
    running.asked.clear()
    running.bodies.clear()
    running.mishaps.clear()
    return running


@pytest.fixture
async def api(tmp_path: Path, services: Services) -> AsyncIterator[Api]:
    def line(name: str, key: str, suffix: str = "") -> str:
        return f'"reelhouse.{name}" = {{ config = {{ {key} = "{services.address}/{name}{suffix}" }} }}\n'

    text = f'[network]\nallowed = ["127.0.0.0/8"]\nplain = ["{services.host}"]\n\n[plugins]\n'
    text += line("pexels", "endpoint") + line("elevenlabs", "endpoint") + line("openverse", "endpoint")
    text += f'"reelhouse.openai" = {{ config = {{ base_url = "{services.address}/openai/v1" }}, '
    text += f'secrets = {{ api_key = "{KEY}" }} }}\n'
    (tmp_path / "plugins.toml").write_text(text, "utf-8")
    async with opened_api(tmp_path) as opened:
        yield opened


@pytest.fixture
async def ada(api: Api) -> AsyncIterator[Principal]:
    who = await api.somebody("acme")
    async with api.working():
        yield who


async def composed(api: Api, who: Principal, **asked: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return how composing ended, and the timeline that came of it."""
    begun = await api.ask(who, "POST", "/compose", json=asked)
    assert begun.status == 202, begun.body
    done = await api.ended(who, f"/compose/{begun.json['id']}")
    assert (done.json["state"], done.json["error"]) == ("done", None)
    shown = (await api.ask(who, "GET", f"/projects/{begun.json['project']}")).json
    assert shown["revision"] == 2
    return done.json, shown["document"]


async def test_the_built_in_providers_alone_make_a_video_with_voice_captions_and_music(
    api: Api, ada: Principal
) -> None:
    done, document = await composed(api, ada, script=SCRIPT, title="Forest", pictures=["generator"])
    assert done["notes"] == []
    first, second = document["tracks"][0]["clips"]
    assert first["asset"]["src"].startswith("provider:generator/")
    voices = [each for each in document["audio"]["clips"] if each["role"] == "voice"]
    assert [each["asset"]["src"] for each in voices] == [
        "provider:voice/speech?text=The%20forest%20grows.",
        "provider:voice/speech?text=Nobody%20plants%20it.",
    ]
    cues = document["captions"][0]["cues"]
    assert [each["text"] for each in cues] == ["The forest grows.", "Nobody plants it."]
    assert cues[1]["start"] > second["start"] + 0.5
    checked = await api.ask(ada, "POST", "/projects/check", json={"document": document})
    assert checked.json["complaints"] == []


async def test_pictures_come_from_providers_with_their_terms_into_the_library(
    api: Api, ada: Principal, services: Services
) -> None:
    key = {"provider": "reelhouse.pexels", "label": "mine", "secret": KEY}
    await api.ask(ada, "POST", "/keys", json=key)
    services.mishaps += [(200, {}, b'{"page":1,"per_page":12,"total_results":0,"videos":[]}')] * 1
    _, document = await composed(
        api, ada, script=SCRIPT, title="Trees", pictures=["pexels"], speaker="", music="", shape="portrait"
    )
    assert any("query=green%20trees" in each for each in services.asked)
    first, second = document["tracks"][0]["clips"]
    asset_id = first["asset"]["src"].removeprefix("asset:")
    asset = (await api.ask(ada, "GET", f"/assets/{asset_id}")).json
    assert (asset["provider"], asset["folder"], asset["kind"]) == ("pexels", "Trees", "image")
    assert asset["attribution"] == "Photo by Lukas Rodriguez on Pexels"
    assert first["effects"][0]["use"] == "motion.kenburns"
    assert second["asset"]["src"] != first["asset"]["src"], "no picture comes twice"


async def test_what_can_not_be_had_is_told_and_made_instead(api: Api, ada: Principal, services: Services) -> None:
    services.mishaps += [(500, {}, b"")] * 10
    done, document = await composed(api, ada, script=SCRIPT, pictures=["pexels", "openverse"], speaker="", music="")
    assert len(done["notes"]) == 2
    assert "pexels" in done["notes"][0]
    assert "openverse" in done["notes"][1]
    assert all(each["asset"]["src"].startswith("provider:generator/") for each in document["tracks"][0]["clips"])
    assert KEY not in json.dumps(done)


async def test_what_may_not_be_used_to_earn_money_is_left_out_unless_allowed(
    api: Api, ada: Principal, services: Services
) -> None:
    _, document = await composed(api, ada, script=SCRIPT, pictures=["openverse"], speaker="", music="")
    sources = [each["asset"]["src"] for each in document["tracks"][0]["clips"]]
    assert sources[0].startswith("asset:"), "one picture is in the public domain"
    assert sources[1].startswith("provider:generator/"), "all others are NC"
    _, document = await composed(
        api, ada, script=SCRIPT, pictures=["openverse"], speaker="", music="", commercial=False
    )
    assert all(each["asset"]["src"].startswith("asset:") for each in document["tracks"][0]["clips"])


async def test_a_language_model_writes_of_a_topic(api: Api, ada: Principal, services: Services) -> None:
    scenes = {"scenes": [{"text": "Bees dance.", "wanted": "bees flower"}, {"text": "We eat.", "wanted": "bread"}]}
    answer = {"choices": [{"message": {"content": json.dumps(scenes)}}]}
    services.mishaps.append((200, {}, json.dumps(answer).encode()))
    done, document = await composed(
        api, ada, topic="Why bees matter", writer="openai", speaker="", music="", pictures=["generator"]
    )
    assert len(document["tracks"][0]["clips"]) == 2
    assert "Why bees matter" in services.bodies[0]["messages"][0]["content"]
    assert services.bodies[0]["response_format"] == {"type": "json_object"}
    assert done["notes"] == []


async def test_a_writer_that_talks_nonsense_fails_a_topic_and_not_a_script(
    api: Api, ada: Principal, services: Services
) -> None:
    done, _ = await composed(api, ada, script=SCRIPT, writer="openai", speaker="", music="", pictures=["generator"])
    assert "openai" in done["notes"][0]


async def test_a_paid_voice_is_paid_for_once_and_copied_into_the_library(
    api: Api, ada: Principal, services: Services
) -> None:
    await api.ask(ada, "POST", "/keys", json={"provider": "reelhouse.elevenlabs", "label": "x", "secret": KEY})
    text = "Hello there, whoever listens to this for the first time and wonders at every single word of it. " * 7
    _, document = await composed(api, ada, script=text, speaker="elevenlabs", pictures=["generator"], music="")
    voices = document["audio"]["clips"]
    assert len(voices) == 4
    asset = (await api.ask(ada, "GET", f"/assets/{voices[0]['asset']['src'].removeprefix('asset:')}")).json
    assert (asset["provider"], asset["kind"], asset["licence"]) == ("elevenlabs", "audio", "ElevenLabs")
    spoken = [each for each in services.asked if "text-to-speech" in each]
    assert len(spoken) == 2, "three scenes say the same"
    assert document["captions"][0]["cues"][0]["words"][1]["text"] == "there,"


async def test_a_voice_without_timings_has_captions_too(api: Api, ada: Principal) -> None:
    _, document = await composed(api, ada, script="Hello there.", speaker="openai", pictures=["generator"], music="")
    [cue] = document["captions"][0]["cues"]
    assert (cue["text"], len(cue["words"])) == ("Hello there.", 2)


async def test_a_failed_one_leaves_no_project(api: Api, ada: Principal, services: Services) -> None:
    services.mishaps += [(401, {}, b"{}")] * 5
    begun = await api.ask(ada, "POST", "/compose", json={"topic": "Bees", "writer": "openai"})
    done = await api.ended(ada, f"/compose/{begun.json['id']}")
    assert (done.json["state"], done.json["error_code"]) == ("failed", "plugin_auth_failed")
    await _until_cleared(api, ada, begun.json["project"])
    async with scope(ada.tenant):
        assert await Setting.all().count() == 0


async def _until_cleared(api: Api, who: Principal, project: str) -> None:
    async with asyncio.timeout(30):
        while True:
            if (await api.ask(who, "GET", f"/projects/{project}")).status == 404:
                return
            await asyncio.sleep(0.05)


async def test_a_template_is_filled(api: Api, ada: Principal) -> None:
    document = {**timeline(), "variables": {"headline": "Hello", "colour": "#ff0000"}}
    document["tracks"][0]["clips"][0]["asset"]["color"] = "{{colour}}"
    place = {"name": "colour", "title": "Colour", "type": "color"}
    made = await api.ask(ada, "POST", "/templates", json={"name": "One", "document": document, "places": [place]})
    assert made.status == 201, made.body
    assert [each["name"] for each in made.json["places"]] == ["headline", "colour"]
    assert made.json["defaults"] == {"headline": "Hello", "colour": "#ff0000"}
    _, filled = await composed(api, ada, template=made.json["id"], fields={"colour": "#00ff00"}, title="Green")
    assert filled["variables"] == {"headline": "Hello", "colour": "#00ff00"}
    at = f"/templates/{made.json['id']}"
    wrong = await api.ask(ada, "POST", "/compose", json={"template": made.json["id"], "fields": {"color": "x"}})
    assert (wrong.status, wrong.json["path"]) == (422, "fields.color")
    changed = await api.ask(ada, "PATCH", at, json={"name": "Two"})
    assert (changed.json["name"], len(changed.json["places"])) == ("Two", 2)
    stranger = await api.ask(ada, "PATCH", at, json={"places": [{"name": "nothing"}]})
    assert (stranger.status, stranger.json["path"]) == (422, "places[0].name")
    bare = await api.ask(ada, "POST", "/templates", json={"name": "x", "document": timeline()})
    assert (bare.status, bare.json["path"]) == (422, "document.variables")
    bob = await api.somebody("bobs")
    for method in ("GET", "DELETE"):
        assert (await api.ask(bob, method, at)).status == 404
    assert (await api.ask(bob, "POST", "/compose", json={"template": made.json["id"]})).status == 404
    assert (await api.ask(ada, "GET", at)).json["document"] == document
    assert (await api.ask(ada, "DELETE", at)).status == 204
    assert (await api.ask(ada, "GET", "/templates")).json["items"] == []


async def test_the_same_key_composes_once_and_what_is_wrong_composes_nothing(api: Api) -> None:
    ada = await api.somebody("acme")
    key = {"Idempotency-Key": "once"}
    first = await api.ask(ada, "POST", "/compose", json={"script": SCRIPT}, headers=key)
    again = await api.ask(ada, "POST", "/compose", json={"script": SCRIPT}, headers=key)
    assert first.json["id"] == again.json["id"]
    for wrong, path in (
        ({}, ""),
        ({"script": "x", "topic": "y", "writer": "openai"}, ""),
        ({"topic": "y"}, ""),
        ({"script": " [a] "}, "script"),
        ({"script": "x", "speaker": "nobody"}, "speaker"),
        ({"script": "x", "pictures": ["voice"]}, "pictures[0]"),
        ({"script": "x", "shape": "round"}, "shape"),
        ({"template": str(uuid4())}, None),
    ):
        answered = await api.ask(ada, "POST", "/compose", json=wrong)
        assert answered.status == (404 if path is None else 422), (wrong, answered.body)
    assert len((await api.ask(ada, "GET", "/projects")).json["items"]) == 1
    cancelled = await api.ask(ada, "POST", f"/compose/{first.json['id']}/cancel")
    assert cancelled.json["state"] == "cancelled"
    bob = await api.somebody("bobs")
    assert (await api.ask(bob, "GET", f"/compose/{first.json['id']}")).status == 404
