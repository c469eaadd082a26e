"""The library delivers files of its folder, with their credits, and nothing else."""

import json
from pathlib import Path

import pytest

from core.api import AssetKind, ConfigInvalid, InvalidInput, NotFound, PluginContext, Search, Values
from plugins.providers.library.folder import Library


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    (folder / "sea").mkdir(parents=True)
    (folder / "sea" / "dawn.mp4").write_bytes(b"video")
    (folder / "sea" / "dusk.mp4").write_bytes(b"video two")
    (folder / "logo.png").write_bytes(b"picture")
    (folder / "looks").mkdir()
    (folder / "looks" / "Warm.CUBE").write_text("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n")
    (folder / "notes.txt").write_text("not media")
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    known = {
        "title": "Dawn",
        "creator": "Ada",
        "source_url": "https://x.example/dawn",
        "licence": {"id": "CC-BY-4.0", "attribution": "Dawn by Ada", "flags": ["sa"]},
    }
    (folder / "sea" / "dawn.mp4.credits.json").write_text(json.dumps(known))
    return folder


def library(root: Path | None, tmp_path: Path, folder: str = "") -> Library:
    return Library(
        PluginContext(plugin_id="reelhouse.library", folder=tmp_path, config=Values({"folder": folder}), root=root)
    )


async def test_a_file_is_copied_with_its_credits(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "new"
    target.mkdir()
    asset = await library(root, tmp_path).fetch("sea/dawn.mp4", target)
    assert asset.path == target / "dawn.mp4"
    assert asset.path.read_bytes() == b"video"
    assert (asset.kind, asset.title, asset.creator) == (AssetKind.VIDEO, "Dawn", "Ada")
    assert (asset.licence.id, asset.licence.attribution, asset.licence.flags) == ("CC-BY-4.0", "Dawn by Ada", {"sa"})


async def test_a_file_without_credits_has_an_unknown_licence(root: Path, tmp_path: Path) -> None:
    asset = await library(None, tmp_path, str(root)).fetch("logo.png", tmp_path)
    assert (asset.title, asset.licence.id) == ("logo", "unknown")


@pytest.mark.parametrize("hostile", ["../secret.mp4", "/etc/passwd", "sea/../../secret.mp4", "", "a\0b", "way-out.mp4"])
async def test_a_path_that_leads_out_is_refused_and_nothing_is_copied(root: Path, tmp_path: Path, hostile: str) -> None:
    (root / "way-out.mp4").symlink_to(tmp_path / "secret.mp4")
    target = tmp_path / "new"
    target.mkdir()
    with pytest.raises(InvalidInput):
        await library(root, tmp_path).fetch(hostile, target)
    assert list(target.iterdir()) == []


async def test_a_lookup_table_is_delivered_and_found_as_data(root: Path, tmp_path: Path) -> None:
    shelf = library(root, tmp_path)
    asset = await shelf.fetch("looks/Warm.CUBE", tmp_path)
    assert (asset.kind, asset.title, asset.path.name) == (AssetKind.DATA, "Warm", "Warm.CUBE")
    assert asset.path.read_text() == (root / "looks" / "Warm.CUBE").read_text()
    page = await shelf.search(Search(text="warm", kind=AssetKind.DATA))
    assert [(offer.id, offer.kind) for offer in page.offers] == [("looks/Warm.CUBE", AssetKind.DATA)]


async def test_what_is_not_there_or_of_no_use_is_said(root: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"sea/noon\.mp4"):
        await library(root, tmp_path).fetch("sea/noon.mp4", tmp_path)
    with pytest.raises(InvalidInput, match=r"notes\.txt can't be delivered"):
        await library(root, tmp_path).fetch("notes.txt", tmp_path)


async def test_search_finds_by_words_and_kind_page_by_page(root: Path, tmp_path: Path) -> None:
    (root / "way-out.mp4").symlink_to(tmp_path / "secret.mp4")
    shelf = library(root, tmp_path)
    first = await shelf.search(Search(text="", kind=AssetKind.VIDEO, per_page=1))
    assert ([offer.id for offer in first.offers], first.total, first.next_page) == (["sea/dawn.mp4"], 2, 2)
    second = await shelf.search(Search(text="", kind=AssetKind.VIDEO, per_page=1, page=2))
    assert ([offer.id for offer in second.offers], second.next_page) == (["sea/dusk.mp4"], None)
    assert (await shelf.search(Search(text="sea DAWN", kind=AssetKind.VIDEO))).total == 1
    assert (await shelf.search(Search(text="dawn", kind=AssetKind.IMAGE))).total == 0


async def test_broken_credits_are_named(root: Path, tmp_path: Path) -> None:
    (root / "logo.png.credits.json").write_text("{not json")
    shelf = library(root, tmp_path)
    with pytest.raises(InvalidInput, match=r"logo\.png\.credits\.json"):
        await shelf.fetch("logo.png", tmp_path)
    assert not (tmp_path / "logo.png").exists()
    [offer] = (await shelf.search(Search(text="logo", kind=AssetKind.IMAGE))).offers
    assert (offer.title, offer.licence.id) == ("logo", "unknown")


async def test_credits_that_lie_outside_are_not_read(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text('{"title": "secret"}')
    (root / "logo.png.credits.json").symlink_to(tmp_path / "outside.json")
    assert (await library(root, tmp_path).fetch("logo.png", tmp_path)).title == "logo"


def test_a_missing_folder_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        library(None, tmp_path, str(tmp_path / "nowhere"))
    assert caught.value.field == "folder"
