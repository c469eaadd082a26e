"""How many workers fit: what the machine has, and what each control group around the process grants of it."""

from pathlib import Path

import pytest

from core.render import executors
from core.render.executors import workers_here

GIB = 2**30


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be on a machine with 16 cores and 64 GiB, in the group ``/house/render``; return the root of all groups."""
    root = tmp_path / "cgroup"
    (root / "house" / "render").mkdir(parents=True)
    (tmp_path / "membership").write_text("1:name=systemd:/elsewhere\n0::/house/render\n")
    (tmp_path / "meminfo").write_text(f"MemTotal: {64 * GIB // 1024} kB\nMemAvailable: {64 * GIB // 1024} kB\n")
    monkeypatch.setattr(executors, "_CGROUPS", root)
    monkeypatch.setattr(executors, "_MEMBERSHIP", tmp_path / "membership")
    monkeypatch.setattr(executors, "_MEMORY", tmp_path / "meminfo")
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(16)))
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    return root


def test_without_limits_all_cores_are_used(groups: Path) -> None:
    assert workers_here() == 8
    (groups / "house" / "cpu.max").write_text("max 100000\n")
    (groups / "house" / "memory.max").write_text("max\n")
    assert workers_here() == 8


@pytest.mark.parametrize("group", [".", "house", "house/render"])
def test_every_group_around_the_process_counts(groups: Path, group: str) -> None:
    (groups / group / "cpu.max").write_text("550000 100000\n")
    assert workers_here() == 3  # 5.5 cores are rounded up to 6
    (groups / group / "memory.max").write_text(f"{2 * GIB}\n")
    assert workers_here() == 2


def test_the_narrowest_limit_holds(groups: Path) -> None:
    (groups / "cpu.max").write_text("800000 100000\n")
    (groups / "house" / "cpu.max").write_text("400000 100000\n")
    (groups / "house" / "render" / "cpu.max").write_text("1200000 100000\n")
    assert workers_here() == 2


def test_a_group_beside_the_process_does_not_count(groups: Path) -> None:
    (groups / "house" / "other").mkdir()
    (groups / "house" / "other" / "cpu.max").write_text("100000 100000\n")
    assert workers_here() == 8


def test_the_older_form_of_groups_counts(groups: Path) -> None:
    (groups / "cpu").mkdir()
    (groups / "cpu" / "cpu.cfs_quota_us").write_text("400000\n")
    (groups / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert workers_here() == 2
    (groups / "memory").mkdir()
    (groups / "memory" / "memory.limit_in_bytes").write_text(f"{GIB}\n")
    assert workers_here() == 1


def test_there_is_room_for_one_worker_however_little_there_is(groups: Path) -> None:
    (groups / "memory.max").write_text("1000\n")
    (groups / "cpu.max").write_text("10000 100000\n")
    assert workers_here() == 1


def test_what_can_not_be_read_sets_no_limit(groups: Path, tmp_path: Path) -> None:
    (tmp_path / "membership").write_text("0::/../../another\n")
    assert workers_here() == 8
    (tmp_path / "membership").unlink()
    (groups / "cpu.max").write_text("nonsense\n")
    assert workers_here() == 8
