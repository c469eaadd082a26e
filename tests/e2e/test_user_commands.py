"""The commands ``reelhouse user …``, as an operator gives them."""

import json
import os
import subprocess
import sys
from pathlib import Path


def reelhouse(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a home of its own."""
    environment = {**os.environ, "REELHOUSE_HOME": str(home), "COLUMNS": "200"}
    command = [sys.executable, "-m", "webshell.cli", "user", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_an_administrator_is_made_listed_and_stays_the_last_one(tmp_path: Path) -> None:
    made = reelhouse(tmp_path, "create", "Ada@Example.com", "--name", "Ada", "--role", "admin", "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["link"].startswith("http://localhost:8000/reset-password#")
    again = reelhouse(tmp_path, "create", "ada@example.com", "--json")
    assert (again.returncode, json.loads(again.stdout)["error"]["code"]) == (1, "taken")
    [user] = json.loads(reelhouse(tmp_path, "list", "--json").stdout)["users"]
    assert (user["email"], user["house_role"], user["state"]) == ("ada@example.com", "admin", "active")
    for refused in (("disable", "ada@example.com"), ("role", "ada@example.com", "none")):
        told = reelhouse(tmp_path, *refused)
        assert told.returncode == 1
        assert "at least one administrator" in told.stderr
    assert reelhouse(tmp_path, "create", "bob@example.com", "--role", "admin").returncode == 0
    assert reelhouse(tmp_path, "disable", "ada@example.com").stdout == "ada@example.com can't sign in any more.\n"
    shown = reelhouse(tmp_path, "list").stdout
    assert "disabled" in shown
    assert reelhouse(tmp_path, "role", "bob@example.com", "none").returncode == 1
    assert reelhouse(tmp_path, "enable", "ada@example.com").returncode == 0
    unknown = reelhouse(tmp_path, "link", "nobody@example.com")
    assert unknown.returncode == 2
    assert "there is no user" in unknown.stderr
