"""What lies beside a video says exactly what can be shown of it and whose it is."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from core.api import AssetKind, FetchedAsset, Licence
from core.render.bundle import write_rights, write_storyboard
from core.render.strips import StripTap
from core.render.work import Piece, Storyboard
from core.timeline.plan import Plan
from tests.support.encoding import flat_frame
from tests.support.plans import plan_of


def strip(path: Path, plan: Plan, first: int, frames: int, *lumas: int) -> Piece:
    """Write a strip of flat thumbnails."""
    tap = StripTap(plan)
    for luma in lumas:
        tap.add(tap.thumbnail(flat_frame(0, luma)))
    tap.write(path)
    return Piece(path=path, first=first, frames=frames)


def board(plan: Plan, *strips: Piece, first: int, end: int) -> Storyboard:
    return Storyboard(plan=plan, strips=strips, name="film.storyboard.jpg", key="sheet", first=first, end=end)


def test_a_storyboard_says_where_each_thumbnail_lies(tmp_path: Path) -> None:
    plan = plan_of(frames=75)
    strips = (strip(tmp_path / "1", plan, 0, 45, 30, 60, 90), strip(tmp_path / "2", plan, 45, 30, 120, 200))
    write_storyboard(board(plan, *strips, first=0, end=75), tmp_path / "sheet", tmp_path / "index")
    assert (tmp_path / "index").read_text() == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:00.500\nfilm.storyboard.jpg#xywh=0,0,160,90\n\n"
        "00:00:00.500 --> 00:00:01.000\nfilm.storyboard.jpg#xywh=160,0,160,90\n\n"
        "00:00:01.000 --> 00:00:01.500\nfilm.storyboard.jpg#xywh=320,0,160,90\n\n"
        "00:00:01.500 --> 00:00:02.000\nfilm.storyboard.jpg#xywh=480,0,160,90\n\n"
        "00:00:02.000 --> 00:00:02.500\nfilm.storyboard.jpg#xywh=640,0,160,90\n"
    )
    with Image.open(tmp_path / "sheet") as sheet:
        assert (sheet.format, sheet.size) == ("JPEG", (800, 90))
        middles = [np.asarray(sheet)[45, 80 + 160 * place, 0] for place in range(5)]
    wanted = [(luma - 16) * 255 / 219 for luma in (30, 60, 90, 120, 200)]
    assert np.allclose(middles, wanted, atol=4)


def test_a_parts_storyboard_counts_from_its_own_beginning(tmp_path: Path) -> None:
    plan = plan_of(frames=200_000)
    first, end = 109_845, 109_875
    strips = (strip(tmp_path / "1", plan, first, 30, 30, 60),)
    write_storyboard(board(plan, *strips, first=first, end=end), tmp_path / "sheet", tmp_path / "index")
    times = [line for line in (tmp_path / "index").read_text().splitlines() if "-->" in line]
    assert times == ["00:00:00.000 --> 00:00:00.500", "00:00:00.500 --> 00:00:01.000"]


def test_a_long_videos_storyboard_has_a_hundred_thumbnails_in_rows_of_ten(tmp_path: Path) -> None:
    plan = plan_of(frames=7300, fps=Fraction(2))
    strips = (strip(tmp_path / "1", plan, 0, 100, *[60] * 100), strip(tmp_path / "2", plan, 100, 7200, *[90] * 400))
    write_storyboard(board(plan, *strips, first=0, end=7300), tmp_path / "sheet", tmp_path / "index")
    text = (tmp_path / "index").read_text()
    assert text.count("-->") == 100
    assert text.endswith("01:00:05.000 --> 01:00:50.000\nfilm.storyboard.jpg#xywh=1440,810,160,90\n")
    with Image.open(tmp_path / "sheet") as sheet:
        assert sheet.size == (1600, 900)


def asset(name: str, attribution: str = "") -> FetchedAsset:
    return FetchedAsset(
        path=Path(name),
        kind=AssetKind.IMAGE,
        licence=Licence(
            id="CC-BY-4.0", url="https://x.example", attribution=attribution, flags=frozenset({"sa", "nc"})
        ),
        title=name,
        creator="Ä. Author",
        source_url="https://y.example",
        extra={"seed": "7"},
    )


def test_rights_are_listed_and_each_credit_shown_once(tmp_path: Path) -> None:
    assets = {
        "provider:a/1": asset("one", "By Ä"),
        "provider:a/2": asset("two", "By Ä"),
        "provider:b/1": asset("three"),
    }
    written = list(write_rights(assets, tmp_path / "film.final"))
    assert [path.name for path in written] == ["film.final.rights.json", "film.final.credits.txt"]
    assert sorted(tmp_path.iterdir()) == sorted(written)
    manifest, shown = (path.read_text(encoding="utf-8") for path in written)
    assert shown == "By Ä\n"
    assert "Ä. Author" in manifest
    assert json.loads(manifest)[0] == {
        "src": "provider:a/1",
        "kind": "image",
        "title": "one",
        "creator": "Ä. Author",
        "source": "https://y.example",
        "licence": "CC-BY-4.0",
        "licence_url": "https://x.example",
        "attribution": "By Ä",
        "flags": ["nc", "sa"],
        "provenance": {"seed": "7"},
    }
    assert [each["src"] for each in json.loads(manifest)] == list(assets)


def test_without_anything_to_credit_no_credits_are_written(tmp_path: Path) -> None:
    assert list(write_rights({}, tmp_path / "film")) == []
    assert [path.name for path in write_rights({"provider:b/1": asset("three")}, tmp_path / "film")] == [
        "film.rights.json"
    ]
