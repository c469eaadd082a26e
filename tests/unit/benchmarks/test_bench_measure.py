"""What a command costs is measured over its whole process tree."""

import os
import sys
from pathlib import Path

import pytest

from benchmarks.measure import Command, CommandError, measure

BUSY_SECONDS = 0.3
BUSY = f"import time\nwhile time.process_time() < {BUSY_SECONDS}: pass\n"
HOLD = "held = bytearray(120_000_000)\nfor i in range(0, len(held), 4096): held[i] = 1\n"
REST = "import time\ntime.sleep(0.5)\n"
"""Long enough for several looks at the tree."""
HOLDING_CHILD = HOLD + "print('held', flush=True)\ninput()\n"


def _python(code: str) -> Command:
    return Command(argv=(sys.executable, "-c", code))


def test_cpu_time_of_children_counts(tmp_path: Path) -> None:
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BUSY!r}], check=True)\n"
    assert measure(_python(parent), log=tmp_path / "log").cpu >= BUSY_SECONDS


def test_peak_memory_is_the_trees_own_and_not_this_processs(tmp_path: Path) -> None:
    ours = bytearray(200_000_000)
    for index in range(0, len(ours), 4096):
        ours[index] = 1
    parent = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {HOLDING_CHILD!r}], text=True, stdin=-1, stdout=-1)\n"
        f"child.stdout.readline()\n{HOLD}{REST}child.communicate('on')\n"
    )
    alone = measure(_python(HOLD + REST), log=tmp_path / "log").memory
    assert 120_000_000 < alone < 190_000_000
    assert 240_000_000 < measure(_python(parent), log=tmp_path / "log").memory < 380_000_000


def test_memory_that_processes_share_counts_once(tmp_path: Path) -> None:
    shared = HOLD + "import os, time\nchild = os.fork()\ntime.sleep(0.7)\nif child: os.waitpid(child, 0)\n"
    assert 120_000_000 < measure(_python(shared), log=tmp_path / "log").memory < 190_000_000


def test_a_child_in_a_session_of_its_own_counts(tmp_path: Path) -> None:
    child = f"[sys.executable, '-c', {HOLD + BUSY + REST!r}]"
    away = f"import subprocess, sys\nsubprocess.run({child}, start_new_session=True)\n"
    cost = measure(_python(away), log=tmp_path / "log")
    assert cost.cpu >= BUSY_SECONDS
    assert cost.memory > 120_000_000


def test_the_cpu_time_of_a_child_that_ends_soon_after_its_parent_counts(tmp_path: Path) -> None:
    orphan = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {BUSY!r}])\n"
    assert measure(_python(orphan), log=tmp_path / "log").cpu >= BUSY_SECONDS


def test_a_command_runs_on_its_cores_alone_and_this_process_on_all_again(tmp_path: Path) -> None:
    before = os.sched_getaffinity(0)
    core = max(before)
    command = Command(argv=(sys.executable, "-c", "import os; print(os.sched_getaffinity(0))"), cores=(core,))
    measure(command, log=tmp_path / "log")
    assert (tmp_path / "log").read_text() == f"{{{core}}}\n"
    assert os.sched_getaffinity(0) == before


def test_a_command_that_fails_is_an_error_with_the_end_of_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="ended with 3: no such clip"):
        measure(_python("print('no such clip'); raise SystemExit(3)"), log=tmp_path / "log")


def test_a_command_that_leaves_a_process_behind_is_an_error(tmp_path: Path) -> None:
    orphan = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    with pytest.raises(CommandError, match="left processes behind"):
        measure(_python(orphan), log=tmp_path / "log")


def test_a_command_gets_its_environment_and_its_folder(tmp_path: Path) -> None:
    command = Command(
        argv=(sys.executable, "-c", "import os; print(os.environ['A_NAME'], os.getcwd())"),
        environment={"A_NAME": "a value"},
        folder=tmp_path,
    )
    measure(command, log=tmp_path / "log")
    assert (tmp_path / "log").read_text() == f"a value {tmp_path}\n"
