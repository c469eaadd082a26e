"""A finished file or folder gets its name whole, on any file system; where it can't, all is as it was before."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from core.api import MediaError
from core.render.publishing import publish
from tests.support.full_disk import full_disk

MEMORY = Path("/dev/shm")
"""Another file system than that of the tests' folders."""
UNWRITABLE = Path("/proc/self/task")


@pytest.fixture(params=["same", "other"], ids=lambda kind: f"{kind} file system")
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A place to make things in, on the output's file system or on another."""
    if request.param == "same":
        folder = tmp_path / "home"
        folder.mkdir()
        yield folder
        return
    with TemporaryDirectory(dir=MEMORY) as name:
        assert Path(name).stat().st_dev != tmp_path.stat().st_dev
        yield Path(name)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def file(path: Path, content: str = "new") -> Path:
    path.write_text(content)
    return path


def folder(path: Path, **contents: str) -> Path:
    path.mkdir()
    for name, content in contents.items():
        (path / "inner").mkdir(exist_ok=True)
        (path / "inner" / name).write_text(content)
    return path


def tree(path: Path) -> dict[str, str]:
    """Return all files in a folder with what they hold."""
    return {str(each.relative_to(path)): each.read_text() for each in path.rglob("*") if each.is_file()}


def test_a_file_gets_its_name(made: Path, out: Path) -> None:
    assert publish(file(made / "1"), out / "video.mp4") == out / "video.mp4"
    assert tree(out) == {"video.mp4": "new"}
    assert tree(made) == {}


def test_a_file_takes_the_place_of_another(made: Path, out: Path) -> None:
    file(out / "video.mp4", "old")
    publish(file(made / "1"), out / "video.mp4")
    assert tree(out) == {"video.mp4": "new"}


def test_a_folder_takes_the_place_of_another_and_keeps_nothing_of_it(made: Path, out: Path) -> None:
    folder(out / "ladder", old="old", both="old")
    publish(folder(made / "1", new="new", both="new"), out / "ladder")
    assert tree(out) == {"ladder/inner/new": "new", "ladder/inner/both": "new"}
    assert [path.name for path in out.iterdir()] == ["ladder"]
    assert list(made.iterdir()) == []


def test_a_folder_takes_the_place_of_a_file_and_of_an_empty_folder(made: Path, out: Path) -> None:
    file(out / "file", "old")
    (out / "empty").mkdir()
    for name in ("file", "empty"):
        publish(folder(made / name, new="new"), out / name)
        assert tree(out / name) == {"inner/new": "new"}


def test_a_file_takes_no_folders_place(made: Path, out: Path) -> None:
    folder(out / "films", mine="mine")
    with pytest.raises(MediaError, match=r"films: can't be written: Is a directory$"):
        publish(file(made / "1"), out / "films")
    assert tree(out) == {"films/inner/mine": "mine"}
    assert [path.name for path in out.iterdir()] == ["films"]


def test_a_folder_takes_no_place_of_one_that_holds_something_else(made: Path, out: Path) -> None:
    file(folder(out / "films") / "holiday.mp4", "mine")
    with pytest.raises(MediaError, match=r"films: is a folder that holds something else$"):
        publish(folder(made / "1", new="new"), out / "films")
    assert tree(out) == {"films/holiday.mp4": "mine"}
    assert [path.name for path in out.iterdir()] == ["films"]


def test_a_link_is_replaced_and_what_it_leads_to_stays(made: Path, out: Path, tmp_path: Path) -> None:
    before = folder(tmp_path / "before", old="old")
    (out / "video").symlink_to(before)
    publish(folder(made / "1", new="new"), out / "video")
    assert not (out / "video").is_symlink()
    assert tree(out) == {"video/inner/new": "new"}
    assert tree(before) == {"inner/old": "old"}


def test_what_a_killed_process_left_is_in_nobodys_way(made: Path, out: Path) -> None:
    folder(out / ".video.part", half="half")
    folder(out / ".video.old", old="older")
    publish(file(made / "1"), out / "video")
    assert tree(out) == {"video": "new"}


def test_the_same_file_under_two_names_is_left_with_one(tmp_path: Path, out: Path) -> None:
    made = file(tmp_path / "made")
    os.link(made, out / "video.mp4")
    publish(made, out / "video.mp4")
    assert tree(out) == {"video.mp4": "new"}
    assert not made.exists()


def test_a_full_disk_leaves_what_was_there_before(out: Path) -> None:
    file(out / "video", "old")
    with TemporaryDirectory(dir=MEMORY) as name:
        made = file(Path(name) / "1", "new" * 10_000)
        with full_disk(after=1000), pytest.raises(MediaError, match=r"video: can't be written: File too large$"):
            publish(made, out / "video")
    assert tree(out) == {"video": "old"}


@pytest.mark.parametrize("make", [file, folder])
def test_a_place_that_can_not_be_written_is_named(made: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(MediaError, match=rf"^{UNWRITABLE}/video\.mp4: can't be written: "):
        publish(make(made / "1"), UNWRITABLE / "video.mp4")


def test_a_folder_that_can_not_take_its_place_leaves_the_old_one(
    made: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(out / "ladder", old="old")
    replace = Path.replace

    def fail(path: Path, target: Path) -> Path:
        if target == out / "ladder":
            raise OSError(5, "Input/output error")
        return replace(path, target)

    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", fail)
        with pytest.raises(MediaError, match=r"ladder: can't be written: Input/output error$"):
            publish(folder(made / "1", new="new"), out / "ladder")
    assert tree(out) == {"ladder/inner/old": "old"}
    assert [path.name for path in out.iterdir()] == ["ladder"]


def test_an_interrupted_publishing_leaves_what_was_there_and_nothing_half_done(
    made: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(out / "video", a="old")
    before = tree(out)

    def interrupt(_path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("core.render.publishing._sync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        publish(folder(made / "1", a="new"), out / "video")
    assert tree(out) == before
    assert [path.name for path in out.iterdir()] == ["video"]


def test_an_interrupt_while_an_old_folder_steps_aside_brings_it_back(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(out / "video", a="old")
    before = tree(out)

    def interrupt(_path: Path, _place: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        publish(folder(tmp_path / "1", a="new"), out / "video")
    assert tree(out) == before
    assert [path.name for path in out.iterdir()] == ["video"]
