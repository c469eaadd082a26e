"""``reelhouse doctor``: what it says of a kernel, and the codes it exits with."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.cage import KernelOffer
from core.cage.proof import Proof, prove
from webshell.cli import doctor
from webshell.cli.main import app

REPOSITORY = Path(__file__).parents[3]
STRONG = KernelOffer(
    machine="x86_64",
    has_seccomp=True,
    landlock_abi=7,
    namespaces=("user", "net", "ipc", "uts"),
    has_cgroup_v2=True,
)
REFUSED = {"read a file outside the job's folder": True, "open a network socket": True}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REELHOUSE_SANDBOX_WEAK", raising=False)


def reelhouse(monkeypatch: pytest.MonkeyPatch, proof: Proof, *arguments: str) -> Result:
    monkeypatch.setattr(doctor, "prove", lambda: proof)
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner().invoke(app, ["doctor", *arguments])


def told(done: Result) -> dict[str, str]:
    """Return the lines that say something of a subject."""
    parts = [line.strip().split("  ", 1) for line in done.stdout.splitlines()]
    return {part[0]: part[1].strip() for part in parts if len(part) == 2}


def test_a_strong_kernel_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    done = reelhouse(monkeypatch, Proof(offer=STRONG, refused=REFUSED))
    assert done.exit_code == 0
    facts = told(done)
    assert facts["seccomp filters"] == "yes"
    assert facts["Landlock"] == "version 7"
    assert facts["namespaces"] == "user, net, ipc, uts"
    assert facts["missing"] == "nothing"
    assert facts["open a network socket"] == "refused"
    assert "Good: untrusted media is only opened in the cage" in done.stdout


def test_a_kernel_without_landlock_refuses_untrusted_media(monkeypatch: pytest.MonkeyPatch) -> None:
    weak = replace(STRONG, landlock_abi=0, namespaces=())
    refused = REFUSED | {"read a file outside the job's folder": False}
    done = reelhouse(monkeypatch, Proof(offer=weak, refused=refused))
    assert done.exit_code == 1
    facts = told(done)
    assert facts["Landlock"] == facts["namespaces"] == "no"
    assert facts["missing"] == "Landlock 4 (there is none)"
    assert facts["files: a job's folder, its inputs and code alone"] == "no"
    assert facts["network: none"] == "yes"
    assert facts["read a file outside the job's folder"] == "worked"
    assert "Refused: untrusted media is not opened here; REELHOUSE_SANDBOX_WEAK=1" in done.stdout


def test_the_setting_accepts_a_weak_kernel_and_the_exit_code_still_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELHOUSE_SANDBOX_WEAK", "1")
    weak = Proof(offer=replace(STRONG, has_seccomp=False), refused=REFUSED)
    done = reelhouse(monkeypatch, weak)
    assert done.exit_code == 1
    assert "Weak: untrusted media is opened all the same" in done.stdout
    facts = json.loads(reelhouse(monkeypatch, weak, "--json").stdout)
    assert facts["is_enforced"] is False
    assert facts["is_untrusted_media_accepted"] is True
    assert facts["missing"] == ["seccomp filters"]
    assert facts["enforced"]["network: none"] is True
    assert facts["enforced"]["processes: threads alone, nothing is run"] is False


def test_an_attempt_that_works_is_told_though_the_kernel_looks_strong(monkeypatch: pytest.MonkeyPatch) -> None:
    done = reelhouse(monkeypatch, Proof(offer=STRONG, refused=REFUSED | {"open a network socket": False}), "--json")
    assert done.exit_code == 1
    facts = json.loads(done.stdout)
    assert facts["is_enforced"] is facts["is_untrusted_media_accepted"] is False
    assert {"attempt": "open a network socket", "refused": False} in facts["attempts"]


def test_the_proof_of_this_kernel_holds() -> None:
    proof = prove()
    assert proof.holds
    assert len(proof.refused) == 6
    assert proof.offer.has_seccomp


def test_what_is_enforced_and_the_setting_are_documented() -> None:
    text = (REPOSITORY / "docs" / "sandbox.md").read_text()
    assert "REELHOUSE_SANDBOX_WEAK" in text
    for code in ("cage_refused", "cage_failed", "cage_lost", "job_killed", "job_crashed", "forbidden_call"):
        assert f"`{code}`" in text
    for code in ("deadline_passed", "cpu_exceeded", "memory_exceeded", "disk_exceeded", "threads_exceeded"):
        assert f"`{code}`" in text
