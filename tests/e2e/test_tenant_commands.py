"""The commands for tenants and keys, as an administrator gives them: in processes of their own, on one home."""

import asyncio
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.unit.tenants.control.conftest import make_postgres_database, postgres_folder

__all__ = ["postgres_folder"]

COMMAND = Path(sys.executable).with_name("reelhouse")

type Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command on a home of its own; its streams are no terminal."""

    def called(*arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        known = {name: value for name, value in os.environ.items() if not name.startswith("REELHOUSE_")}
        return subprocess.run(
            [COMMAND, *arguments],
            env=known | {"REELHOUSE_HOME": str(tmp_path / "home"), "COLUMNS": "160"} | environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    return called


def facts(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_workspace_from_its_making_to_its_suspension(run: Run, tmp_path: Path) -> None:
    assert "There are no workspaces yet." in run("tenant", "list").stdout
    made = facts(run("tenant", "create", "acme", "--owner", "Ada@Example.org", "--name", "Acme Films", "--json"))
    shown = facts(run("tenant", "show", "acme", "--json"))
    assert (shown["id"], shown["name"], shown["state"]) == (made["id"], "Acme Films", "active")
    assert shown["members"] == [{"email": "ada@example.org", "role": "owner"}]
    assert (shown["key"]["version"], shown["vault"]["quarantined"]) == (1, None)
    assert (tmp_path / "home" / "vaults" / made["id"] / "vault.db").stat().st_size == shown["vault"]["bytes"]
    assert facts(run("tenant", "rotate-key", "acme", "--json")) == {"slug": "acme", "key_version": 2}
    assert facts(run("tenant", "show", "acme", "--json"))["key"]["version"] == 2
    assert run("tenant", "suspend", "acme", "--reason", "unpaid").stdout == "acme is suspended.\n"
    assert [each["state"] for each in facts(run("tenant", "list", "--json"))["tenants"]] == ["suspended"]
    again = run("tenant", "suspend", "acme")
    assert (again.returncode, "a tenant that is suspended can't become suspended" in again.stderr) == (1, True)
    assert run("tenant", "resume", "acme").stdout == "acme goes on.\n"
    listed = run("tenant", "list").stdout.splitlines()
    assert listed[0].split() == ["Slug", "Name", "State", "Members", "Made"]
    assert listed[1].split()[:5] == ["acme", "Acme", "Films", "active", "1"]


REFUSED = [
    (("tenant", "create", "acme", "--owner", "bob@example.org"), 1, 'the slug "acme" is in use'),
    (("tenant", "create", "No Slug", "--owner", "bob@example.org"), 2, "slug: must be 1 to 63 of a-z"),
    (("tenant", "create", "other", "--owner", "nobody"), 2, "email: is no e-mail address"),
    (("tenant", "show", "other"), 2, 'there is no tenant "other"'),
    (("tenant", "suspend", "other"), 2, 'there is no tenant "other"'),
]


def test_what_can_not_be_done_is_said_and_nothing_happens(run: Run) -> None:
    facts(run("tenant", "create", "acme", "--owner", "ada@example.org", "--json"))
    before = facts(run("tenant", "list", "--json"))
    for arguments, code, said in REFUSED:
        done = run(*arguments)
        assert (done.returncode, said in done.stderr) == (code, True), done.stderr
        assert "Traceback" not in done.stderr
    assert facts(run("tenant", "list", "--json")) == before


def test_the_master_key_is_replaced_and_everything_opens_with_the_new_one(run: Run, tmp_path: Path) -> None:
    for slug in ("one", "two"):
        facts(run("tenant", "create", slug, "--owner", "ada@example.org", "--json"))
    before = facts(run("key", "show", "--json"))
    assert (before["wrapped"], before["by_others"]) == (2, 0)
    assert facts(run("key", "rotate-master", "--json")) == {"rewrapped": 2, "is_complete": True, "refused": []}
    after = facts(run("key", "show", "--json"))
    assert after["master"] != before["master"]
    assert (after["wrapped"], after["by_others"]) == (2, 0)
    assert facts(run("tenant", "create", "three", "--owner", "ada@example.org", "--json"))
    secret = (tmp_path / "home" / "master.key").read_text().split()
    for done in (run("key", "show"), run("tenant", "show", "one"), run("key", "rotate-master")):
        assert not [word for word in secret if word in done.stdout + done.stderr]


def test_without_its_master_key_a_house_makes_no_other(run: Run, tmp_path: Path) -> None:
    facts(run("tenant", "create", "acme", "--owner", "ada@example.org", "--json"))
    key = tmp_path / "home" / "master.key"
    key.rename(tmp_path / "kept")
    done = run("tenant", "create", "other", "--owner", "ada@example.org")
    assert (done.returncode, "is missing" in done.stderr, "Hint: Restore it" in done.stderr) == (1, True, True)
    assert not key.exists()
    assert [each["slug"] for each in facts(run("tenant", "list", "--json"))["tenants"]] == ["acme"]
    (tmp_path / "kept").rename(key)
    assert facts(run("key", "show", "--json"))["wrapped"] == 1


def test_a_passphrase_is_asked_for_and_a_wrong_one_opens_nothing(run: Run, tmp_path: Path) -> None:
    sealed = {"REELHOUSE_MASTER_SOURCES": "passphrase"}
    spoken = "nine ducks crossed the frozen lake"
    create = ("tenant", "create", "acme", "--owner", "ada@example.org")
    made = run(*create, given=f"{spoken}\n{spoken}\n", **sealed)
    assert (made.returncode, "Made acme" in made.stdout) == (0, True), made.stderr
    assert not (tmp_path / "home" / "master.key").exists()
    wrong = run("key", "show", given="nine ducks crossed the frozen sea\n", **sealed)
    assert (wrong.returncode, "passphrase" in wrong.stderr.lower()) == (1, True)
    right = run("key", "show", "--json", given=f"{spoken}\n", **sealed)
    assert (right.returncode, '"wrapped": 1' in right.stdout) == (0, True), right.stderr
    assert run("tenant", "list", "--json", **sealed).returncode == 0  # what needs no key asks for none
    for done in (made, wrong, right):
        assert spoken not in done.stdout + done.stderr


def test_of_two_who_make_the_same_workspace_at_once_one_does(run: Run) -> None:
    assert run("tenant", "list").returncode == 0
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: run("tenant", "create", "acme", "--owner", "ada@example.org"), range(4)))
    assert sorted(each.returncode for each in done) == [0, 1, 1, 1], [each.stderr for each in done]
    assert [each.stderr for each in done if "Traceback" in each.stderr] == []
    shown = facts(run("tenant", "show", "acme", "--json"))
    assert (len(shown["members"]), shown["key"]["version"]) == (1, 1)
    assert facts(run("key", "show", "--json"))["wrapped"] == 1


def test_a_sealed_house_opens_nothing_until_it_is_unsealed(run: Run) -> None:
    facts(run("tenant", "create", "acme", "--owner", "ada@example.org", "--json"))
    assert run("seal", "--reason", "a laptop was stolen").stdout.startswith("The house is sealed.")
    refused = run("key", "show")
    assert (refused.returncode, "sealed by an administrator" in refused.stderr) == (1, True)
    assert run("tenant", "create", "other", "--owner", "ada@example.org").returncode == 1
    assert [each["slug"] for each in facts(run("tenant", "list", "--json"))["tenants"]] == ["acme"]
    assert run("unseal").stdout == "The house is unsealed.\n"
    assert facts(run("key", "show", "--json"))["wrapped"] == 1


def test_a_house_on_postgresql_goes_the_same_way(run: Run, tmp_path: Path, postgres_folder: str) -> None:
    database = {"REELHOUSE_DATABASE": asyncio.run(make_postgres_database(postgres_folder))}
    for slug in ("one", "two"):
        facts(run("tenant", "create", slug, "--owner", "ada@example.org", "--json", **database))
    assert run("tenant", "suspend", "one", **database).returncode == 0
    assert facts(run("key", "rotate-master", "--json", **database))["rewrapped"] == 2
    assert run("seal", **database).returncode == 0
    assert run("key", "show", **database).returncode == 1
    assert run("unseal", **database).returncode == 0
    assert facts(run("key", "show", "--json", **database))["wrapped"] == 2
    listed = facts(run("tenant", "list", "--json", **database))["tenants"]
    assert [(each["slug"], each["state"]) for each in listed] == [("one", "suspended"), ("two", "active")]
    assert not (tmp_path / "home" / "control.db").exists()


LOUD = "import logging, sys; logging.basicConfig(level=0); from webshell.cli.main import app; app(sys.argv[1:])"


def test_no_secret_is_said_with_everything_logged(tmp_path: Path) -> None:
    home = tmp_path / "home"
    spoken = "nine ducks crossed the frozen lake"
    create = ("tenant", "create", "acme", "--owner", "ada@example.org")
    said = ""
    secrets = {spoken}
    for sources, commands, given in (
        ("file", (create, ("key", "rotate-master"), ("key", "show"), ("seal",), ("unseal",)), ""),
        ("passphrase,file", (("key", "show"),), f"{spoken}\n{spoken}\n"),
        ("passphrase,file", (("key", "show"),), "nine ducks\n"),
    ):
        known = {name: value for name, value in os.environ.items() if not name.startswith("REELHOUSE_")}
        known |= {"REELHOUSE_HOME": str(home), "REELHOUSE_MASTER_SOURCES": sources, "PYTHONASYNCIODEBUG": "1"}
        for arguments in commands:
            done = subprocess.run(
                [sys.executable, "-c", LOUD, *arguments],
                env=known,
                input=given,
                capture_output=True,
                text=True,
                check=False,
            )
            assert "DEBUG" in done.stderr
            said += done.stdout + done.stderr
            secrets |= set((home / "master.key").read_text().split())
    assert "INSERT" in said  # statements are logged: a secret in one would have been noticed
    assert len(secrets) == 3
    assert [secret for secret in secrets if secret in said] == []


def test_commands_that_need_no_house_import_none() -> None:
    heavy = "print(sorted({'tortoise', 'cryptography', 'sqlcipher3', 'asyncpg'} & sys.modules.keys()))"
    code = f"import sys; from webshell.cli.commands import Commands; Commands()['render']; {heavy}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_workspace_is_erased_by_who_types_its_name_and_nothing_is_left(run: Run, tmp_path: Path) -> None:
    made = facts(run("tenant", "create", "acme", "--owner", "ada@example.org", "--json"))
    facts(run("tenant", "create", "other", "--owner", "bob@example.org", "--json"))
    vaults = tmp_path / "home" / "vaults"
    certificate = tmp_path / "certificate.json"
    erase = ("tenant", "erase", "acme", "--certificate", str(certificate))
    for refused in (run(*erase, given="other\n"), run(*erase, "--confirm", "Acme")):
        assert (refused.returncode, "nothing was erased" in refused.stderr) == (2, True), refused.stderr
    assert run("tenant", "erase", "nobody", "--certificate", str(certificate), "--confirm", "nobody").returncode == 2
    assert run("seal").returncode == 0
    assert run(*erase, "--confirm", "acme").returncode == 1
    assert run("unseal").returncode == 0
    assert (not certificate.exists(), (vaults / made["id"]).is_dir()) == (True, True)
    done = run(*erase, given="acme\n")
    assert (done.returncode, "acme is erased." in done.stdout) == (0, True), done.stderr
    said = json.loads(certificate.read_text())["certificate"]
    assert (said["tenant"], len(said["keys"])) == (made["id"], 1)
    assert not (vaults / made["id"]).exists()
    assert facts(run("key", "show", "--json"))["wrapped"] == 1
    assert run(*erase[:3], "--confirm", "acme", "--certificate", str(tmp_path / "again.json")).returncode == 2
    left = f"erased-{made['id'].replace('-', '')}"
    found = facts(run("tenant", "list", "--json"))["tenants"]
    assert {each["slug"]: each["state"] for each in found} == {left: "erased", "other": "active"}
    again = run("tenant", "erase", left, "--confirm", left, "--certificate", str(tmp_path / "again.json"))
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again.json").read_text() == certificate.read_text()


def test_a_workspace_is_exported_whole_and_over_nothing(run: Run, tmp_path: Path) -> None:
    made = facts(run("tenant", "create", "acme", "--owner", "ada@example.org", "--json"))
    file = tmp_path / "acme.zip"
    done = run("tenant", "export", "acme", "-o", str(file))
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read("manifest.json"))["tenant"] == made["id"]
    kept = file.read_bytes()
    again = run("tenant", "export", "acme", "-o", str(file))
    assert (again.returncode, "is there already" in again.stderr, file.read_bytes() == kept) == (2, True, True)
    assert run("tenant", "export", "other", "-o", str(tmp_path / "other.zip")).returncode == 2
    assert not (tmp_path / "other.zip").exists()
