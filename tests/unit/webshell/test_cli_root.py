"""The command itself: its version, its help, and what it says when no command is meant."""

import subprocess
import sys
from importlib.metadata import version

from typer.testing import CliRunner

from webshell.cli.commands import MODULES
from webshell.cli.main import app


def test_the_version_is_said_before_the_engine_is_imported() -> None:
    heavy = "print(sorted({'av', 'cv2', 'numpy', 'pydantic'} & sys.modules.keys()))"
    code = f"import sys; from webshell.cli.main import app; app(['--version'], standalone_mode=False); {heavy}"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [f"reelhouse {version('reelhouse')}", "[]"]


def test_help_names_every_command() -> None:
    said = CliRunner().invoke(app, ["--help"])
    assert said.exit_code == 0
    shown = [line.split()[1] for line in said.output.splitlines() if line.startswith("│ ")]
    assert [name for name in shown if name in MODULES] == list(MODULES)


def test_a_misspelled_command_is_answered_with_the_one_that_was_meant() -> None:
    said = CliRunner().invoke(app, ["rendr"])
    assert said.exit_code == 2
    assert "Did you mean 'render'?" in said.output


def test_numpy_starts_no_threads_of_its_own_in_the_command() -> None:
    code = "import os, webshell.cli, numpy; print(len(os.listdir('/proc/self/task')))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "1\n"
