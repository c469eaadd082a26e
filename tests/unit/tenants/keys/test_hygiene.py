"""A hardened process: no core dump, no tracing; and the cage works from it as before."""

import subprocess
import sys
from pathlib import Path

from tests.support.unprivileged import folder_of_ordinary_user, give, run_module

REPOSITORY = Path(__file__).parents[4]


def run(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY
    ).stdout


def test_the_kernel_dumps_nothing_of_a_hardened_process() -> None:
    said = run("""
import ctypes, resource
from tenants.keys import harden_process
PR_GET_DUMPABLE = 3
before = ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)
harden_process()
harden_process()
print(before, ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))
""")
    assert said == "1 0 (0, 0)\n"


def test_an_ordinary_user_s_hardened_process_can_still_use_the_cage() -> None:
    """The cage needs what the kernel denies to undumpable processes; its own process is not one."""
    with folder_of_ordinary_user() as folder:
        give(folder)
        assert run_module("tests.support.hardened", str(folder), text="").stdout == "120\n"


def test_keys_bring_no_database_with_them() -> None:
    said = run("""
import sys
import tenants.keys, tenants.keys.sources
print(sorted(name for name in ("tortoise", "aiosqlite", "sqlite3", "sqlcipher3") if name in sys.modules))
""")
    assert said == "[]\n"
