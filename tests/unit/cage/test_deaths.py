"""Whoever dies, and whatever a job sends: the host hears of it, goes on, and no process is left."""

import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.cage import PROBE, Cage, CagedJob, CageFailure, CageLost, JobCrashed
from core.cage.wire import MESSAGE_LIMIT
from tests.support import captives
from tests.support.captives import message, zygote_of

REPOSITORY = Path(__file__).parents[3]
PATIENCE = 30


def started(cage: Cage, folder: Path) -> tuple[CagedJob, int]:
    waits = threading.Event()
    job = cage.start(captives.tell_and_wait, profile=PROBE, folder=folder, on_message=lambda _message: waits.set())
    assert waits.wait(PATIENCE)
    return job, os.pidfd_open(job.pid)


def is_over(pidfd: int) -> bool:
    """Wait until a process has ended, however long that takes within reason."""
    ready, _, _ = select.select([pidfd], [], [], PATIENCE)
    os.close(pidfd)
    return bool(ready)


def test_a_job_that_someone_kills_is_told(cage: Cage, folder: Path) -> None:
    job, pidfd = started(cage, folder)
    os.kill(job.pid, signal.SIGKILL)
    with pytest.raises(JobCrashed, match="the system killed") as ended:
        job.result(PATIENCE)
    assert ended.value.signal == signal.SIGKILL
    assert is_over(pidfd)


def test_a_zygote_that_someone_kills_takes_its_jobs_along_and_the_next_job_has_a_new_one(folder: Path) -> None:
    with Cage("tests.support.captives:warm_up") as cage:
        job, pidfd = started(cage, folder)
        first = zygote_of(cage)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(CageLost, match="forked from died"):
            job.result(PATIENCE)
        assert is_over(pidfd)
        assert cage.run(captives.add, 1, 2, profile=PROBE, folder=folder) == {"sum": 3}
        assert zygote_of(cage) != first


def test_an_interrupt_at_the_hosts_terminal_does_not_reach_zygote_and_jobs(cage: Cage, folder: Path) -> None:
    job, pidfd = started(cage, folder)
    assert os.getsid(zygote_of(cage)) == os.getsid(job.pid) == zygote_of(cage)
    job.kill()
    assert is_over(pidfd)


def test_a_stopped_zygote_does_not_keep_a_job_from_being_killed(folder: Path) -> None:
    with Cage("tests.support.captives:warm_up") as cage:
        job, pidfd = started(cage, folder)
        os.kill(zygote_of(cage), signal.SIGSTOP)
        job.kill()
        assert is_over(pidfd)
        os.kill(zygote_of(cage), signal.SIGCONT)


@contextmanager
def running_host(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, int, int]]:
    """Run a host of its own with one job; give it, and descriptors of its zygote, its job and a copy of itself."""
    code = "import sys; from tests.support.captives import host; host(sys.argv[1])"
    command = [sys.executable, "-W", "ignore", "-c", code, str(folder)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as host:
        assert host.stdout is not None
        told = json.loads(host.stdout.readline())
        zygote, job, copy = (os.pidfd_open(told[name]) for name in ("zygote", "job", "copy"))
        try:
            yield host, zygote, job, copy
        finally:
            host.kill()


def test_zygote_and_jobs_die_with_a_host_that_is_killed_though_a_copy_of_it_lives(folder: Path) -> None:
    with running_host(folder) as (host, zygote, job, copy):
        host.kill()
        assert is_over(zygote)
        assert is_over(job)
        signal.pidfd_send_signal(copy, signal.SIGKILL)
        assert is_over(copy)


def test_jobs_die_with_their_zygote_though_the_host_can_do_nothing(folder: Path) -> None:
    with running_host(folder) as (host, zygote, job, copy):
        host.send_signal(signal.SIGSTOP)
        signal.pidfd_send_signal(zygote, signal.SIGKILL)
        assert is_over(job)
        host.kill()
        signal.pidfd_send_signal(copy, signal.SIGKILL)
        assert is_over(copy)
        assert is_over(zygote)


@pytest.mark.parametrize(
    "parts",
    [
        [b"\xff\xff\xff\xff"],
        [struct.pack("!I", MESSAGE_LIMIT + 1)],
        [message(b"garbage")],
        [message(b'["told",NaN]')],
        [message(b'["unknown",1]')],
        [message(b'["result",1]'), message(b'["result",2]')],
        [message(b'["told","\\ud800"]')],
        [b"\x80\x04\x95" + bytes(5000)],
    ],
    ids=lambda parts: repr(parts[0][:20]),
)
def test_a_job_that_breaks_the_protocol_is_ended(cage: Cage, folder: Path, parts: list[bytes]) -> None:
    job = cage.start(captives.send_raw, *parts, profile=PROBE, folder=folder)
    with pytest.raises(CageFailure, match="broke the cage's protocol"):
        job.result(PATIENCE)
    assert not Path(f"/proc/{job.pid}").exists()


def test_an_error_of_no_known_class_is_a_failure(cage: Cage, folder: Path) -> None:
    with pytest.raises(CageFailure, match="an error of no known class"):
        cage.run(captives.pretend, b'["error",{"class":"SystemExit","message":"x"}]', profile=PROBE, folder=folder)
    with pytest.raises(CageFailure, match="did not say why"):
        cage.run(captives.pretend, b'["failure",[]]', profile=PROBE, folder=folder)


def test_a_flood_of_messages_ends_and_is_bounded(cage: Cage, folder: Path) -> None:
    with pytest.raises(CageFailure, match="bytes of messages"):
        cage.run(captives.flood, profile=PROBE, folder=folder)


def test_half_a_message_is_no_result(cage: Cage, folder: Path) -> None:
    with pytest.raises(CageFailure, match="without a result"):
        cage.run(captives.pretend, None, profile=PROBE, folder=folder)


def test_many_threads_run_jobs_at_once_and_each_has_its_own_result(cage: Cage, tmp_path: Path) -> None:
    def run(number: int) -> object:
        folder = tmp_path / str(number)
        folder.mkdir()
        heard: list[object] = []
        count = cage.run(captives.count_to, number, profile=PROBE, folder=folder, on_message=heard.append)
        return count, heard

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(run, range(40))) == [(number, list(range(number))) for number in range(40)]


def test_nothing_leaks_over_two_hundred_jobs(cage: Cage, folder: Path) -> None:
    def open_files(pid: int) -> int:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))

    def children(pid: int) -> list[str]:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    cage.run(captives.nothing, profile=PROBE, folder=folder)
    zygote = zygote_of(cage)
    threads, mine, zygotes = threading.active_count(), open_files(os.getpid()), open_files(zygote)
    for number in range(200):
        if number % 20:
            cage.run(captives.nothing, profile=PROBE, folder=folder)
        else:
            with pytest.raises(JobCrashed):
                cage.run(captives.crash, profile=PROBE, folder=folder)
    assert zygote_of(cage) == zygote
    assert threading.active_count() == threads
    assert open_files(os.getpid()) == mine
    assert abs(open_files(zygote) - zygotes) <= 1  # it may be about to close what the last job's end was told through
    assert len(children(zygote)) == 1  # the next job's process, forked ahead
    assert list(folder.iterdir()) == []
