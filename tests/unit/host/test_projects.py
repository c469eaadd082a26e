"""New projects: what is written, and what is refused with nothing written."""

import tomllib
from pathlib import Path

import pytest

from core.api import InvalidInput
from core.host.manifest import read_manifest
from core.host.projects import ProjectKind, write_project


@pytest.mark.parametrize("kind", ProjectKind)
def test_a_project_is_complete_and_nothing_of_the_template_is_left(tmp_path: Path, kind: ProjectKind) -> None:
    folder = write_project("acme.blue-sky", kind, tmp_path / "project")
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert files == [
        "README.md",
        "acme_blue_sky/__init__.py",
        "acme_blue_sky/plugin.toml",
        "pyproject.toml",
        "tests/test_acme_blue_sky.py",
    ]
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == "acme-blue-sky"
    assert project["entry-points"]["reelhouse.plugins"] == {"acme.blue.sky": "acme_blue_sky:plugin.toml"}
    manifest = read_manifest(folder / "acme_blue_sky" / "plugin.toml")
    assert (manifest.id, manifest.name, manifest.publisher) == ("acme.blue.sky", "Blue sky", "Acme")
    for name in files:
        text = (folder / name).read_text(encoding="utf-8").lower()
        assert not any(left in text for left in ("my_plugin", "my-plugin", "my.plugin", "my plugin", "my publisher"))
        assert text.endswith("\n")


def test_the_folder_is_named_like_the_distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert write_project("acme.glow", ProjectKind.EFFECT) == Path("acme-glow")
    assert (tmp_path / "acme-glow" / "acme_glow" / "plugin.toml").is_file()


@pytest.mark.parametrize(
    "id_", ["", "Acme.glow", "acme glow", "../acme", "1acme", "acme.", "reelhouse.glow", "json", "for"]
)
def test_an_id_that_cannot_be_used_is_refused_and_nothing_is_written(tmp_path: Path, id_: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        write_project(id_, ProjectKind.EFFECT, tmp_path / "project")
    assert caught.value.path == "id"
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InvalidInput, match="exists and is not an empty folder"):
        write_project("acme.glow", ProjectKind.EFFECT, tmp_path)
    with pytest.raises(InvalidInput, match="exists and is not an empty folder"):
        write_project("acme.glow", ProjectKind.EFFECT, tmp_path / "notes.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="can't be written to"):
        write_project("acme.glow", ProjectKind.EFFECT, tmp_path / "file" / "project")
