"""Providers that make speech, texts and pictures, against services that answer as the real ones do."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.api import (
    AssetKind,
    AuthFailed,
    InvalidInput,
    NotFound,
    NotReady,
    PluginContext,
    Provider,
    Search,
    parse_values,
)
from core.api.testing import check_provider
from plugins.providers import elevenlabs, openai
from tests.support.services import KEY, SOUND, Services, picture

ALL = {"elevenlabs": (elevenlabs, "endpoint", ""), "openai": (openai, "base_url", "/v1")}


def opened(name: str, services: Services, folder: Path, *, key: str = KEY, **config: Any) -> Provider:
    module, where, suffix = ALL[name]
    [declared] = module.reelhouse_asset_providers()
    values, complaints = parse_values(
        declared.params, {where: f"{services.address}/{name}{suffix}", **config}, path="config"
    )
    assert not complaints
    return declared.open(
        PluginContext(
            plugin_id=f"reelhouse.{name}",
            folder=folder,
            config=values,
            granted_http=services.client(),
            granted_secrets={"api_key": key},
        )
    )


@pytest.mark.parametrize(
    ("name", "asset_id", "search"),
    [("elevenlabs", "speech?text=Good morning.", "george"), ("openai", "image?prompt=a hill", "a")],
)
def test_each_keeps_the_contract_of_all_providers(
    name: str, asset_id: str, search: str, services: Services, tmp_path: Path
) -> None:
    module, where, suffix = ALL[name]
    [declared] = module.reelhouse_asset_providers()
    check_provider(
        declared,
        tmp_path,
        config={where: f"{services.address}/{name}{suffix}"},
        asset_id=asset_id,
        search=search,
        http=services.client(),
        secrets={"api_key": KEY},
    )


@pytest.mark.parametrize("name", ALL)
async def test_a_wrong_key_is_told_and_never_shown(name: str, services: Services, tmp_path: Path) -> None:
    wrong = "wr0ng-k3y-of-somebody"
    with pytest.raises(AuthFailed) as refusal:
        await opened(name, services, tmp_path, key=wrong).search(Search(text="a", kind=AssetKind.AUDIO))
    assert wrong not in str(refusal.value)


async def test_speech_and_its_captions_are_paid_for_once(services: Services, tmp_path: Path) -> None:
    provider = opened("elevenlabs", services, tmp_path / "own")
    into = tmp_path / "into"
    into.mkdir()
    text = "Good morning. It is late!"
    speech = await provider.fetch(f"speech?text={text}&voice=George&rate=1.1", into)
    captions = await provider.fetch(f"captions?text={text}&voice=George&rate=1.1", into)
    assert speech.path.read_bytes() == SOUND
    spoken = [each for each in services.asked if each.startswith("POST")]
    assert spoken == [
        "POST /elevenlabs/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb/with-timestamps?output_format=mp3_44100_128"
    ]
    [sent] = [each for each in services.bodies if each]
    assert sent == {"text": text, "model_id": "eleven_multilingual_v2", "voice_settings": {"speed": 1.1}}
    written = captions.path.read_text("utf-8")
    assert "<00:00:00.500>" in written, "the second word begins with its sixth character, 0.1 s each"
    assert written.count("-->") == 2, "a sentence's end ends a caption"
    assert captions.kind is AssetKind.CAPTIONS


async def test_a_voice_that_is_not_there_is_named(services: Services, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r'"Georg".*George'):
        await opened("elevenlabs", services, tmp_path).fetch("speech?text=Hi&voice=Georg", tmp_path)


@pytest.mark.parametrize(
    ("name", "asset_id", "path"),
    [
        ("elevenlabs", "song?text=x", None),
        ("elevenlabs", "speech?text=", "text"),
        ("elevenlabs", f"speech?text={'a' * 10_001}", "text"),
        ("elevenlabs", "speech?text=x&rate=2", "rate"),
        ("elevenlabs", "speech?text=x&lead=1", "lead"),
        ("openai", "song?prompt=x", None),
        ("openai", f"speech?text={'a' * 4097}", "text"),
        ("openai", "image?prompt=x&size=big", "size"),
        ("openai", "image?text=x", "text"),
        ("openai", "text?prompt=x&format=xml", "format"),
        ("openai", "speech?text=x&rate=5", "rate"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_sent(
    name: str, asset_id: str, path: str | None, services: Services, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await opened(name, services, tmp_path).fetch(asset_id, tmp_path)
    assert refusal.value.path == path
    assert services.asked == []


async def test_texts_are_written(services: Services, tmp_path: Path) -> None:
    provider = opened("openai", services, tmp_path / "own", text_model="llama-4")
    into = tmp_path / "into"
    into.mkdir()
    written = await provider.fetch("text?prompt=Why, 1+1 & 2?", into)
    assert written.path.read_text("utf-8") == "You said: Why, 1+1 & 2?"
    assert services.bodies[-1]["model"] == written.extra["model"] == "llama-4"
    again = await provider.fetch("text?prompt=Why, 1+1 & 2?", into)
    assert len(services.asked) == 1, "the same request is paid for once"
    assert again.path.read_bytes() == written.path.read_bytes()
    as_json = await provider.fetch("text?prompt=Why?&format=json", into)
    assert json.loads(as_json.path.read_text("utf-8")) == {"answer": 42}


async def test_pictures_come_inline_or_by_address(services: Services, tmp_path: Path) -> None:
    for model in ("gpt-image-1", "dall-e-3"):
        provider = opened("openai", services, tmp_path / model, image_model=model)
        drawn = await provider.fetch("image?prompt=a hill&size=1536x1024", tmp_path)
        assert drawn.path.read_bytes() == picture()
        assert services.bodies[1 if model == "dall-e-3" else 0]["size"] == "1536x1024"


async def test_speech_is_made(services: Services, tmp_path: Path) -> None:
    spoken = await opened("openai", services, tmp_path / "own", voice="nova").fetch("speech?text=Hello", tmp_path)
    assert spoken.path.read_bytes() == SOUND
    assert services.bodies[-1] == {
        "model": "gpt-4o-mini-tts",
        "input": "Hello",
        "voice": "nova",
        "response_format": "mp3",
        "speed": 1.0,
    }


async def test_what_failed_is_not_kept(services: Services, tmp_path: Path) -> None:
    provider = opened("openai", services, tmp_path / "own")
    services.mishaps.append((500, {}, b"{}"))
    with pytest.raises(NotReady):
        await provider.fetch("text?prompt=x", tmp_path)
    assert len(services.asked) == 1, "what costs money is not sent twice"
    assert list((tmp_path / "own" / "made").iterdir()) == []
    assert (await provider.fetch("text?prompt=x", tmp_path)).path.is_file()
