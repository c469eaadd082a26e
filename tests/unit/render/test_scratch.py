"""Folders for work in progress go with their work, whatever was put into them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.render.scratch import LOCK, remove_folder, scratch_folder, work_folder

DEEP = 2000


def dig(folder: Path, levels: int = DEEP) -> None:
    """Put folders into each other; their path is longer than any that the kernel takes."""
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("deep", dir_fd=descriptor)
        inner = os.open("deep", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)


def test_a_folder_goes_with_its_work(tmp_path: Path) -> None:
    with work_folder(tmp_path / "scratch", "work-") as folder:
        (folder / "a" / "b").mkdir(parents=True)
        (folder / "a" / "b" / "file").write_text("content")
        assert folder.name.startswith("work-")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_folder_goes_with_work_that_fails(tmp_path: Path) -> None:
    def fail() -> None:
        with work_folder(tmp_path, "work-") as folder:
            (folder / "file").write_text("content")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_folders_deeper_than_descriptors_are_granted_are_removed(tmp_path: Path) -> None:
    script = f"""
import resource, sys
from pathlib import Path
from core.render.scratch import remove_folder
from tests.unit.render.test_scratch import dig
resource.setrlimit(resource.RLIMIT_NOFILE, ({DEEP // 20}, {DEEP // 20}))
dig(Path(sys.argv[1]))
remove_folder(Path(sys.argv[1]))
"""
    folder = tmp_path / "work"
    folder.mkdir()
    subprocess.run([sys.executable, "-c", script, str(folder)], check=True, cwd=Path(__file__).parents[3])
    assert list(tmp_path.iterdir()) == []


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("content")
    folder = tmp_path / "work"
    (folder / "shut").mkdir(parents=True)
    (folder / "folder").symlink_to(outside)
    (folder / "file").symlink_to(outside / "file")
    (folder / "shut").chmod(0)
    remove_folder(folder)
    assert list(tmp_path.iterdir()) == [outside]
    assert (outside / "file").read_text() == "content"


def test_a_folder_that_is_gone_is_no_failure(tmp_path: Path) -> None:
    remove_folder(tmp_path / "gone")
    assert list(tmp_path.iterdir()) == []


def test_what_dead_processes_left_goes_when_the_next_one_comes(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as alive:
        left, half_removed = tmp_path / "left", tmp_path / "half-removed"
        for folder in (left, half_removed):
            (folder / "work-1" / "made").mkdir(parents=True)
        (left / LOCK).touch()
        with scratch_folder(tmp_path) as second:
            assert {path.name for path in tmp_path.iterdir()} == {LOCK, alive.name, second.name}
        assert alive.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == [LOCK]
