"""Providers of stock media, against services that answer as the real ones do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.api import (
    AssetKind,
    AssetOffer,
    AssetProvider,
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
from plugins.providers.stock import coverr, freesound, jamendo, openverse, pexels, pixabay
from tests.support.services import FILM, FOUND, KEY, SOUND, Services, picture

ALL = {"pexels": pexels, "pixabay": pixabay, "openverse": openverse, "freesound": freesound, "jamendo": jamendo}
ALL = {**ALL, "coverr": coverr}
KINDS = {
    "pexels": AssetKind.VIDEO,
    "pixabay": AssetKind.VIDEO,
    "openverse": AssetKind.IMAGE,
    "freesound": AssetKind.AUDIO,
    "jamendo": AssetKind.AUDIO,
    "coverr": AssetKind.VIDEO,
}
IDS = {
    "pexels": "video/201",
    "pixabay": "video/401",
    "openverse": "image/0aff3595-8168-440b-83ff-7a80b65dea01",
    "freesound": "sound/501",
    "jamendo": "track/601",
    "coverr": "video/kXaW7yTLi1",
}
each_of_all = pytest.mark.parametrize("name", ALL)


def declared(name: str) -> AssetProvider:
    [found] = ALL[name].reelhouse_asset_providers()
    return found


def opened(
    name: str, services: Services, folder: Path, *, key: str = KEY, keeps: bool = False, **config: Any
) -> Provider:
    provider = declared(name)
    values, complaints = parse_values(
        provider.params, {"endpoint": f"{services.address}/{name}", **config}, path="config"
    )
    assert not complaints
    return provider.open(
        PluginContext(
            plugin_id=f"reelhouse.{name}",
            folder=folder,
            config=values,
            granted_http=services.client(keeps=keeps),
            granted_secrets={"api_key": key},
        )
    )


async def found(provider: Provider, kind: AssetKind, text: str = "trees", **how: int) -> Mapping[str, AssetOffer]:
    page = await provider.search(Search(text=text, kind=kind, **how))
    return {each.id: each for each in page.offers}


@each_of_all
def test_each_keeps_the_contract_of_all_providers(name: str, services: Services, tmp_path: Path) -> None:
    check_provider(
        declared(name),
        tmp_path,
        config={"endpoint": f"{services.address}/{name}"},
        search="trees",
        http=services.client(),
        secrets={"api_key": KEY if name != "openverse" else f"client:{KEY}"},
    )


@each_of_all
async def test_pages_follow_each_other_until_everything_was_told(name: str, services: Services, tmp_path: Path) -> None:
    provider = opened(name, services, tmp_path, key="" if name == "openverse" else KEY)
    number: int | None = 1
    ids: list[str] = []
    while number:
        page = await provider.search(Search(text="trees", kind=KINDS[name], page=number, per_page=3))
        assert page.total == FOUND
        ids += [each.id for each in page.offers]
        number = page.next_page
    # One of Jamendo's tracks may not be downloaded.
    assert len(ids) == len(set(ids)) == (FOUND - 1 if name == "jamendo" else FOUND)


@each_of_all
async def test_a_wrong_key_is_told_and_never_shown(name: str, services: Services, tmp_path: Path) -> None:
    wrong = "wr0ng-k3y-of-somebody"
    provider = opened(name, services, tmp_path, key=f"client:{wrong}" if name == "openverse" else wrong)
    with pytest.raises(AuthFailed) as refusal:
        await provider.search(Search(text="trees", kind=KINDS[name]))
    assert wrong not in str(refusal.value)
    assert wrong not in repr(refusal.value.__cause__)


@each_of_all
async def test_a_busy_service_is_asked_again_and_then_told(name: str, services: Services, tmp_path: Path) -> None:
    provider = opened(name, services, tmp_path, key="" if name == "openverse" else KEY)
    services.mishaps += [(503, {}, b"")] * 2
    assert await found(provider, KINDS[name])
    assert len(services.asked) == 3
    services.mishaps.append((429, {"Retry-After": "42"}, b""))
    with pytest.raises(NotReady, match="asked too often") as refusal:
        await provider.search(Search(text="trees", kind=KINDS[name]))
    assert refusal.value.retry_after == 42


@each_of_all
async def test_an_error_is_not_kept_and_not_taken_for_nothing(name: str, services: Services, tmp_path: Path) -> None:
    provider = opened(name, services, tmp_path, key="" if name == "openverse" else KEY, keeps=True)
    services.mishaps += [(500, {"Cache-Control": "max-age=60"}, b"")]
    with pytest.raises(NotReady, match="500"):
        await provider.search(Search(text="trees", kind=KINDS[name]))
    assert await found(provider, KINDS[name])


@each_of_all
async def test_nonsense_is_told_as_such(name: str, services: Services, tmp_path: Path) -> None:
    provider = opened(name, services, tmp_path, key="" if name == "openverse" else KEY)
    for nonsense in (b"<html>", b"[]", b'{"hits": 3}', b"\xff\xfe"):
        services.mishaps.append((200, {}, nonsense))
        with pytest.raises(NotReady, match="can't be understood"):
            await provider.search(Search(text="trees", kind=KINDS[name]))


@each_of_all
async def test_nothing_found_is_no_error(name: str, services: Services, tmp_path: Path) -> None:
    provider = opened(name, services, tmp_path, key="" if name == "openverse" else KEY)
    page = await provider.search(Search(text="nothing", kind=KINDS[name]))
    assert (page.offers, page.total, page.next_page) == ((), 0, None)


@each_of_all
async def test_what_is_fetched_carries_its_terms(name: str, services: Services, tmp_path: Path) -> None:
    provider = opened(name, services, tmp_path, key="" if name == "openverse" else KEY)
    folder = tmp_path / "into"
    folder.mkdir()
    fetched = await provider.fetch(IDS[name], folder)
    assert fetched.licence.id
    assert fetched.licence.url.startswith("http")
    assert fetched.licence.attribution
    assert fetched.source_url.startswith("https://")
    expected = {AssetKind.VIDEO: FILM, AssetKind.IMAGE: picture(), AssetKind.AUDIO: SOUND}[KINDS[name]]
    assert fetched.path.read_bytes() == expected
    assert [each.name for each in folder.iterdir()] == [fetched.path.name]


@each_of_all
async def test_an_id_can_not_lead_elsewhere(name: str, services: Services, tmp_path: Path) -> None:
    provider = opened(name, services, tmp_path, key="" if name == "openverse" else KEY)
    word = IDS[name].partition("/")[0]
    for bad in (
        "",
        word,
        f"{word}/",
        f"{word}/../search",
        f"{word}/1?x=1",
        f"{word}/1#",
        "other/1",
        f"{word}/{'1' * 90}",
    ):
        with pytest.raises(InvalidInput):
            await provider.fetch(bad, tmp_path)
    assert services.asked == []


async def test_pexels_takes_the_smallest_film_that_is_large_enough(services: Services, tmp_path: Path) -> None:
    for wanted, taken in ((240, 360), (720, 720), (721, 1080), (1080, 1080), (4320, 2160)):
        services.asked.clear()
        await opened("pexels", services, tmp_path, shortest_side=wanted).fetch("video/200", tmp_path)
        assert services.asked[-1] == f"GET /files/0-{taken}.mp4"


async def test_pexels_credits_as_it_asks_to(services: Services, tmp_path: Path) -> None:
    provider = opened("pexels", services, tmp_path)
    photos = await found(provider, AssetKind.IMAGE)
    assert photos["photo/101"].title == "Green trees"
    assert photos["photo/100"].title == "Photo 100"
    assert photos["photo/101"].licence.attribution == "Photo by Lukas Rodriguez on Pexels"
    films = await found(provider, AssetKind.VIDEO)
    assert films["video/203"].title == "Waves at dawn"
    assert films["video/203"].duration == 22


async def test_pixabay_is_asked_once_in_24_hours(services: Services, tmp_path: Path) -> None:
    provider = opened("pixabay", services, tmp_path, keeps=True)
    for _ in range(3):
        assert await found(provider, AssetKind.IMAGE)
    assert len(services.asked) == 1
    assert await found(provider, AssetKind.IMAGE, "other words")
    assert len(services.asked) == 2


async def test_openverse_works_without_a_key_on_smaller_pages(services: Services, tmp_path: Path) -> None:
    assert await found(opened("openverse", services, tmp_path, key=""), AssetKind.IMAGE, per_page=80)
    assert "page_size=20" in services.asked[0]
    services.asked.clear()
    keyed = opened("openverse", services, tmp_path, key=f"client:{KEY}")
    for _ in range(2):
        assert await found(keyed, AssetKind.IMAGE, per_page=50)
    assert [each.split("?")[0] for each in services.asked].count("GET /openverse/v1/images/") == 2
    assert len(services.asked) <= 3, "a token holds for hours"
    assert "page_size=50" in services.asked[-1]


async def test_openverse_licences_are_read(services: Services, tmp_path: Path) -> None:
    pictures = await found(opened("openverse", services, tmp_path, key="", use="all"), AssetKind.IMAGE)
    free, bound = list(pictures.values())[:2]
    assert (free.licence.id, free.licence.flags) == ("CC0-1.0", frozenset())
    assert (bound.licence.id, bound.licence.flags) == ("CC-BY-NC-SA-4.0", frozenset({"nc", "sa"}))
    assert bound.licence.attribution == '"Tree 1" by John Doe is licensed under CC BY-NC-SA 4.0.'
    assert "license_type" not in services.asked[0]
    sounds = await found(opened("openverse", services, tmp_path, key=""), AssetKind.AUDIO)
    assert next(iter(sounds.values())).duration == 93.5
    assert "license_type=commercial" in services.asked[1]


async def test_freesound_filters_by_licence(services: Services, tmp_path: Path) -> None:
    await found(opened("freesound", services, tmp_path), AssetKind.AUDIO)
    assert "filter=license%3A%28%22Creative%20Commons%200%22%20OR%20%22Attribution%22%29" in services.asked[0]
    fetched = await opened("freesound", services, tmp_path).fetch("sound/502", tmp_path)
    assert services.asked[-1] == "GET /files/2-hq.mp3"
    assert fetched.licence.id == "CC-BY-4.0"


async def test_jamendo_respects_who_does_not_give_away(services: Services, tmp_path: Path) -> None:
    provider = opened("jamendo", services, tmp_path)
    tracks = await found(provider, AssetKind.AUDIO)
    assert "track/603" not in tracks
    assert tracks["track/601"].licence.flags == {"nc", "nd"}
    assert "ccnc=false" in services.asked[0]
    with pytest.raises(NotFound, match="to download"):
        await provider.fetch("track/603", tmp_path)
    assert not [each for each in services.asked if "/files/" in each]


async def test_coverr_is_told_of_downloads(services: Services, tmp_path: Path) -> None:
    films = await found(opened("coverr", services, tmp_path), AssetKind.VIDEO)
    assert films["video/kXaW7yTLi1"].duration == 14.5
    assert "page=0" in services.asked[0]
    await opened("coverr", services, tmp_path).fetch("video/kXaW7yTLi2", tmp_path)
    assert services.asked[-1] == "GET /files/2-download.mp4"
