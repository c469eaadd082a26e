"""The commands for backups, as an administrator gives them: a house is backed up, lost, and restored elsewhere."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_tenant_commands import COMMAND, facts
from tests.unit.tenants.control.conftest import make_postgres_database, postgres_folder

__all__ = ["postgres_folder"]

type Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command with a store in a folder, on the home of that name."""

    def called(*arguments: str, home: str = "home", given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        known = {name: value for name, value in os.environ.items() if not name.startswith("REELHOUSE_")}
        known |= {"REELHOUSE_HOME": str(tmp_path / home), "REELHOUSE_BACKUP_STORE": str(tmp_path / "store")}
        return subprocess.run(
            [COMMAND, *arguments],
            env=known | {"COLUMNS": "160"} | more,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    return called


@pytest.fixture
def backed_up(run: Run, tmp_path: Path) -> dict[str, Any]:
    """A house of two workspaces with one backup; its public keys."""
    for slug in ("one", "two"):
        facts(run("tenant", "create", slug, "--owner", "ada@example.org", "--json"))
    public = run("backup", "recipient", str(tmp_path / "recipient.key")).stdout.strip()
    made = facts(run("backup", "create", "--json", REELHOUSE_BACKUP_RECIPIENTS=public))
    assert (made["sequence"], made["vaults"], made["failed"]) == (1, 2, {})
    return made | {"recipient": public}


def files(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_a_house_is_backed_up_and_restored_elsewhere(run: Run, tmp_path: Path, backed_up: dict[str, Any]) -> None:
    key = str(tmp_path / "recipient.key")
    assert (tmp_path / "recipient.key").stat().st_mode & 0o777 == 0o600
    assert [each["sequence"] for each in facts(run("backup", "list", "--json"))["backups"]] == [1]
    assert run("backup", "verify").stdout == "Backup 1 is whole.\n"
    assert run("backup", "verify", "1", "--key", key).stdout == "Backup 1 is whole, and opens.\n"
    drilled = facts(run("backup", "drill", "--key", key, "--json"))
    assert (drilled["sequence"], drilled["vaults"]) == (1, 2)
    (tmp_path / "other").mkdir(mode=0o700)
    shutil.copy(tmp_path / "home" / "master.key", tmp_path / "other" / "master.key")
    shutil.rmtree(tmp_path / "home")
    restored = run("backup", "restore", "--key", key, "--signer", backed_up["signer"], "--json", home="other")
    assert facts(restored) == {"sequence": 1, "vaults": 2, "lost": {}}
    listed = facts(run("tenant", "list", "--json", home="other"))["tenants"]
    assert [each["slug"] for each in listed] == ["one", "two"]
    again = run("backup", "create", "--recipient", backed_up["recipient"], "--json", home="other")
    assert facts(again)["sequence"] == 2  # every vault opened, and the chain goes on
    secrets = [Path(key).read_text().strip(), *(tmp_path / "other" / "master.key").read_text().split()]
    for done in (restored, again, run("backup", "verify", "--key", key, home="other")):
        assert [secret for secret in secrets if secret in done.stdout + done.stderr] == []
    stored = b"".join(files(tmp_path / "store").values())
    assert [secret for secret in secrets if secret.encode() in stored] == []


def test_a_house_moves_to_postgresql_by_a_backup(
    run: Run, tmp_path: Path, backed_up: dict[str, Any], postgres_folder: str
) -> None:
    database = {"REELHOUSE_DATABASE": asyncio.run(make_postgres_database(postgres_folder))}
    (tmp_path / "other").mkdir(mode=0o700)
    shutil.copy(tmp_path / "home" / "master.key", tmp_path / "other" / "master.key")
    restore = ("backup", "restore", "--key", str(tmp_path / "recipient.key"), "--signer", backed_up["signer"])
    assert run(*restore, home="other", **database).stdout == "Restored backup 1, with 2 vaults.\n"
    listed = facts(run("tenant", "list", "--json", home="other", **database))["tenants"]
    assert [each["slug"] for each in listed] == ["one", "two"]


def test_what_can_not_be_restored_is_said_and_nothing_is_there(
    run: Run, tmp_path: Path, backed_up: dict[str, Any]
) -> None:
    key = str(tmp_path / "recipient.key")
    other = run("backup", "recipient", str(tmp_path / "other.key")).stdout.strip()
    before = files(tmp_path / "store"), files(tmp_path / "home" / "vaults")
    signed = ("--signer", backed_up["signer"])
    (tmp_path / "new").mkdir(mode=0o700)
    shutil.copy(tmp_path / "home" / "master.key", tmp_path / "new" / "master.key")
    for arguments, home, code, said in (
        (("restore", "--key", key, *signed), "home", 1, "holds a house already"),
        (("restore", "--key", key, *signed), "keyless", 1, "is missing"),
        (("restore", "--key", key), "new", 2, "give the signer's public key"),
        (("restore", "--key", key, "--signer", other), "new", 2, "signature is not the house's"),
        (("restore", "--key", str(tmp_path / "other.key"), *signed), "new", 2, "backup"),
        (("restore", "7", "--key", key, *signed), "new", 2, "there is no backup 7"),
        (("recipient", key), "home", 2, "is there already"),
    ):
        done = run("backup", *arguments, home=home)
        assert (done.returncode, said in done.stderr) == (code, True), (arguments, done.stderr)
        assert "Traceback" not in done.stderr
    assert (files(tmp_path / "store"), files(tmp_path / "home" / "vaults")) == before
    assert not (tmp_path / "keyless" / "master.key").exists()
    assert not (tmp_path / "new" / "vaults").exists()
    assert facts(run("tenant", "list", "--json"))["tenants"][0]["slug"] == "one"


def test_a_backup_that_was_changed_is_refused(run: Run, tmp_path: Path, backed_up: dict[str, Any]) -> None:
    part = max((tmp_path / "store").rglob("parts/*"), key=lambda path: path.stat().st_size)
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    done = run("backup", "verify", "--json")
    assert (done.returncode, '"code": "backup_refused"' in done.stdout) == (2, True), done.stdout
    assert backed_up["sequence"] == 1
