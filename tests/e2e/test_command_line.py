"""The command as people run it: what it prints, writes and exits with."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import av
import pytest
from PIL import Image

COMMAND = Path(sys.executable).with_name("reelhouse")
README = Path(__file__).parents[2] / "README.md"


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "REELHOUSE_HOME": str(folder / "home"), "COLUMNS": "200"}
    done = subprocess.run([COMMAND, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    """The timeline that the README shows, small."""
    [document] = re.findall(r"```json\n(.*?)```", README.read_text(), re.DOTALL)
    path = tmp_path / "hello.json"
    path.write_text(document.replace("1280", "320").replace("720", "180"))
    return path


def test_the_readmes_first_steps_work(hello: Path, tmp_path: Path) -> None:
    assert run("check", "hello.json", folder=tmp_path).returncode == 0
    assert run("frame", "hello.json", "--at", "2", "-o", "hello.png", folder=tmp_path).returncode == 0
    with Image.open(tmp_path / "hello.png") as image:
        assert image.size == (320, 180)
    rendered = run("render", "hello.json", "-o", "hello.mp4", "--report", "report.json", folder=tmp_path)
    assert rendered.returncode == 0
    assert "hello.mp4" in rendered.stdout
    with av.open(str(tmp_path / "hello.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 120
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["frames"], report["encoder"]) == (120, "mp4-h264")
    assert report["spans"][0]["first"] == 0
    assert report["spans"][-1]["end"] == 120
    assert all(len(span["key"]) == 64 and span["cpu_seconds"] >= 0 for span in report["spans"])


def test_a_part_and_a_draft_are_rendered_into_the_home(hello: Path, tmp_path: Path) -> None:
    done = run("render", "hello.json", "--range", "1:2", "--draft", "--json", folder=tmp_path)
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert report["frames"] == 30
    assert Path(report["output"]) == tmp_path / "home" / "videos" / "hello.mp4"
    assert Path(report["output"]).is_file()


def test_every_mistake_is_told_with_its_place_and_nothing_is_written(hello: Path, tmp_path: Path) -> None:
    document = json.loads(hello.read_text())
    document["tracks"][0]["clips"][0]["fit"] = "covr"
    document["tracks"][1]["clips"][0]["enter"]["use"] = "rize"
    document["output"]["encodr"] = "mp4-h264"
    hello.write_text(json.dumps(document))
    for command in (("check", "hello.json"), ("render", "hello.json", "-o", "out.mp4")):
        done = run(*command, folder=tmp_path)
        assert done.returncode == 2
        assert 'tracks[0].clips[0].fit: unknown "covr", did you mean "cover"?' in done.stderr
        assert 'tracks[1].clips[0].enter.use: unknown "rize", did you mean "rise"?' in done.stderr
        assert 'output.encodr: unknown key "encodr", did you mean "encoder"?' in done.stderr
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("content", ["", "not json", "[]", '{"version": 2}', "\ufffe"])
def test_what_is_no_timeline_is_bad_input(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.json").write_text(content)
    done = run("check", "bad.json", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip()


def test_missing_files_are_named(hello: Path, tmp_path: Path) -> None:
    assert run("render", "nowhere.json", folder=tmp_path).returncode == 2
    document = json.loads(hello.read_text())
    document["tracks"][0]["clips"][0]["asset"] = {"type": "video", "src": "file:clips/gone.mp4"}
    hello.write_text(json.dumps(document))
    done = run("render", "hello.json", "-o", "out.mp4", folder=tmp_path)
    assert done.returncode == 2
    assert "tracks[0].clips[0].asset.src" in done.stderr
    assert "clips/gone.mp4" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".mp4" or path.name.startswith(".")) == []


def test_an_output_that_can_not_be_written_fails_and_leaves_nothing(hello: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    done = run("render", "hello.json", "-o", "taken/out.mp4", folder=tmp_path)
    assert done.returncode == 2
    assert "taken" in done.stderr
    assert (tmp_path / "taken").read_text() == "a file, not a folder"


def test_probe_schema_and_plugins_speak_json(hello: Path, tmp_path: Path) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "still.png")
    facts = json.loads(run("probe", "still.png", "--json", folder=tmp_path).stdout)
    assert (facts["kind"], facts["width"], facts["height"]) == ("image", 64, 48)
    schema = json.loads(run("schema", folder=tmp_path).stdout)
    assert schema["$defs"]["Timeline"]["properties"].keys() >= {"version", "tracks", "output"}
    plugins = json.loads(run("plugin", "list", "--json", folder=tmp_path).stdout)
    assert "reelhouse.color" in json.dumps(plugins)
    assert run("probe", "hello.json", folder=tmp_path).returncode == 2
