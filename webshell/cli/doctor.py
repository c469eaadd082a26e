"""The command ``reelhouse doctor``: what this kernel offers, what the cage enforces with it, and whether it holds."""

import json
import os
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from core.cage import STRICT, WEAK_VARIABLE, KernelOffer, policy_of
from core.cage.proof import Proof, prove
from webshell.cli.errors import FAILED

app = typer.Typer()

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.command("doctor")
def doctor(as_json: JsonFlag = False) -> None:
    """Say what this machine offers to lock media work up, and try whether the lock holds; exit with 1 if not."""
    proof = prove()
    missing = proof.offer.missing(STRICT)
    is_enforced = proof.holds and not missing
    is_weak_accepted = policy_of(os.environ).accepts_weak
    if as_json:
        facts = {
            "kernel": asdict(proof.offer),
            "missing": missing,
            "enforced": enforced(proof.offer),
            "attempts": [{"attempt": name, "refused": refused} for name, refused in proof.refused.items()],
            "is_enforced": is_enforced,
            "is_untrusted_media_accepted": is_enforced or is_weak_accepted,
        }
        print(json.dumps(facts, indent=2))  # noqa: T201 - Rich would wrap it
    else:
        _show(proof, missing)
        _conclude(is_enforced=is_enforced, is_weak_accepted=is_weak_accepted)
    if not is_enforced:
        raise typer.Exit(FAILED)


def enforced(offer: KernelOffer) -> dict[str, bool]:
    """Return what the cage enforces with what a kernel offers; memory, time and disk are limited on every one."""
    return {
        "files: a job's folder, its inputs and code alone": offer.landlock_abi > 0,
        "system calls: those that media work needs": offer.has_seccomp,
        "network: none": offer.has_seccomp or "net" in offer.namespaces,
        "network: a namespace without interfaces as well": "net" in offer.namespaces,
        "processes: threads alone, nothing is run": offer.has_seccomp,
        "limits: memory, processor, disk, files, seconds": True,
    }


def _show(proof: Proof, missing: tuple[str, ...]) -> None:
    offer = proof.offer
    _list(
        "Kernel",
        {
            "machine": offer.machine,
            "seccomp filters": _yes(offer.has_seccomp),
            "Landlock": f"version {offer.landlock_abi}" if offer.landlock_abi else _yes(False),
            "namespaces": ", ".join(offer.namespaces) or _yes(False),
            "control groups v2": _yes(offer.has_cgroup_v2) + " (not used)",
            "missing": ", ".join(missing) or "nothing",
        },
    )
    _list("Enforced for every job", {name: _yes(is_on) for name, is_on in enforced(offer).items()})
    _list(
        "Tried in a cage",
        {name: "[green]refused[/]" if refused else "[red]worked[/]" for name, refused in proof.refused.items()},
    )


def _list(title: str, rows: dict[str, str]) -> None:
    table = Table(show_header=False, box=None, title=title, title_justify="left", title_style="bold")
    for name, value in rows.items():
        table.add_row(f"  {name}", value)
    _console().print(table)


def _conclude(*, is_enforced: bool, is_weak_accepted: bool) -> None:
    if is_enforced:
        text = "[bold green]Good[/]: untrusted media is only opened in the cage"
    elif is_weak_accepted:
        text = f"[bold yellow]Weak[/]: untrusted media is opened all the same, as {WEAK_VARIABLE} is set"
    else:
        text = f"[bold red]Refused[/]: untrusted media is not opened here; {WEAK_VARIABLE}=1 does with what there is"
    _console().print(text, soft_wrap=True)


def _yes(is_so: bool) -> str:
    return "[green]yes[/]" if is_so else "[red]no[/]"


def _console() -> Console:
    return Console(highlight=False)
