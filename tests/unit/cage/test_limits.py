"""A job that goes past a limit ends, and says which; nothing is left of it."""

from dataclasses import replace
from pathlib import Path
from signal import SIGABRT, SIGSEGV

import pytest

from core.cage import (
    PROBE,
    RENDER,
    Cage,
    CageEnd,
    CpuExceeded,
    DeadlinePassed,
    DiskExceeded,
    ForbiddenCall,
    JobCrashed,
    MemoryExceeded,
    ThreadsExceeded,
)
from tests.support import captives

MIB = 2**20


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_the_deadline_ends_a_job_at_once(cage: Cage, folder: Path) -> None:
    job = cage.start(captives.tell_and_wait, profile=replace(PROBE, deadline=0.5), folder=folder)
    with pytest.raises(DeadlinePassed, match=r"0\.5 s"):
        job.result(60)
    assert is_gone(job.pid)


def test_cpu_time_of_all_threads_counts_whatever_a_job_does_about_the_signal(cage: Cage, folder: Path) -> None:
    profile = replace(PROBE, cpu_seconds=1, deadline=60)
    with pytest.raises(CpuExceeded, match="1 s of CPU"):
        cage.run(captives.burn, profile=profile, folder=folder)
    with pytest.raises(CpuExceeded, match="1 s of CPU"):
        cage.run(captives.burn_whatever_the_signal, profile=profile, folder=folder)


def test_memory_is_bounded_beyond_what_the_warm_process_has(cage: Cage, folder: Path) -> None:
    profile = replace(PROBE, memory=64 * MIB)
    assert cage.run(captives.take, 32 * MIB, profile=profile, folder=folder) == 32 * MIB
    with pytest.raises(MemoryExceeded, match="64 MiB"):
        cage.run(captives.take, 80 * MIB, profile=profile, folder=folder)
    assert cage.run(captives.take, 80 * MIB, profile=PROBE, folder=folder) == 80 * MIB


def test_native_code_that_does_not_check_for_memory_crashes_with_a_hint(cage: Cage, folder: Path) -> None:
    with pytest.raises(JobCrashed) as crashed:
        cage.run(captives.take_in_native_code, profile=PROBE, folder=folder)
    assert crashed.value.signal == SIGSEGV
    assert "512 MiB" in str(crashed.value.hint)


def test_larger_pictures_are_granted_more_memory() -> None:
    assert RENDER.for_pixels(3840 * 2160).memory - RENDER.memory == 3840 * 2160 * 500
    assert RENDER.for_pixels(3840 * 2160).deadline == RENDER.deadline


def test_a_file_that_grows_too_large_ends_the_job(cage: Cage, folder: Path) -> None:
    with pytest.raises(DiskExceeded, match="16 MiB"):
        cage.run(captives.fill_one_file, profile=PROBE, folder=folder)
    assert (folder / "large").stat().st_size <= PROBE.disk


def test_many_files_count_together(cage: Cage, folder: Path) -> None:
    (folder / "there before").write_bytes(bytes(20 * MIB))
    with pytest.raises(DiskExceeded, match="16 MiB"):
        cage.run(captives.fill_many_files, MIB, profile=PROBE, folder=folder)


def test_files_and_folders_are_counted_too(cage: Cage, folder: Path) -> None:
    with pytest.raises(DiskExceeded):
        cage.run(captives.fill_many_files, 1, profile=replace(PROBE, disk=2**40, entries=50), folder=folder)
    with pytest.raises(DiskExceeded):
        cage.run(captives.fill_folders, profile=replace(PROBE, entries=50), folder=folder)


def test_threads_are_bounded(cage: Cage, folder: Path) -> None:
    heard: list[object] = []
    profile = replace(PROBE, threads=20, memory=2**31, deadline=2)
    with pytest.raises((ThreadsExceeded, DeadlinePassed)) as ended:
        cage.run(captives.start_threads, profile=profile, folder=folder, on_message=heard.append)
    # Root is not bound by the kernel's own limit, which refuses; the watch ends the job.
    assert heard == [] if isinstance(ended.value, ThreadsExceeded) else ["no more"]


def test_a_fork_bomb_does_not_start(cage: Cage, folder: Path) -> None:
    with pytest.raises(ForbiddenCall, match="system call"):
        cage.run(captives.fork_without_end, profile=PROBE, folder=folder)


@pytest.mark.parametrize(("function", "signal"), [("crash", SIGSEGV), ("abort", SIGABRT)])
def test_a_crash_says_where_it_was(cage: Cage, folder: Path, function: str, signal: int) -> None:
    with pytest.raises(JobCrashed) as crashed:
        cage.run(f"tests.support.captives:{function}", profile=PROBE, folder=folder)
    assert crashed.value.signal == signal
    assert not isinstance(crashed.value, ForbiddenCall)
    assert f"in {function}" in crashed.value.log


@pytest.mark.parametrize("name", ["burn", "fill_one_file", "crash", "fork_without_end"])
def test_a_bad_end_leaves_the_cage_as_good_as_before(cage: Cage, folder: Path, name: str) -> None:
    with pytest.raises(CageEnd):
        cage.run(f"tests.support.captives:{name}", profile=replace(PROBE, cpu_seconds=1), folder=folder)
    assert cage.run(captives.add, 1, 2, profile=PROBE, folder=folder) == {"sum": 3}
