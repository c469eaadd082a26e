"""What providers deliver is fetched once, kept whole, and remembered with its licence."""

from pathlib import Path

import pytest

from core.api import AssetKind, FetchedAsset, Licence, NotReady
from core.render.store import GatheredStore, sha256_of


def asset_in(folder: Path, content: bytes = b"sound") -> FetchedAsset:
    (folder / "a.wav").write_bytes(content)
    return FetchedAsset(
        path=folder / "a.wav",
        kind=AssetKind.AUDIO,
        licence=Licence(id="CC-BY-4.0", url="https://x.example", attribution="By A", flags=frozenset({"nc"})),
        title="A",
        creator="B",
        extra={"seed": "7"},
    )


def test_an_asset_is_fetched_once_and_comes_back_with_its_provenance(tmp_path: Path) -> None:
    fetched = []

    def fetch(folder: Path) -> FetchedAsset:
        fetched.append(folder)
        return asset_in(folder)

    store = GatheredStore(tmp_path / "kept")
    first, second = store.get("tone 1.0 a", fetch), store.get("tone 1.0 a", fetch)
    assert len(fetched) == 1
    assert first == second
    assert first.path.read_bytes() == b"sound"
    assert (first.licence.attribution, first.licence.flags, first.extra) == ("By A", {"nc"}, {"seed": "7"})


def test_another_version_of_the_provider_is_asked_anew(tmp_path: Path) -> None:
    store = GatheredStore(tmp_path)
    one = store.get("tone 1.0 a", asset_in)
    two = store.get("tone 1.1 a", lambda folder: asset_in(folder, b"better"))
    assert (one.path.read_bytes(), two.path.read_bytes()) == (b"sound", b"better")


def test_a_failed_fetch_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> FetchedAsset:
        (folder / "half.wav").write_bytes(b"ha")
        raise NotReady("later")

    with pytest.raises(NotReady):
        GatheredStore(tmp_path / "kept").get("tone 1.0 a", fail)
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_hash_is_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_of(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_what_may_change_is_fetched_each_time(tmp_path: Path) -> None:
    store = GatheredStore(tmp_path)
    store.get("files /a", asset_in, is_stable=False)
    later = store.get("files /a", lambda folder: asset_in(folder, b"changed"), is_stable=False)
    assert later.path.read_bytes() == b"changed"
