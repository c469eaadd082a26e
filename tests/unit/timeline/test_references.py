"""Every file a timeline names is found, wherever it stands; what only plugins read is not probed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.api import Catalogue, InvalidInput, Parameter
from core.host.host import PluginHost
from core.media.compositor import Compositor
from core.media.probe import probe
from core.render.gather import gather
from core.render.preparing import prepare
from core.render.store import GatheredStore
from core.timeline.complaints import InvalidTimeline
from core.timeline.parsing import parse_timeline
from core.timeline.references import MediaReference, reference_fault, referenced_media, used_contributions
from tests.support.timelines import FILM, PHOTO, SONG, clip, document, film, written

LUT = {"use": "color.lut", "params": {"file": "file:swap.cube"}}
SWAP_RED_AND_BLUE = "LUT_3D_SIZE 2\n" + "".join(f"{b} {g} {r}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))


def test_every_reference_is_found_with_its_place_and_use(catalogue: Catalogue) -> None:
    inner = document(clip(asset={"type": "image", "src": PHOTO}), captions=[{"src": "file:in.srt"}])
    value = document(
        film(mask=PHOTO, effects=[LUT, {"use": "blur"}], layouts={"1:1": {"mask": "file:tall.png"}}),
        clip(2, asset={"type": "timeline", "timeline": inner}),
        clip(4, asset={"type": "audio", "src": SONG}),
        audio={"clips": [{"start": 0, "asset": {"type": "audio", "src": "file:bed.wav"}}]},
        captions=[{"src": "file:a.vtt"}],
    )
    first, second = "tracks[0].clips[0]", "tracks[0].clips[1].asset.timeline."
    assert list(referenced_media(parse_timeline(written(value)), catalogue)) == [
        MediaReference(src=FILM, path=f"{first}.asset.src"),
        MediaReference(src=PHOTO, path=f"{first}.mask"),
        MediaReference(src="file:tall.png", path=f"{first}.layouts.1:1.mask"),
        MediaReference(
            src="file:swap.cube",
            path=f"{first}.effects[0].params.file",
            parameter=catalogue.effects["color.lut"].params[0],
        ),
        MediaReference(src=PHOTO, path=f"{second}tracks[0].clips[0].asset.src"),
        MediaReference(src="file:in.srt", path=f"{second}captions[0].src", is_captions=True),
        MediaReference(src=SONG, path="tracks[0].clips[2].asset.src"),
        MediaReference(src="file:bed.wav", path="audio.clips[0].asset.src"),
        MediaReference(src="file:a.vtt", path="captions[0].src", is_captions=True),
    ]


@pytest.mark.parametrize(
    "src",
    ["file:a.mp4", "file:clips/été.mp4", "asset:ast_01J-x", "provider:acme.stock/1?x=2", "https://example.com/a.mp4"],
)
def test_well_formed_references_have_no_fault(src: str) -> None:
    assert reference_fault(src) is None


@pytest.mark.parametrize(
    "src",
    ["", "a.mp4", "file:", "file:/etc/passwd", "file:a/../../b", "file:a\\b", "file:a\0b", "asset:", "asset:a/b",
     "provider:x", "provider:/x", "https:", "https:/a", "http://example.com/a", "data:text/plain,x", "FILE:a"],
)  # fmt: skip
def test_other_references_are_refused(src: str) -> None:
    assert reference_fault(src) is not None


@pytest.fixture
def host(tmp_path: Path) -> PluginHost:
    return PluginHost.load(home=tmp_path / "home")


def test_a_cube_file_named_by_an_effect_reaches_the_pixels(tmp_path: Path, host: PluginHost) -> None:
    (tmp_path / "swap.cube").write_text(SWAP_RED_AND_BLUE, "utf-8")
    value = document(clip(asset={"type": "color", "color": "#c02010"}, effects=[LUT]))
    prepared = prepare(
        written(value), root=tmp_path, home=tmp_path / "home", host=host, probe=lambda path, _content: probe(path)
    )
    file = prepared.materials.media["file:swap.cube"]
    assert (file.path, file.probe.kind, file.probe.duration) == (tmp_path / "swap.cube", "data", None)
    compositor = Compositor(prepared.plan, prepared.materials)
    try:
        pixels = compositor.frame(10).to_ndarray(format="rgb24")
    finally:
        compositor.close()
    assert np.abs(pixels[90, 160].astype(int) - (0x10, 0x20, 0xC0)).max() <= 4


def test_a_file_that_is_read_as_data_and_shown_is_probed_for_what_is_shown(tmp_path: Path, host: PluginHost) -> None:
    Image.new("RGB", (64, 32), "red").save(tmp_path / "both.png")
    lut = {"use": "color.lut", "params": {"file": "file:both.png"}}
    catalogue = host.catalogue()
    unchecked = replace(catalogue.effects["color.lut"].params[0], check=None)
    effects = {"color.lut": replace(catalogue.effects["color.lut"], params=(unchecked,))}
    picture = {"type": "image", "src": "file:both.png"}
    for clips in ([clip(effects=[lut]), clip(2, asset=picture)], [clip(asset=picture), clip(2, effects=[lut])]):
        gathered = gather(
            parse_timeline(written(document(*clips))),
            root=tmp_path,
            host=host,
            catalogue=replace(catalogue, effects=effects),
            store=GatheredStore(tmp_path / "gathered"),
            probe=lambda path, _content: probe(path),
            on_event=lambda _event: None,
        )
        assert gathered.media["file:both.png"].probe.kind == "image"


def test_a_file_that_is_no_lookup_table_is_refused_at_each_place_and_read_once(
    tmp_path: Path, host: PluginHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "swap.cube").write_text("LUT_3D_SIZE 2\n0 0 0\n", "utf-8")
    looked: list[Path] = []
    checked = host.check_file

    def check_file(parameter: Parameter, path: Path) -> None:
        looked.append(path)
        checked(parameter, path)

    monkeypatch.setattr(host, "check_file", check_file)
    with pytest.raises(InvalidTimeline) as caught:
        gather(
            parse_timeline(written(document(clip(effects=[LUT, LUT])))),
            root=tmp_path,
            host=host,
            catalogue=host.catalogue(),
            store=GatheredStore(tmp_path / "gathered"),
            probe=lambda path, _content: probe(path),
            on_event=lambda _event: None,
        )
    wrong = "swap.cube: not a .cube lookup table: it has 1 entries instead of 8"
    assert [(each.path, each.message, each.code) for each in caught.value.complaints] == [
        (f"tracks[0].clips[0].effects[{number}].params.file", wrong, "invalid_input") for number in (0, 1)
    ]
    assert looked == [tmp_path / "swap.cube"]


def test_broken_captions_are_refused_with_their_place_and_line(tmp_path: Path, host: PluginHost) -> None:
    (tmp_path / "a.srt").write_text("1\nnever\n", "utf-8")
    value = document(clip(), captions=[{"src": "file:a.srt"}])
    with pytest.raises(InvalidTimeline) as caught:
        prepare(
            written(value), root=tmp_path, home=tmp_path / "home", host=host, probe=lambda path, _content: probe(path)
        )
    (complaint,) = caught.value.complaints
    assert complaint.path == "captions[0].src"
    assert complaint.message.startswith("line 2: expected a time")
    assert complaint.code == InvalidInput.code


def test_a_missing_data_file_is_refused_with_its_place(tmp_path: Path, host: PluginHost) -> None:
    with pytest.raises(InvalidTimeline) as caught:
        prepare(
            written(document(clip(effects=[LUT]))),
            root=tmp_path,
            home=tmp_path / "home",
            host=host,
            probe=lambda path, _content: probe(path),
        )
    assert [complaint.path for complaint in caught.value.complaints] == ["tracks[0].clips[0].effects[0].params.file"]


def test_all_that_a_timeline_takes_from_plugins_is_named_before_any_plugin_is_loaded() -> None:
    inner = document(
        clip(effects=[{"use": "color.lut", "params": {"file": "provider:looks/warm.cube", "mix": 1}}]),
        output={"encoder": "png"},
    )
    value = document(
        clip(
            asset={"type": "image", "src": "provider:stock/a/b"},
            mask="file:m.png",
            enter={"use": "rise", "duration": 1},
        ),
        clip(1.5, asset={"type": "timeline", "timeline": inner}, transition={"use": "acme.warp", "duration": 0.5}),
        output={"encoder": "gif", "renditions": [{"encoder": "webm-vp9"}, {"width": 160}]},
        captions=[{"src": "provider:voice/speech?text=Hi"}],
    )
    assert used_contributions(parse_timeline(written(value))) == {
        "gif", "webm-vp9", "png", "stock", "rise", "acme.warp", "color.lut", "looks", "voice",
    }  # fmt: skip
