"""Whatever is killed whenever: what was finished stays, the next render goes on, and nothing else is left."""

import random
import signal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.support.amount import amount
from tests.support.studio import content_of
from tests.support.sync import write_flash_and_beep
from tests.support.undertaker import Render, orphans_waited_for, unfinished, write_timeline

SEGMENTS = 4


@pytest.fixture
def document(tmp_path: Path) -> Any:
    write_flash_and_beep(tmp_path / "clip.mp4", fps=Fraction(30), seconds=4, size=(160, 90))
    picture = {"type": "video", "src": "file:clip.mp4"}
    effects = [{"use": "color.grade", "params": {"exposure": 0.1}}]
    clips = [
        {"start": 3 * index, "duration": 3, "asset": picture | {"in": index / 10}, "effects": effects}
        for index in range(SEGMENTS)
    ]
    quality = {"crf": 30, "preset": "ultrafast", "copy": "never"}
    output = {"width": 160, "height": 90, "fps": 30, "quality": quality}
    return {"version": 1, "output": output, "tracks": [{"clips": clips}]}


def copy_of(folder: Path, name: str) -> Path:
    """Make a folder of its own with the same timeline and media."""
    other = folder / name
    other.mkdir()
    for each in ("clip.mp4", "timeline.json"):
        (other / each).write_bytes((folder / each).read_bytes())
    return other


def video(folder: Path) -> list[object]:
    assert [path.name for path in (folder / "out").iterdir()] == ["video.mp4"]
    return content_of(folder / "out" / "video.mp4")


def test_a_render_killed_again_and_again_ends_as_if_it_had_not_been(tmp_path: Path, document: Any) -> None:
    write_timeline(tmp_path, document)
    undisturbed = Render(copy_of(tmp_path, "undisturbed"))
    assert undisturbed.run()
    wanted = video(tmp_path / "undisturbed")
    moments = len(undisturbed.events)
    chance = random.Random(3)
    kills = amount(50)
    drawn = 0
    with orphans_waited_for():
        while kills:
            folder = copy_of(tmp_path, f"killed-{kills}")
            is_done = False
            for _ in range(min(kills, 5)):
                render = Render(folder, workers=chance.choice((1, 2)))
                is_done = render.run(chance.randrange(2, moments))
                render.kill()
                kills -= 1
                drawn += render.rendered
                output = folder / "out" / "video.mp4"
                assert not output.exists() or content_of(output) == wanted
                if is_done:
                    break
            last = Render(folder)
            assert last.run()
            assert video(folder) == wanted
            assert unfinished(folder) == []
    assert drawn > 0


def test_what_was_finished_before_the_kill_is_not_drawn_again(tmp_path: Path, document: Any) -> None:
    write_timeline(tmp_path, document)
    render = Render(tmp_path)
    while render.rendered < 2:
        assert not render.run(len(render.events) + 1)
    render.kill()
    again = Render(tmp_path)
    assert again.run()
    assert again.events.count("SegmentDone cached") >= 2
    assert again.rendered <= SEGMENTS - 2


@pytest.mark.parametrize("depth", [1, 2])
def test_a_killed_worker_is_replaced_and_nothing_is_missing(tmp_path: Path, document: Any, depth: int) -> None:
    write_timeline(tmp_path, document)
    undisturbed = Render(copy_of(tmp_path, "undisturbed"))
    assert undisturbed.run()
    with orphans_waited_for():
        folder = copy_of(tmp_path, "killed")
        render = Render(folder)
        while "Progressed" not in render.events:
            assert not render.run(len(render.events) + 1)
        assert render.kill_a_child(depth)
        assert render.run()
        assert render.rendered == SEGMENTS
        assert video(folder) == video(tmp_path / "undisturbed")
        assert unfinished(folder) == []


def test_an_interrupted_render_leaves_no_process_and_no_file(tmp_path: Path, document: Any) -> None:
    write_timeline(tmp_path, document)
    with orphans_waited_for():
        render = Render(tmp_path)
        while "Progressed" not in render.events:
            assert not render.run(len(render.events) + 1)
        render.kill(signal.SIGINT)
    assert unfinished(tmp_path) == []
    assert list((tmp_path / "out").iterdir()) == []
    assert Render(tmp_path).run()
