"""What is finished is not made again: unchanged, edited, damaged, repeated, in several sizes, by several workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from core.render.events import Outcome, Planned, SegmentDone
from core.render.report import RenderReport
from tests.support.studio import Studio, content_of
from tests.support.sync import write_flash_and_beep

type Json = Any


@pytest.fixture
def document(tmp_path: Path) -> Json:
    write_flash_and_beep(tmp_path / "clip.mp4", fps=Fraction(30), seconds=6, size=(160, 90))
    picture = {"type": "video", "src": "file:clip.mp4"}
    return {
        "version": 1,
        "output": {
            "width": 160,
            "height": 90,
            "fps": 30,
            "quality": {"crf": 30, "preset": "ultrafast", "copy": "never"},
        },
        "tracks": [
            {
                "clips": [
                    {"start": 0, "duration": 5, "asset": picture},
                    {
                        "start": 4.5,
                        "duration": 5,
                        "asset": picture | {"in": 0.5},
                        "transition": {"use": "fade", "duration": 0.5},
                    },
                    {
                        "start": 9.5,
                        "duration": 5,
                        "asset": {"type": "gradient", "stops": [[0, "#101418"], [1, "#ff9a5a"]]},
                    },
                ]
            },
            {"clips": [{"start": 10, "duration": 2, "asset": {"type": "text", "text": "One", "size": 0.3}}]},
        ],
    }


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def outcomes(report: RenderReport) -> list[str]:
    return [segment.outcome for segment in report.segments]


def packets(path: str) -> list[bytes]:
    with av.open(path) as container:
        return [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size]


@contextmanager
def no_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every start of a worker fail."""

    def refuse(*_given: object, **_named: object) -> None:
        raise AssertionError("a worker was started")

    with monkeypatch.context() as patched:
        patched.setattr("core.cage.Cage.start", refuse)
        yield


def test_an_unchanged_render_starts_no_worker(studio: Studio, document: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    document["output"] |= {"storyboard": True, "waveform": True, "poster": {"at": 1}}
    first = studio.render(document)
    written = {path: Path(path).read_bytes() for path in first.files}
    with no_worker(monkeypatch):
        second = studio.render(document)
    assert set(outcomes(first)) == {Outcome.RENDERED}
    assert set(outcomes(second)) == {Outcome.CACHED}
    assert second.spans == ()
    assert {path: Path(path).read_bytes() for path in second.files} == written
    assert (second.loudness, second.true_peak) == (first.loudness, first.true_peak)


def test_another_title_renders_its_segments_alone(studio: Studio, document: Json) -> None:
    first = studio.render(document)
    document["tracks"][1]["clips"][0]["asset"]["text"] = "Two"
    second = studio.render(document)
    drawn = [(each.first, each.end) for each in second.segments if each.outcome is Outcome.RENDERED]
    assert drawn
    assert all(begin < 360 and end > 300 for begin, end in drawn)
    kept = [each for each in second.segments if each.outcome is Outcome.CACHED]
    assert {each.key for each in kept} <= {each.key for each in first.segments}
    before, after = packets(first.output), packets(second.output)
    assert len(before) == len(after) == first.frames


def test_moved_sound_renders_no_picture(studio: Studio, document: Json) -> None:
    studio.render(document)
    document["audio"] = {"clips": [{"start": 1, "asset": {"type": "audio", "src": "file:clip.mp4"}, "volume": 0.5}]}
    report = studio.render(document)
    assert set(outcomes(report)) == {Outcome.CACHED}
    assert report.spans == ()


def test_a_damaged_piece_is_rendered_again(studio: Studio, document: Json) -> None:
    first = studio.render(document)
    before = content_of(first.output)
    for piece in studio.ledger:
        piece.write_bytes(piece.read_bytes()[:-1] + b"?")
    second = studio.render(document)
    assert set(outcomes(second)) == {Outcome.RENDERED}
    assert content_of(second.output) == before


def test_renditions_are_drawn_once(studio: Studio, document: Json) -> None:
    alone = studio.render(document)
    document["output"]["renditions"] = [
        {"width": 80, "height": 46},
        {"width": 320, "height": 180},
        {"encoder": "webm-vp9"},
    ]
    report = studio.render(document)
    drawn = sum(span.end - span.first for span in report.spans)
    assert alone.frames <= drawn <= 2 * alone.frames
    sizes = []
    for path in report.files:
        with av.open(path) as container:
            video = container.streams.video[0]
            sizes.append((video.width, video.height))
            assert sum(1 for _ in container.decode(video)) == report.frames
    assert sizes == [(160, 90), (80, 46), (320, 180), (160, 90)]


def test_what_is_shown_twice_is_drawn_once(studio: Studio, document: Json) -> None:
    document["tracks"][0]["clips"] = [
        {"start": 5 * index, "duration": 5, "asset": {"type": "video", "src": "file:clip.mp4"}} for index in range(3)
    ]
    document["tracks"][1]["clips"] = []
    del document["tracks"][1]
    report = studio.render(document)
    assert report.frames == 450
    assert sum(span.end - span.first for span in report.spans) == 150
    pictures = packets(report.output)
    assert pictures[:150] == pictures[150:300] == pictures[300:]


def test_events_tell_of_every_segment_once(studio: Studio, document: Json) -> None:
    report = studio.render(document)
    [planned] = [event for event in studio.events if isinstance(event, Planned)]
    done = [event for event in studio.events if isinstance(event, SegmentDone)]
    assert planned.frames == report.frames
    assert [event.number for event in done] == list(range(1, planned.segments + 1))
    assert sorted((event.first, event.end) for event in done) == [(each.first, each.end) for each in report.segments]


def test_nothing_is_left_of_a_render_but_its_files_and_the_ledger(studio: Studio, document: Json) -> None:
    studio.render(document)
    studio.render(document)
    assert [path.name for path in (studio.folder / "home" / "rendering").iterdir()] == ["lock"]
    assert [path.name for path in (studio.folder / "out").iterdir()] == ["out.mp4"]
