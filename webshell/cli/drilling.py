"""The commands ``reelhouse backup drill|status``: try restoring, and see when that succeeded last."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from tenants.backups.drilling import Drill, drill, last_drill
from tenants.backups.noting import LastBackup, last_backup
from tenants.backups.recipients import recipient_at
from tenants.house.backing_up import source_of
from tenants.house.house import House
from tenants.house.unsealing import masters_of
from webshell.cli.in_house import in_house, with_passphrase
from webshell.cli.in_store import KeyFile, Store, opened_store

app = typer.Typer()

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

console = Console()


@app.command("status")
def status(as_json: JsonFlag = False) -> None:
    """Show when the house was backed up last, and when restoring was tried last with success."""

    async def told(_house: House) -> tuple[LastBackup | None, Drill | None]:
        return await last_backup(), await last_drill()

    backup, drilled = in_house(told)
    if as_json:
        shown = {
            "backup": backup and {"at": backup.at.isoformat(), "sequence": backup.sequence, "failed": backup.failed},
            "drill": drilled and {"at": drilled.at.isoformat(), "sequence": drilled.sequence, "rows": drilled.rows},
        }
        _print_json(shown)
        return
    console.print(
        f"Last backup: {backup.sequence}, {backup.at:%Y-%m-%d %H:%M} UTC" if backup else "No backup was made yet."
    )
    console.print(
        f"Last drill: of backup {drilled.sequence}, {drilled.at:%Y-%m-%d %H:%M} UTC"
        if drilled
        else "Restoring was never tried: reelhouse backup drill"
    )


@app.command("drill")
def try_restoring(store: Store, key: KeyFile, as_json: JsonFlag = False) -> None:
    """Restore the newest backup apart from the house, compare it with what was written, and throw it away."""

    async def tried(house: House) -> Drill:
        masters = await with_passphrase(house.settings, lambda passphrase: masters_of(house.settings, passphrase))
        async with opened_store(store) as opened:
            return await drill(
                source_of(house), opened, masters=masters, recipient=recipient_at(key), now=datetime.now(UTC)
            )

    done = in_house(tried)
    if as_json:
        _print_json({"sequence": done.sequence, "vaults": done.vaults, "rows": done.rows})
    else:
        console.print(f"Backup {done.sequence} came back whole: {told_vaults(done.vaults)}, {done.rows} rows.")


def told_vaults(count: int) -> str:
    """Say how many vaults."""
    return "1 vault" if count == 1 else f"{count} vaults"


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
