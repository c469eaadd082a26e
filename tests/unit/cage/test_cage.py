import os
import threading
from pathlib import Path

import pytest

from core.api import InvalidInput, MediaError, PluginFailed
from core.cage import (
    PROBE,
    WEAK,
    Cage,
    CageFailure,
    CageRefused,
    DiskExceeded,
    JobKilled,
    MemoryExceeded,
    Policy,
    tell,
)
from tests.support import captives

MUCH = 100


def test_a_job_returns_what_its_function_does(cage: Cage, folder: Path) -> None:
    assert cage.run(captives.add, 2, 3, profile=PROBE, folder=folder) == {"sum": 5}
    assert cage.run("tests.support.captives:add", 2, 3, profile=PROBE, folder=folder) == {"sum": 5}
    assert list(folder.iterdir()) == []


def test_a_started_job_gives_its_result_later_and_says_what_it_used(cage: Cage, folder: Path) -> None:
    job = cage.start(captives.nothing, profile=PROBE, folder=folder)
    assert job.result(60) is None
    assert job.pid > 0
    assert job.usage is not None
    assert 0 < job.usage.cpu_seconds < 10
    assert job.usage.peak_memory > 2**20


def test_a_job_sees_its_folder_and_nothing_of_its_host(
    cage: Cage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELHOUSE_SECRET", "host's")
    with Cage("tests.support.captives:warm_up") as fresh:
        seen = fresh.run(captives.what_it_sees, profile=PROBE, folder=folder)
    assert isinstance(seen, dict)
    assert seen["folder"] == str(folder)
    assert str(seen["temporary"]).startswith(f"{folder}/")
    assert seen["user"] == os.getuid()
    assert seen["descriptors"] == [0, 1, 2, 3]
    assert seen["standard input"] == ""
    assert seen["threads"] == 1
    environment = seen["environment"]
    assert isinstance(environment, dict)
    assert environment["HOME"] == environment["TMPDIR"] == str(folder)
    assert "REELHOUSE_SECRET" not in environment
    assert "PATH" not in environment


def test_a_job_reads_what_it_is_given_and_nothing_else(cage: Cage, folder: Path, tmp_path: Path) -> None:
    given, shut, shared = (tmp_path / name for name in ("given.txt", "shut.txt", "shared"))
    shared.mkdir()
    for path in (given, shut, shared / "font.txt"):
        path.write_text(path.name)
    arguments = {"profile": PROBE, "folder": folder}
    assert cage.run(captives.read, str(given), **arguments, read_only=[given]) == "given.txt"
    assert cage.run(captives.read, str(shut), **arguments, read_only=[given]) == 13
    assert cage.run(captives.read, str(given), **arguments) == 13
    with Cage("tests.support.captives:warm_up", read_only=[shared]) as sharing:
        assert sharing.run(captives.read, str(shared / "font.txt"), **arguments) == "font.txt"
        assert sharing.run(captives.read, str(given), **arguments, read_only=[given]) == "given.txt"


def test_one_tenants_job_does_not_read_anothers_folder(cage: Cage, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    for folder in (mine, theirs):
        folder.mkdir()
        assert cage.run(captives.write, "note.txt", folder.name, profile=PROBE, folder=folder) == len(folder.name)
    assert cage.run(captives.read, str(mine / "note.txt"), profile=PROBE, folder=mine) == "mine"
    assert cage.run(captives.read, str(theirs / "note.txt"), profile=PROBE, folder=mine) == 13
    assert cage.run(captives.read, "../theirs/note.txt", profile=PROBE, folder=mine) == 13


def test_the_kernel_itself_says_that_a_job_is_locked(cage: Cage, folder: Path) -> None:
    waits = threading.Event()
    job = cage.start(captives.tell_and_wait, profile=PROBE, folder=folder, on_message=lambda _message: waits.set())
    waits.wait()
    place = Path(f"/proc/{job.pid}")
    status = dict(line.split(":\t", 1) for line in (place / "status").read_text().splitlines() if ":\t" in line)
    assert {int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {0}
    assert (status["NoNewPrivs"], status["Seccomp"], status["Threads"]) == ("1", "2", "1")
    limits = (place / "limits").read_text()
    assert "Max core file size        0                    0" in limits
    assert "Max open files            64                   64" in limits
    assert (place / "oom_score_adj").read_text() == "1000\n"
    if os.geteuid() == 0:  # others may not look at the namespaces of what can't be traced
        for name in cage.offer().namespaces:
            assert (place / "ns" / name).readlink() != Path(f"/proc/self/ns/{name}").readlink()
    job.kill()
    with pytest.raises(JobKilled):
        job.result(60)
    assert not place.exists()


def test_modules_may_be_imported_late(cage: Cage, folder: Path) -> None:
    for name in ("sqlite3", "PIL.Image", "core.host.host"):
        assert cage.run(captives.import_late, name, profile=PROBE, folder=folder) == name


def test_the_code_around_a_package_is_shut(cage: Cage, folder: Path) -> None:
    around = Path(captives.__file__).parents[2]
    assert cage.run(captives.read, str(around / "pyproject.toml"), profile=PROBE, folder=folder) == 13


def test_messages_come_in_order_on_the_thread_that_runs_the_job(cage: Cage, folder: Path) -> None:
    heard = []
    result = cage.run(
        captives.count_to,
        MUCH,
        profile=PROBE,
        folder=folder,
        on_message=lambda message: heard.append((message, threading.current_thread())),
    )
    assert result == MUCH
    assert heard == [(number, threading.current_thread()) for number in range(MUCH)]


def test_messages_of_several_threads_do_not_mix(cage: Cage, folder: Path) -> None:
    heard: list[object] = []
    cage.run(captives.tell_from_threads, 4, 50, profile=PROBE, folder=folder, on_message=heard.append)
    assert len(heard) == 200
    for number in range(4):
        mine = [message for message in heard if isinstance(message, list) and message[0] == number]
        assert mine == [[number, turn, "x" * 5000] for turn in range(50)]


def test_outside_a_cage_nobody_hears() -> None:
    assert tell({"frames": 1}) is None


def test_what_a_listener_raises_ends_the_job_and_is_raised(cage: Cage, folder: Path) -> None:
    class Enough(Exception):
        pass

    def listen(message: object) -> None:
        raise Enough(message)

    with pytest.raises(Enough, match="waiting"):
        cage.run(captives.tell_and_wait, profile=PROBE, folder=folder, on_message=listen)
    job = cage.start(captives.tell_and_wait, profile=PROBE, folder=folder, on_message=listen)
    with pytest.raises(Enough, match="waiting"):
        job.result(60)


def test_a_killed_job_says_so_and_killing_it_again_changes_nothing(cage: Cage, folder: Path) -> None:
    waits = threading.Event()
    job = cage.start(captives.tell_and_wait, profile=PROBE, folder=folder, on_message=lambda _message: waits.set())
    waits.wait()
    job.kill()
    for _ in range(2):
        with pytest.raises(JobKilled):
            job.result(60)
        job.kill()


def test_a_job_that_is_done_can_be_killed_and_keeps_its_result(cage: Cage, folder: Path) -> None:
    job = cage.start(captives.add, 1, 1, profile=PROBE, folder=folder)
    assert job.result(60) == {"sum": 2}
    job.kill()
    assert job.result() == {"sum": 2}


def test_closing_the_cage_kills_what_runs(folder: Path) -> None:
    waits = threading.Event()
    with Cage("tests.support.captives:warm_up") as cage:
        job = cage.start(captives.tell_and_wait, profile=PROBE, folder=folder, on_message=lambda _message: waits.set())
        waits.wait()
    with pytest.raises(JobKilled):
        job.result(60)


def test_errors_of_the_sdk_come_back_as_what_they_are(cage: Cage, folder: Path) -> None:
    with pytest.raises(MediaError, match="can't be read") as media:
        cage.run(captives.fail_with, "media", profile=PROBE, folder=folder)
    assert (type(media.value), media.value.hint) == (MediaError, "try another")
    with pytest.raises(PluginFailed) as plugin:
        cage.run(captives.fail_with, "plugin", profile=PROBE, folder=folder)
    assert (plugin.value.plugin, plugin.value.path) == ("acme.x", "tracks[0]")


def test_unforeseen_errors_come_with_their_traceback_and_what_was_printed(cage: Cage, folder: Path) -> None:
    with pytest.raises(CageFailure, match="ZeroDivisionError: by zero") as failed:
        cage.run(captives.fail_with, "unforeseen", profile=PROBE, folder=folder)
    assert "in fail_with" in failed.value.log
    assert "this was printed" in failed.value.log
    with pytest.raises(CageFailure, match="SystemExit: 7"):
        cage.run(captives.fail_with, "exit", profile=PROBE, folder=folder)
    with pytest.raises(CageFailure, match="without a result"):
        cage.run(captives.end_at_once, profile=PROBE, folder=folder)


def test_results_must_be_plain_and_of_bounded_size(cage: Cage, folder: Path) -> None:
    with pytest.raises(CageFailure, match="not JSON serializable"):
        cage.run(captives.fail_with, "not plain", profile=PROBE, folder=folder)
    with pytest.raises(CageFailure, match="more goes into files"):
        cage.run(captives.fail_with, "too large", profile=PROBE, folder=folder)


def test_errors_that_come_of_a_limit_say_which(cage: Cage, folder: Path) -> None:
    with pytest.raises(MemoryExceeded, match="512 MiB"):
        cage.run(captives.fail_with, "memory in disguise", profile=PROBE, folder=folder)
    with pytest.raises(DiskExceeded, match="16 MiB"):
        cage.run(captives.fail_with, "disk in disguise", profile=PROBE, folder=folder)


def test_a_path_that_is_not_there_is_told_before_anything_runs(cage: Cage, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nowhere"):
        cage.run(captives.nothing, profile=PROBE, folder=tmp_path / "nowhere")
    with pytest.raises(InvalidInput, match=r"nothing\.ttf"):
        cage.run(captives.nothing, profile=PROBE, folder=folder, read_only=[tmp_path / "nothing.ttf"])
    with pytest.raises(InvalidInput, match=r"nothing\.ttf"):
        Cage("tests.support.captives:warm_up", read_only=[tmp_path / "nothing.ttf"])


def test_a_function_that_has_no_name_is_refused(cage: Cage, folder: Path) -> None:
    with pytest.raises(AttributeError, match="lambda"):
        cage.run(lambda: None, profile=PROBE, folder=folder)


def test_a_kernel_that_offers_less_than_the_policy_asks_runs_nothing(folder: Path) -> None:
    with (
        Cage("tests.support.captives:warm_up", policy=Policy(landlock_abi=99)) as cage,
        pytest.raises(CageRefused, match="Landlock 99"),
    ):
        cage.run(captives.write, "note.txt", "x", profile=PROBE, folder=folder)
    assert list(folder.iterdir()) == []


def test_a_weak_policy_still_uses_all_that_there_is(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    with Cage("tests.support.captives:warm_up", policy=WEAK) as cage:
        assert cage.run(captives.read, str(tmp_path / "secret"), profile=PROBE, folder=folder) == 13


@pytest.mark.parametrize(
    ("warm_up", "cause"),
    [
        ("warm_up_badly", "ValueError: a plugin broke"),
        ("warm_up_with_a_thread", "left threads behind: left behind"),
        ("no_such_function", "no attribute 'no_such_function'"),
        ("warm_up_and_crash", "did not end well"),
    ],
)
def test_a_warm_up_that_fails_says_why(warm_up: str, cause: str, folder: Path) -> None:
    with Cage(f"tests.support.captives:{warm_up}") as cage:
        for _ in range(2):
            with pytest.raises(CageFailure, match=cause) as failed:
                cage.run(captives.nothing, profile=PROBE, folder=folder)
    if warm_up == "warm_up_and_crash":
        assert "so far so good" in failed.value.log
        assert "Segmentation fault" in failed.value.log


def test_a_function_that_is_not_there_is_told(cage: Cage, folder: Path) -> None:
    with pytest.raises(CageFailure, match="no_such_function"):
        cage.run("tests.support.captives:no_such_function", profile=PROBE, folder=folder)


def test_a_cage_is_warmed_ahead_and_used_again_after_it_was_closed(folder: Path) -> None:
    cage = Cage("tests.support.captives:warm_up")
    cage.warm()
    assert cage.offer().has_seccomp
    assert cage.run(captives.add, 1, 1, profile=PROBE, folder=folder) == {"sum": 2}
    cage.close()
    assert cage.run(captives.add, 1, 1, profile=PROBE, folder=folder) == {"sum": 2}
    cage.close()
