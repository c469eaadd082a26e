"""The command itself: its version, its help, and what it says when no command is meant."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
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


def test_settings_of_the_file_count_for_every_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELHOUSE_HOME", str(tmp_path))
    (tmp_path / "reelhouse.toml").write_text("[server]\nprot = 1\n")
    refused = CliRunner().invoke(app, ["schema"], env={"COLUMNS": "200"})
    assert refused.exit_code == 2
    assert 'server.prot is an unknown setting, did you mean "port"?' in refused.output
    monkeypatch.setattr("os.environ", dict(os.environ))
    (tmp_path / "reelhouse.toml").write_text('plugins = "/nowhere/plugins.toml"\n')
    refused = CliRunner().invoke(app, ["plugin", "list"], env={"COLUMNS": "200"})
    assert refused.exit_code == 2
    assert "/nowhere/plugins.toml" in refused.output
