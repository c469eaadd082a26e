"""Wheels: what one says of itself, and everything that keeps one from being taken."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from core.host.manifest import ManifestInvalid
from core.market.failures import WheelRefused
from core.market.wheel import read_wheel
from tests.support.wheels import write_wheel


def test_a_wheel_tells_what_it_is(tmp_path: Path) -> None:
    path = write_wheel(
        tmp_path, "acme-invert", "1.2", requires=("numpy>=2",), manifest='[capabilities]\nnet = ["a.example:443"]\n'
    )
    wheel = read_wheel(path)
    assert (wheel.distribution, wheel.version, wheel.requires) == ("acme-invert", "1.2", ("numpy>=2",))
    assert (wheel.manifest.id, wheel.manifest.version) == ("acme.invert", "1.2")
    assert (wheel.size, len(wheel.sha256)) == (path.stat().st_size, 64)


INFO = "acme_invert-1.0.dist-info"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"unrecorded": {"acme_invert/more.py": b"1"}}, "is not what RECORD says"),
        ({"changed": {"acme_invert/__init__.py": b"evil = 1"}}, "is not what RECORD says"),
        ({"unrecorded": {"../outside.py": b"1"}}, "does not lie inside"),
        ({"files": {"/etc/cron.d/x": b"1"}}, "does not lie inside"),
        ({"files": {"acme_invert\\x.py": b"1"}}, "does not lie inside"),
        ({"files": {"c:/x.py": b"1"}}, "does not lie inside"),
        ({"links": {"acme_invert/link": "/etc/passwd"}}, "is no plain file"),
        ({"files": {"acme.pth": b"import os"}}, "would run when Python starts"),
        ({"files": {"acme_invert/deep.pth": b"import os"}}, "would run when Python starts"),
        ({"files": {"acme_invert-1.0.data/scripts/run": b"1"}}, "is for elsewhere"),
        ({"files": {"acme_invert-1.0.data/data/etc/x": b"1"}}, "is for elsewhere"),
        ({"files": {"ACME_INVERT/__init__.py": b"1"}}, "holds a name twice"),
        ({"files": {"other-1.0.dist-info/METADATA": b"Name: other"}}, "one .dist-info"),
        ({"changed": {f"{INFO}/METADATA": b"Metadata-Version: 2.3\nName: other\nVersion: 1.0\n"}}, "RECORD"),
        ({"files": {f"{INFO}/METADATA": b"Metadata-Version: 2.3\nName: other\nVersion: 1.0\n"}}, "holds other 1.0"),
        ({"files": {f"{INFO}/entry_points.txt": b"[reelhouse.plugins]\n"}}, "one entry point"),
        (
            {"files": {f"{INFO}/entry_points.txt": b"[reelhouse.plugins]\nacme.invert = no_such:plugin.toml\n"}},
            "has no no_such",
        ),
        (
            {"files": {f"{INFO}/entry_points.txt": b"[reelhouse.plugins]\nacme.other = acme_invert:plugin.toml\n"}},
            "must be equal",
        ),
        ({"files": {f"{INFO}/entry_points.txt": b"no section"}}, "entry_points.txt is wrong"),
        ({"is_plugin": False}, "one entry point"),
    ],
)
def test_what_breaks_a_rule_is_refused(tmp_path: Path, wrong: dict[str, Any], words: str) -> None:
    path = write_wheel(tmp_path, "acme-invert", **wrong)
    with pytest.raises(WheelRefused) as refused:
        read_wheel(path)
    assert words in str(refused.value)
    assert {each.name for each in tmp_path.iterdir()} == {path.name}


def test_what_can_not_be_read_is_refused(tmp_path: Path) -> None:
    path = write_wheel(tmp_path, "acme-invert")
    whole = path.read_bytes()
    for cut in (0, 10, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:cut])
        with pytest.raises(WheelRefused):
            read_wheel(path)
    for position in range(30, len(whole), 97):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
        try:
            wheel = read_wheel(path)
        except (WheelRefused, ManifestInvalid):
            continue
        assert wheel.manifest.id == "acme.invert"  # a bit that nobody reads, such as a time


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.market.wheel.MOST_UNPACKED_BYTES", 2**20)
    path = write_wheel(tmp_path, "acme-invert", files={"acme_invert/zeros": bytes(2**21)})
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(WheelRefused, match="unpacks to more than"):
        read_wheel(path)


@pytest.mark.parametrize("name", ["acme_invert.whl", "acme_invert-1.0.zip", "acme_invert-x-py3-none-any.whl"])
def test_a_name_that_is_none_of_a_wheel_is_refused(tmp_path: Path, name: str) -> None:
    path = write_wheel(tmp_path, "acme-invert").rename(tmp_path / name)
    with pytest.raises(WheelRefused, match="is no wheel"):
        read_wheel(path)


def test_nobody_else_poses_as_reelhouse(tmp_path: Path) -> None:
    with pytest.raises(WheelRefused, match="kept for Reelhouse itself"):
        read_wheel(write_wheel(tmp_path, "reelhouse-invert"))
