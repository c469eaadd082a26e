"""What lies beside a video, and the renditions made with it."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from tests.support.rendering import render_document
from tests.support.sync import write_flash_and_beep


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    write_flash_and_beep(tmp_path / "clip.mp4", fps=Fraction(30), seconds=2)
    Image.new("RGB", (64, 64), (255, 0, 0)).save(tmp_path / "red.png")
    square = {"start": 0, "duration": "end", "width": 0.25, "height": 0.25, "x": 0.2, "fit": "stretch"}
    return {
        "version": 1,
        "output": {"width": 320, "height": 180, "fps": 30, "quality": "draft"},
        "tracks": [
            {"clips": [{"start": 0, "asset": {"type": "video", "src": "file:clip.mp4"}}]},
            {
                "clips": [
                    {
                        **square,
                        "asset": {"type": "image", "src": "file:red.png"},
                        "layouts": {"9:16": {"x": 0.5, "y": 0.9}},
                    }
                ]
            },
        ],
    }


def names(folder: Path) -> set[str]:
    return {path.name for path in (folder / "out").iterdir()}


def test_poster_storyboard_and_waveform_lie_beside_the_video(tmp_path: Path, document: dict[str, Any]) -> None:
    document["output"] |= {"poster": {"at": 1}, "storyboard": True, "waveform": True}
    report = render_document(document, tmp_path)
    assert names(tmp_path) == {
        "out.mp4",
        "out.poster.jpg",
        "out.storyboard.jpg",
        "out.storyboard.vtt",
        "out.waveform.json",
    }
    assert {Path(path).name for path in report.files} == names(tmp_path)
    with Image.open(tmp_path / "out" / "out.poster.jpg") as poster:
        assert poster.size == (320, 180)
        assert min(poster.getpixel((300, 20))) > 200  # the flash at one second
    index = (tmp_path / "out" / "out.storyboard.vtt").read_text()
    assert index.startswith("WEBVTT\n\n00:00:00.000 --> ")
    assert "out.storyboard.jpg#xywh=160,0,160,90" in index
    with Image.open(tmp_path / "out" / "out.storyboard.jpg") as sprite:
        assert sprite.size == (640, 90)  # one each half second
    peaks = json.loads((tmp_path / "out" / "out.waveform.json").read_text())
    assert len(peaks) == 1000
    assert max(high for _, high in peaks) > 0.3


def test_a_rendition_has_its_own_size_encoder_and_layout(tmp_path: Path, document: dict[str, Any]) -> None:
    document["output"]["renditions"] = [{"width": 180, "height": 320}, {"encoder": "gif"}]
    render_document(document, tmp_path)
    assert names(tmp_path) == {"out.mp4", "out-180x320.mp4", "out-320x180.gif"}
    with av.open(str(tmp_path / "out" / "out-180x320.mp4")) as container:
        upright = list(container.decode(video=0))[10].to_ndarray(format="rgb24")
    with av.open(str(tmp_path / "out" / "out.mp4")) as container:
        wide = list(container.decode(video=0))[10].to_ndarray(format="rgb24")
    assert wide[90, 64, 0] > 200
    assert upright[288, 90, 0] > 200
    assert upright[160, 36, 0] < 60


def test_captions_are_delivered_as_they_were_asked_for(tmp_path: Path, document: dict[str, Any]) -> None:
    document["captions"] = [
        {"cues": [{"start": 0.5, "end": 1.5, "text": "Bonjour"}], "language": "fr", "mode": ["sidecar", "soft"]}
    ]
    render_document(document, tmp_path)
    assert names(tmp_path) == {"out.mp4", "out.fr.srt", "out.fr.vtt"}
    assert (tmp_path / "out" / "out.fr.srt").read_text() == "1\n00:00:00,500 --> 00:00:01,500\nBonjour\n"
    with av.open(str(tmp_path / "out" / "out.mp4")) as container:
        assert [stream.language for stream in container.streams.subtitles] == ["fra"]


def test_credits_and_rights_follow_the_assets(tmp_path: Path, document: dict[str, Any]) -> None:
    known = {"title": "Red", "creator": "Ada", "licence": {"id": "CC-BY-4.0", "attribution": "Red by Ada, CC BY 4.0"}}
    (tmp_path / "red.png.credits.json").write_text(json.dumps(known))
    document["tracks"][1]["clips"][0]["asset"]["src"] = "provider:library/red.png"
    render_document(document, tmp_path)
    assert (tmp_path / "out" / "out.credits.txt").read_text() == "Red by Ada, CC BY 4.0\n"
    [entry] = json.loads((tmp_path / "out" / "out.rights.json").read_text())
    assert (entry["src"], entry["licence"], entry["creator"]) == ("provider:library/red.png", "CC-BY-4.0", "Ada")


def test_a_second_render_replaces_the_first_and_leaves_nothing_else(tmp_path: Path, document: dict[str, Any]) -> None:
    first = render_document(document, tmp_path)
    document["tracks"][1]["clips"][0]["x"] = 0.8
    second = render_document(document, tmp_path)
    assert first.output == second.output
    assert names(tmp_path) == {"out.mp4"}
    assert [span.key for span in first.spans] != [span.key for span in second.spans]
