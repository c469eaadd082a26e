"""Programs as an ordinary user: as ``nobody`` where the tests run as root."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
NOBODY = 65534
_READS_ALL = "-all,+dac_read_search"
"""The interpreter may lie where only root reads: that one right is left, in the host alone; the cage drops it."""


@contextmanager
def folder_of_ordinary_user() -> Iterator[Path]:
    """Make a folder where that user may go; ``give`` hands it over with what was put into it."""
    folder = Path(tempfile.mkdtemp(prefix="reelhouse-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def give(folder: Path) -> None:
    """Let the ordinary user own a folder and all that lies in it."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def run_module(name: str, *arguments: str, text: str) -> subprocess.CompletedProcess[str]:
    """Run a module as that user with ``text`` as its input; a failure is raised with what it said."""
    dropped = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    dropped += [f"--inh-caps={_READS_ALL}", f"--ambient-caps={_READS_ALL}"]
    command = [*(dropped if os.geteuid() == 0 else []), sys.executable, "-m", name, *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert done.returncode == 0, done.stderr
    return done
